package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.FetchChunk;
import io.understudy.state.PeerMessage.Pull;
import io.understudy.state.PeerMessage.SnapshotOffer;

/** What a copy gives of its log and its snapshots to one that lacks them. */
final class Source {
  static final int MOST_UPDATES = 1_000;
  static final int MOST_BYTES = Batches.MOST_BYTES;

  private Source() {}

  /** To a sequencer that recovers: all it wants may have been committed, so all may be applied. */
  static void answer(Turn turn, Pull pull) {
    var to = pull.sender().copy();
    var common = turn.log.lineage().common(pull.lineage());
    if (common.isEmpty()) {
      offer(turn, to);
      return;
    }
    var next = turn.log.slice(common.get().sequence(), turn.log.last(), MOST_UPDATES, MOST_BYTES);
    turn.send(to, new Append(turn.sender(), common.get(), next, turn.log.last(), 0));
  }

  static void answer(Turn turn, FetchChunk fetch) {
    if (turn.snapshots.at(fetch.at()).isPresent()) {
      turn.emit(new Output.ReadChunk(fetch.sender().copy(), fetch.at(), fetch.offset()));
    } else {
      offer(turn, fetch.sender().copy());
    }
  }

  /** Returns which one. */
  static Position offer(Turn turn, CopyId to) {
    var newest = turn.snapshots.newest();
    var at = newest.map(Snapshots.Held::at).orElse(Position.NONE);
    var bytes = newest.map(Snapshots.Held::bytes).orElse(0L);
    turn.send(to, new SnapshotOffer(turn.sender(), at, bytes));
    return at;
  }
}
