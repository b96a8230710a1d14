package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import java.util.List;
import java.util.Set;

/**
 * What is to be done, in this order. {@link Decide}, {@link Apply}, {@link Install} and {@link
 * Capture} go to the module, which does them one after the other.
 */
public sealed interface Output {
  record Send(CopyId to, PeerMessage message) implements Output {}

  /**
   * The module decides on these, one by one, each on the state that the one before it left; {@link
   * Input.Decided} returns the decisions.
   *
   * @param generation decisions of an earlier one are no longer wanted
   */
  record Decide(long generation, List<Request> requests) implements Output {}

  /** These are committed and go on from what the module has: each is given once. */
  record Apply(List<Update> updates) implements Output {}

  /**
   * The module forgets its state and takes that of the snapshot here, whose file is in the copy's
   * folder; with {@link Position#NONE} its initial one.
   */
  record Install(Position at) implements Output {}

  /**
   * The module's state, after all that it has been given before; {@link Input.Captured} follows.
   */
  record Capture(long number) implements Output {}

  /**
   * The captured state goes to a file, with this before it; {@link Input.SnapshotWritten} follows.
   */
  record WriteSnapshot(SnapshotHeader header) implements Output {}

  /**
   * Files of other snapshots may be deleted, but for one that is being written or stored.
   *
   * @param own of these, the snapshots of this copy's state that are in their files
   */
  record KeepSnapshots(Set<Position> these, Set<Position> own) implements Output {
    static final KeepSnapshots NONE = new KeepSnapshots(Set.of(), Set.of());

    public KeepSnapshots {
      these = Set.copyOf(these);
      own = Set.copyOf(own);
    }
  }

  /**
   * A piece of a snapshot that comes from another copy; offset 0 begins it anew. {@link
   * Input.PieceStored} follows, after the last one {@link Input.SnapshotStored}, or for any of them
   * {@link Input.PieceFailed}.
   */
  record StoreChunk(Position at, long offset, long total, Bytes bytes) implements Output {
    public boolean last() {
      return end() >= total;
    }

    public long end() {
      return offset + bytes.length();
    }
  }

  /** A piece of an own snapshot, of at most {@link Replica#CHUNK_BYTES}. */
  record ReadChunk(CopyId to, Position at, long offset) implements Output {}

  /** The Checkpoint Server is to refuse writers of lower epochs. */
  record ClaimCheckpoint(Epoch epoch) implements Output {}

  /** The same, and what it has; a snapshot goes to its file. */
  record LoadCheckpoint(Epoch epoch) implements Output {}

  /** The snapshot's file goes to the Checkpoint Server. */
  record SaveCheckpoint(Epoch epoch, Position at) implements Output {}

  /** These take the place of what the Checkpoint Server has from the first one's sequence on. */
  record AppendCheckpoint(Epoch epoch, List<Update> updates) implements Output {}

  /**
   * The ReplicaManager is to record that a member is in sync, or no longer.
   *
   * @param configuration on which this was found; the report counts only while it is the group's
   */
  record ReportSync(
      Epoch epoch, long configuration, CopyId member, long run, boolean inSync, String reason)
      implements Output {}

  record Answer(long ticket, Reply reply) implements Output {}

  /**
   * The copy can serve in this epoch: the sequencer has recovered; another one has the sequencer's
   * log up to what was committed when it heard of it.
   */
  record Ready(Epoch epoch) implements Output {}

  /** Nothing is lost with the copy, which has been asked to leave: it may be stopped. */
  record Left() implements Output {}
}
