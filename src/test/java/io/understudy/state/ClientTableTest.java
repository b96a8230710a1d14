package io.understudy.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
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

/** Whose last request is known. */
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
  @DisplayName("long replies => no more of them than two generations have room for")
  void bytes() {
    var mebibyte = 1 << 20;
    var most = (int) (ClientTable.MOST_BYTES / mebibyte);
    var table = ClientTable.EMPTY.plus(others(4 * most, mebibyte));
    assertThat(table.young().size() + table.old().size()).isBetween(most, 2 * most);
    assertThat(table.last("other" + (4 * most - 1))).isPresent();
  }

  @Test
  @DisplayName("written and read => the same, so that all copies go on alike")
  void serialized() throws IOException {
    var table = ClientTable.EMPTY.plus(others(100, 7)).plus(by("other3", 200, 9));
    var bytes = new ByteArrayOutputStream();
    table.writeTo(new DataOutputStream(bytes));
    var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(ClientTable.readFrom(in)).isEqualTo(table);
  }
}
