package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.StateGroup;
import java.util.List;
import java.util.Optional;

/** What happens to a copy's share in its group. */
public sealed interface Input {
  /** News of the copy's own snapshots. */
  sealed interface OfSnapshots extends Input {}

  /** News from the Checkpoint Server. */
  sealed interface OfCheckpoints extends Input {}

  /** Time goes by; to be given every {@link Replica#tickEvery}. */
  record Tick() implements Input {}

  /**
   * The ReplicaManager's order: who is in the group, and who numbers. Repeated ones are harmless.
   */
  record Ordered(Epoch epoch, StateGroup group) implements Input {}

  /**
   * Whether the copy's host has a lease from now on. Without one another copy may be the sequencer
   * already, and this one be the last to hear of it. Taken for so until it is said.
   */
  record Leased(boolean holds) implements Input {}

  /**
   * The copy is about to be stopped as planned: it takes nothing new, and {@link Output.Left} says
   * when all that it has acknowledged is with those who go on, or stored.
   */
  record Leave() implements Input {}

  record Received(PeerMessage message) implements Input {}

  /** Clients ask this copy. */
  record Ask(List<Request> requests) implements Input {
    public Ask {
      requests = List.copyOf(requests);
    }
  }

  /**
   * Answer the ticket when what is committed now has been given to the module, and nobody can have
   * served in this copy's place before.
   */
  record Barrier(long ticket) implements Input {}

  /**
   * The module's decisions on the next requests it was given, in their order.
   *
   * @param generation of {@link Output.Decide}
   */
  record Decided(long generation, List<Decision> decisions) implements Input {
    public Decided {
      decisions = List.copyOf(decisions);
    }
  }

  /** The module's state was taken, as {@link Output.Capture} asked. */
  record Captured(long number) implements OfSnapshots {}

  /** The snapshot of {@link Output.WriteSnapshot} is in its file. */
  record SnapshotWritten(Position at, long bytes) implements OfSnapshots {}

  /** A capture or a snapshot came to nothing; it is tried again later. */
  record SnapshotFailed(String reason) implements OfSnapshots {}

  /** A piece of {@link Output.StoreChunk} that is not the last is in the file; it ends there. */
  record PieceStored(Position at, long end) implements Input {}

  /** All pieces of a snapshot are in its file, and this is its beginning. */
  record SnapshotStored(SnapshotHeader header, long bytes) implements Input {}

  /**
   * A piece of this snapshot from elsewhere could not be stored: it has to come anew, as a whole.
   */
  record PieceFailed(Position at, String reason) implements Input {}

  /** The piece that {@link Output.ReadChunk} asked for. */
  record ChunkRead(CopyId to, Position at, long offset, long total, Bytes bytes)
      implements OfSnapshots {}

  /**
   * The Checkpoint Server refuses lower epochs from now on.
   *
   * @param stored the updates that it has, from its snapshot on
   */
  record CheckpointClaimed(Epoch epoch, Lineage stored) implements OfCheckpoints {}

  /**
   * What the Checkpoint Server had when it was claimed for the epoch.
   *
   * @param snapshot whose file is here by now, with its length in bytes; empty if there is none
   * @param tail the updates after it
   */
  record CheckpointLoaded(
      Epoch epoch, Optional<SnapshotHeader> snapshot, long bytes, List<Update> tail)
      implements OfCheckpoints {
    public CheckpointLoaded {
      tail = List.copyOf(tail);
    }

    Lineage lineage() {
      return Lineage.of(
          snapshot.map(SnapshotHeader::at).orElse(Position.NONE),
          tail.stream().map(Update::at).toList());
    }
  }

  record CheckpointSaved(Position at) implements OfCheckpoints {}

  /** The Checkpoint Server has all updates of {@link Output.AppendCheckpoint}, up to this one. */
  record CheckpointAppended(Position end) implements OfCheckpoints {}

  /** The last claim, load or append failed; it is tried again. */
  record CheckpointFailed(String reason) implements OfCheckpoints {}

  /** This snapshot was not saved; the newest one is tried again. */
  record SaveFailed(Position at, String reason) implements OfCheckpoints {}

  /** The Checkpoint Server has been claimed for a higher epoch: this copy is replaced. */
  record CheckpointStale(Epoch claimed) implements OfCheckpoints {}
}
