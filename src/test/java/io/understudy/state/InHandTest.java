package io.understudy.state;

import static io.understudy.state.Trio.A1;
import static io.understudy.state.Trio.A2;
import static io.understudy.state.Trio.A3;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.ReplicationStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits at a copy is bounded, whoever does not answer. */
class InHandTest {
  private static final Bytes KILOBYTES_500 = Bytes.of(new byte[500_000]);

  private final Trio warm = new Trio(ReplicationStyle.WARM);

  /** So many times, under the tickets from 1,000 on. */
  private static List<Request> times(int times, Trio group, CopyId copy, Optional<RequestId> id) {
    return LongStream.range(1_000, 1_000 + times)
        .mapToObj(ticket -> group.replicas.get(copy).request(ticket, id, KILOBYTES_500))
        .toList();
  }

  /** A1 has numbered c's request 1, which is never committed. */
  private void stuck() {
    warm.order(1, A1).pass(200).order(1, A1, A1, A2, A3).deaf(A2, A3).ask(A1, 1, "c", 1);
  }

  @Test
  @DisplayName(
      "A1:S+ A2:F+ is silent, A1 is asked the same 100,001 times => turned away, as any barrier is")
  void repeated() {
    stuck();
    var again = times(100_001, warm, A1, Optional.of(new RequestId("c", 1)));
    warm.give(A1, new Input.Ask(again));
    warm.give(A1, new Input.Barrier(2));
    assertThat(warm.answers(A1, 1_000)).isEmpty();
    assertThat(warm.answers(A1, 101_000)).singleElement().isInstanceOf(Reply.Overloaded.class);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.Overloaded.class);
  }

  @Test
  @DisplayName("A1:S+ A2:F+ is silent for 10 s => who repeated or asks to read is told so")
  void expired() {
    stuck();
    warm.ask(A1, 2, "c", 1).give(A1, new Input.Barrier(3));
    warm.pass(9_900);
    assertThat(warm.answers(A1, 2)).isEmpty();
    warm.pass(200);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(warm.answers(A1, 3)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(warm.answers(A1, 1)).as("it may be committed yet").isEmpty();
  }

  @Test
  @DisplayName(
      "A1:S's module is slow, 500 requests of 500 kB come => those over 64 MiB have to wait")
  void deciding() {
    warm.order(1, A1).pass(200).order(1, A1, A1);
    warm.give(A1, new Input.Ask(times(500, warm, A1, Optional.empty())));
    var given = new ArrayList<Request>();
    warm.said(A1, Output.Decide.class).forEach(decide -> given.addAll(decide.requests()));
    assertThat(given).hasSizeBetween(130, 140);
    assertThat(warm.answers(A1, 1_499)).singleElement().isInstanceOf(Reply.Overloaded.class);
  }

  @Test
  @DisplayName("A1:S waits for the Checkpoint Server, much is asked => what is over is turned away")
  void recovering() {
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    warm.order(1, A1);
    for (var one : times(200, warm, A1, Optional.empty())) {
      warm.give(A1, new Input.Ask(List.of(one)));
    }
    assertThat(warm.answers(A1, 1_000)).isEmpty();
    assertThat(warm.answers(A1, 1_199)).singleElement().isInstanceOf(Reply.Overloaded.class);
  }

  @Test
  @DisplayName("A1:S waits for the Checkpoint Server, 10,002 barriers => the last is turned away")
  void recoveringBarriers() {
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    warm.order(1, A1);
    LongStream.rangeClosed(1, 10_002).forEach(ticket -> warm.give(A1, new Input.Barrier(ticket)));
    assertThat(warm.answers(A1, 10_000)).isEmpty();
    assertThat(warm.answers(A1, 10_002)).singleElement().isInstanceOf(Reply.Overloaded.class);
  }

  @Test
  @DisplayName("hot: A1:S+ is silent, A2 is asked much => what is over 64 MiB is turned away")
  void forwarded() {
    var hot = new Trio(ReplicationStyle.HOT).order(1, A1).pass(200).order(1, A1, A1, A2, A3);
    hot.deaf(A1);
    for (var one : times(200, hot, A2, Optional.empty())) {
      hot.give(A2, new Input.Ask(List.of(one)));
    }
    assertThat(hot.answers(A2, 1_000)).isEmpty();
    assertThat(hot.answers(A2, 1_199)).singleElement().isInstanceOf(Reply.Overloaded.class);
    hot.pass(11_000).give(A2, new Input.Ask(times(1, hot, A2, Optional.empty())));
    assertThat(hot.replicas.get(A2).sequencing()).isFalse();
    assertThat(hot.answers(A2, 1_000)).as("given up, and there is room again").hasSize(1);
  }

  @Test
  @DisplayName("A2:F's disk is full, so it keeps its log => at some length it takes no more")
  void noRoomForSnapshots() {
    for (var sequence = 1L; sequence <= 3_000; sequence++) {
      warm.give(A2, new Input.Received(append(sequence)));
      if (sequence % 100 == 0) {
        warm.give(A2, new Input.Tick());
        warm.give(A2, new Input.SnapshotFailed("no space"));
      }
    }
    assertThat(warm.replicas.get(A2).logBytes()).isLessThan(300L << 20);
  }

  private static PeerMessage.Append append(long sequence) {
    var sender = new PeerMessage.Sender(new Epoch(1), A1, 1);
    var update =
        new Update(at(sequence), Optional.empty(), Optional.empty(), KILOBYTES_500, Bytes.EMPTY);
    return new PeerMessage.Append(sender, at(sequence - 1), List.of(update), sequence, 0);
  }

  private static Position at(long sequence) {
    return sequence == 0 ? Position.NONE : new Position(new Epoch(1), sequence);
  }
}
