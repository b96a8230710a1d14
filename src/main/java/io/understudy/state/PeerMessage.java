package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import java.util.List;

/** What the copies of a module tell each other. They may be lost, late, repeated and disordered. */
public sealed interface PeerMessage {
  Sender sender();

  /**
   * Who sent it, and in which epoch. A lower epoch than one's own is refused (I4).
   *
   * @param run of the copy, so that what an earlier run had is not taken for what this one has
   */
  record Sender(Epoch epoch, CopyId copy, long run) {}

  /**
   * From the sequencer; and to a sequencer that recovers, from a copy whose log it takes.
   *
   * @param previous where they go on; a log that does not have it is {@link Behind}
   * @param updates none: a sign of life
   * @param commit the last sequence that may be applied, as far as the receiver has it by now
   * @param round to be echoed
   */
  record Append(Sender sender, Position previous, List<Update> updates, long commit, long round)
      implements PeerMessage {
    public Append {
      updates = List.copyOf(updates);
    }
  }

  /**
   * The sender's log is the receiver's up to here.
   *
   * @param round of the last Append heard
   */
  record Appended(Sender sender, Position end, long round) implements PeerMessage {}

  /** To the sequencer: what my log has; send what I lack, or offer a snapshot. */
  record Behind(Sender sender, Lineage lineage) implements PeerMessage {}

  /** From a sequencer that recovers: what my log has; send the next of yours. */
  record Pull(Sender sender, Lineage lineage) implements PeerMessage {}

  /** My log does not reach back to yours: fetch this. */
  record SnapshotOffer(Sender sender, Position at, long bytes) implements PeerMessage {}

  /** The piece of the snapshot from this offset on. */
  record FetchChunk(Sender sender, Position at, long offset) implements PeerMessage {}

  /** At most {@link Replica#CHUNK_BYTES} of the snapshot's file. */
  record Chunk(Sender sender, Position at, long offset, long total, Bytes bytes)
      implements PeerMessage {}

  /** From a sequencer that recovers: how much do you have? */
  record Inquire(Sender sender) implements PeerMessage {}

  record Inquired(Sender sender, Position end) implements PeerMessage {}

  /** Hot: requests that another copy than the sequencer has accepted. */
  record Forward(Sender sender, List<Request> requests) implements PeerMessage {
    public Forward {
      requests = List.copyOf(requests);
    }
  }

  /** Hot: {@link Input.Barrier} at another copy than the sequencer. */
  record ForwardBarrier(Sender sender, long ticket) implements PeerMessage {}

  /** To the origin of a forwarded request that makes no update: it read, or had been done. */
  record Answered(Sender sender, Origin origin, Reply reply) implements PeerMessage {}
}
