package io.understudy.state;

import static io.understudy.state.Trio.A1;
import static io.understudy.state.Trio.A2;
import static io.understudy.state.Trio.A3;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Epoch;
import io.understudy.model.ReplicationStyle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a copy costs the others that does not keep up. */
class LaggardTest {
  private static final Bytes SHORT = Bytes.of(new byte[10]);
  private static final Bytes LONG = Bytes.of(new byte[40_000]);
  private static final Bytes LONGEST = Bytes.of(new byte[Batches.LONGEST]);

  private final Trio warm = new Trio(ReplicationStyle.WARM);
  private long ticket;

  private Trio lagging() {
    return warm.deaf(A3).order(1, A1).pass(400).order(1, A1, A1, A2);
  }

  private static Position at(long sequence) {
    return new Position(new Epoch(1), sequence);
  }

  private void ask(Bytes command) {
    var request = warm.replicas.get(A1).request(++ticket, Optional.empty(), command);
    warm.give(A1, new Input.Ask(List.of(request)));
    warm.deliver();
  }

  /** Ticks, and gives A1 the snapshot that it asks for. */
  private void snapshot() {
    warm.give(A1, new Input.Tick());
    warm.give(A1, new Input.Captured(captures()));
    List.copyOf(warm.said(A1, Output.WriteSnapshot.class))
        .forEach(written -> warm.give(A1, new Input.SnapshotWritten(written.header().at(), 1)));
    warm.give(A1, new Input.Tick());
    warm.deliver();
  }

  private int captures() {
    return warm.said(A1, Output.Capture.class).size();
  }

  private Output.KeepSnapshots kept() {
    return warm.said(A1, Output.KeepSnapshots.class).getLast();
  }

  @Test
  @DisplayName("A1:S+ A2:F+ A3:F hears nothing => A1 keeps the ends of its log, not each snapshot")
  void fewSnapshots() {
    checkpointing();
    for (var sequence = 1; sequence <= 10; sequence++) {
      ask(SHORT);
      snapshot();
    }
    assertThat(captures()).isEqualTo(10);
    assertThat(kept().own()).hasSizeLessThanOrEqualTo(3).contains(at(10));
  }

  /** After each update. */
  private void checkpointing() {
    var each = new CheckpointPolicy.Periodic(1, Duration.ofHours(1));
    warm.spec = warm.spec.withCheckpoint(each);
    warm.deaf(A3).order(1, A1).pass(200);
    warm.give(A1, new Input.CheckpointLoaded(new Epoch(1), Optional.empty(), 0, List.of()));
    warm.pass(400).order(1, A1, A1, A2);
  }

  @Test
  @DisplayName("A1:S+ has three snapshots, A2 takes over as it decides => back to the newest")
  void backToTheNewest() {
    checkpointing();
    for (var sequence = 1; sequence <= 3; sequence++) {
      ask(SHORT);
      snapshot();
    }
    var request = warm.replicas.get(A1).request(++ticket, Optional.empty(), SHORT);
    warm.give(A1, new Input.Ask(List.of(request)));
    warm.order(2, A2, A2).pass(100);
    assertThat(warm.said(A1, Output.Install.class)).containsExactly(new Output.Install(at(3)));
    assertThat(kept().own()).containsExactly(at(3));
  }

  @Test
  @DisplayName("A1:S+ keeps a long log for A3:F => it takes a snapshot of what is new, not more")
  void snapshotsOfWhatIsNew() {
    lagging();
    for (var sequence = 1; sequence <= 1_000; sequence++) {
      ask(LONG);
    }
    snapshot();
    assertThat(kept().own()).containsExactly(at(1_000));
    assertThat(warm.replicas.get(A1).logBytes()).isGreaterThan(40_000_000);
    for (var sequence = 1; sequence <= 1_000; sequence++) {
      ask(SHORT);
    }
    warm.give(A1, new Input.Tick());
    assertThat(captures()).isEqualTo(1);
  }

  @Test
  @DisplayName("A1:S+ numbers few updates, but long ones => a snapshot before its log is full")
  void longUpdates() {
    lagging();
    for (var sequence = 1; sequence <= 300; sequence++) {
      ask(LONGEST);
      if (sequence % 10 == 0) {
        snapshot();
      }
    }
    assertThat(captures()).isBetween(5, 15);
    assertThat(warm.replicas.get(A1).logBytes()).isLessThan(100 << 20);
    assertThat(warm.replicas.get(A1).end()).isEqualTo(at(300));
  }

