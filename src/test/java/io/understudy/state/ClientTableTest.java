package io.understudy.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
import io.understudy.state.ClientTable.Kept;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whose last request is known. */
@Execution(ExecutionMode.CONCURRENT)
class ClientTableTest {
  private static Update by(String client, long sequence, int replied) {
    return new Update(
        new Position(new Epoch(1), sequence),
        Optional.of(new RequestId(client, 1)),
        Optional.empty(),
        Bytes.EMPTY,
        Bytes.wrap(new byte[replied]));
  }

  private static List<Update> others(int count, int replied) {
    return LongStream.range(0, count).mapToObj(i -> by("other" + i, i + 2, replied)).toList();
  }

  @Test
  @DisplayName(
      "as many others as a generation has => it is still known; twice as many => it is not")
  void names() {
    var one = ClientTable.EMPTY.plus(by("one", 1, 1));
    var others = others(2 * ClientTable.GENERATION, 1);
    assertThat(one.plus(others.subList(0, ClientTable.GENERATION)).last("one")).isPresent();
    var all = one.plus(others);
    assertThat(all.last("one")).isEmpty();
    assertThat(all.young().size() + all.old().size()).isLessThanOrEqualTo(others.size());
  }

  @Test
  @DisplayName("long replies => no more of them than two generations have room for, all requests")
  void longReplies() {
    var mebibyte = 1 << 20;
    var most = (int) (LongReplies.MOST_BYTES / mebibyte);
    var others = others(4 * most, mebibyte);
    var table = ClientTable.EMPTY.plus(others);
    var kept = others.stream().map(one -> table.last(one.request().get().client()).get()).toList();
    assertThat(kept)
        .extracting(Kept::at)
        .containsExactlyElementsOf(others.stream().map(Update::at).toList());
    var replies = kept.stream().filter(one -> one.reply().isPresent()).toList();
    assertThat(replies).hasSizeBetween(most, 2 * most).contains(kept.getLast());
  }

  @Test
  @DisplayName("many clients, just too long replies => no more of them than of their requests")
  void manyLongReplies() {
    var others = others(4 * ClientTable.GENERATION, ClientTable.LONGEST_HERE + 1);
    var replies = ClientTable.EMPTY.plus(others).replies();
    assertThat(replies.young().size() + replies.old().size())
        .isLessThanOrEqualTo(2 * ClientTable.GENERATION);
  }

  @Test
  @DisplayName("a long reply, then a short one and a later request's long one => each is its own")
  void whichReply() {
    var table = ClientTable.EMPTY;
    for (var length : List.of(1000, 3, 2000, 3, ClientTable.LONGEST_HERE, 257)) {
      var at = new Position(new Epoch(1), table.last("c").map(it -> it.number() + 1).orElse(1L));
      var reply = Bytes.wrap(new byte[length]);
      var id = new RequestId("c", at.sequence());
      table = table.plus(new Update(at, Optional.of(id), Optional.empty(), Bytes.EMPTY, reply));
      assertThat(table.last("c")).contains(new Kept(at.sequence(), at, Optional.of(reply)));
    }
  }

  @Test
  @DisplayName(
      "a snapshot of version 1, which the Checkpoint Server may have => is read all the same")
  void versionOne() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(0x55530001);
    Wire.write(out, new Position(new Epoch(1), 3));
    for (var generation :
        List.of(List.of(by("a", 3, 900)), List.of(by("b", 1, 7), by("a", 2, 5)))) {
      out.writeInt(generation.size());
      for (var update : generation) {
        out.writeUTF(update.request().get().client());
        out.writeLong(update.request().get().number());
        Wire.write(out, update.at());
        update.reply().writeTo(out);
      }
    }
    var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    var header = SnapshotHeader.readFrom(in);
    assertThat(header.at()).isEqualTo(new Position(new Epoch(1), 3));
    assertThat(header.clients().last("a"))
        .contains(new Kept(1, by("a", 3, 900).at(), Optional.of(by("a", 3, 900).reply())));
    assertThat(header.clients().last("b")).map(Kept::at).contains(by("b", 1, 7).at());
    assertThat(in.available()).as("the module's own bytes come next").isZero();
    assertThat(afterHeader(bytes)).isEqualTo("the module's own");
  }

  private static String afterHeader(ByteArrayOutputStream header) throws IOException {
    var bytes = new ByteArrayOutputStream();
    header.writeTo(bytes);
    new DataOutputStream(bytes).writeUTF("the module's own");
    var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    SnapshotHeader.skip(in);
    return in.readUTF();
  }

  @Test
  @DisplayName("two generations of clients with short and long replies => what follows is found")
  void skipped() throws IOException {
    var table =
        ClientTable.EMPTY
            .plus(others(ClientTable.GENERATION, 7))
            .plus(List.of(by("one", 1, 900), by("name with \u00e9", 2, 0)));
    var bytes = new ByteArrayOutputStream();
    var header = new SnapshotHeader(new Position(new Epoch(1), 2), table);
    header.writeTo(new DataOutputStream(bytes));
    assertThat(afterHeader(bytes)).isEqualTo("the module's own");
  }

  @Test
  @DisplayName("written and read => the same, so that all copies go on alike")
  void serialized() throws IOException {
    var table = ClientTable.EMPTY.plus(others(100, 7)).plus(by("other3", 200, 900));
    var bytes = new ByteArrayOutputStream();
    table.writeTo(new DataOutputStream(bytes));
    var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(ClientTable.readFrom(in)).isEqualTo(table);
  }
}