  @Test
  @DisplayName("A3:F's disk is full => it asks for the snapshot again, but not at once")
  void fullDisk() {
    lagging().offer(A3, at(7));
    warm.give(A3, new Input.PieceFailed(at(7), "no space"));
    heard();
    assertThat(behind()).isZero();
    warm.pass(600);
    heard();
    assertThat(behind()).isEqualTo(1);
  }

  @Test
  @DisplayName("A3:F's disk is slow => it asks for no more of a snapshot than it can write")
  void slowDisk() {
    lagging().offer(A3, at(7));
    for (var piece = 0; piece < 100; piece++) {
      come(piece);
    }
    warm.pass(1_000);
    assertThat(stored()).as("in memory").isEqualTo(8);
    for (var piece = 0; piece < 100; piece++) {
      warm.give(A3, new Input.PieceStored(at(7), (piece + 1L) * Replica.CHUNK_BYTES));
      come(piece + 8);
      come(piece + 9);
    }
    assertThat(stored()).isEqualTo(108);
  }

  /** If it is wanted. */
  private void come(int piece) {
    var sender = new PeerMessage.Sender(new Epoch(1), A1, 1);
    var bytes = Bytes.of(new byte[Replica.CHUNK_BYTES]);
    var total = 1L << 30;
    var offset = (long) piece * Replica.CHUNK_BYTES;
    var wanted =
        warm.said(A3, Output.Send.class).stream()
            .map(Output.Send::message)
            .filter(PeerMessage.FetchChunk.class::isInstance)
            .map(PeerMessage.FetchChunk.class::cast)
            .anyMatch(asked -> asked.offset() == offset);
    if (wanted) {
      var chunk = new PeerMessage.Chunk(sender, at(7), offset, total, bytes);
      warm.give(A3, new Input.Received(chunk));
    }
  }

  private int stored() {
    return warm.said(A3, Output.StoreChunk.class).size();
  }

  private void heard() {
    var sender = new PeerMessage.Sender(new Epoch(1), A1, 1);
    warm.give(A3, new Input.Received(new PeerMessage.Append(sender, at(9), List.of(), 9, 0)));
  }

  private long behind() {
    return warm.said(A3, Output.Send.class).stream()
        .filter(sent -> sent.message() instanceof PeerMessage.Behind)
        .count();
  }

  @Test
  @DisplayName("each update stored, then not, then again => what is stored follows what there is")
  void policyAndBack() {
    var each = new CheckpointPolicy.EachUpdate();
    warm.spec = warm.spec.withCheckpoint(each);
    warm.order(1, A1);
    warm.give(A1, new Input.CheckpointLoaded(new Epoch(1), Optional.empty(), 0, List.of()));
    warm.pass(200).order(1, A1, A1, A2, A3);
    ask(SHORT); // its storing takes long
    var periodic = new CheckpointPolicy.Periodic(1, Duration.ofHours(1));
    warm.spec = warm.spec.withCheckpoint(periodic);
    warm.order(1, A1, A1, A2, A3);
    ask(SHORT);
    snapshot();
    assertThat(kept().own()).containsExactly(at(2));
    warm.give(A1, new Input.CheckpointSaved(at(2)));
    warm.give(A1, new Input.CheckpointAppended(at(1)));
    warm.spec = warm.spec.withCheckpoint(each);
    warm.order(1, A1, A1, A2, A3);
    ask(SHORT);
    assertThat(warm.said(A1, Output.AppendCheckpoint.class).getLast().updates())
        .extracting(Update::at)
        .containsExactly(at(3));
  }

  @Test
  @DisplayName("nothing stored, then each update, and there is another log => a snapshot first")
  void anotherLogThere() {
    lagging();
    ask(SHORT);
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    warm.order(1, A1, A1, A2);
    var there = Lineage.of(new Position(new Epoch(0), 8), List.of());
    warm.give(A1, new Input.CheckpointClaimed(new Epoch(1), there));
    ask(SHORT);
    snapshot();
    assertThat(warm.said(A1, Output.SaveCheckpoint.class))
        .containsExactly(new Output.SaveCheckpoint(new Epoch(1), at(2)));
    warm.give(A1, new Input.CheckpointSaved(at(2)));
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.Done.class);
  }
}
