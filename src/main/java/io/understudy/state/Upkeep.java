package io.understudy.state;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CheckpointPolicy.EachUpdate;
import io.understudy.model.CheckpointPolicy.None;
import io.understudy.model.CheckpointPolicy.Periodic;
import java.util.Optional;
import java.util.Set;

/** When a copy takes a snapshot, and how much of its log it keeps. */
final class Upkeep {
  /** A log of so many bytes or updates is worth a snapshot, whatever the policy. */
  static final long SNAPSHOT_BYTES = 32L << 20;

  static final long SNAPSHOT_UPDATES = 200_000;

  /** A member that is so far behind is sent a snapshot instead, in bytes. */
  static final long MOST_BEHIND = 64L << 20;

  /** A log of so many bytes takes no more: no snapshot could be taken for long. */
  private static final long MOST_BYTES = 256L << 20;

  private static final long FEWEST = 1_000;

  private Upkeep() {}

  /**
   * Of a copy whose log nobody waits for but a sequencer to come, who is in sync with it.
   *
   * @param coming the snapshot that it fetches, which may be in its place before it hears so
   */
  static void trim(Turn turn, Optional<Position> coming) {
    if (grown(turn)) {
      Snapshots.take(turn, false);
    }
    turn.snapshots.newest().ifPresent(newest -> cut(turn, newest.at()));
    Snapshots.tidy(turn, coming.map(Set::of).orElse(Set.of()));
  }

  /** Whether the sequencer should take a snapshot now. */
  static boolean due(Turn turn, CheckpointPolicy policy) {
    var fresh = turn.applied - turn.snapshots.newestSequence();
    return grown(turn)
        || period(policy)
            .filter(
                often ->
                    fresh >= often.everyUpdates()
                        || (fresh > 0
                            && turn.now.minus(turn.snapshots.last()).compareTo(often.interval())
                                >= 0))
            .isPresent();
  }

  static boolean full(Turn turn) {
    return turn.log.bytes() >= MOST_BYTES;
  }

  /** The log begins after this snapshot from now on. */
  static void cut(Turn turn, Position at) {
    turn.log = turn.log.from(at);
    turn.snapshots = turn.snapshots.from(at);
  }

  private static boolean grown(Turn turn) {
    var fresh = turn.applied - turn.snapshots.newestSequence();
    return fresh >= SNAPSHOT_UPDATES || (fresh >= FEWEST && turn.log.bytes() >= SNAPSHOT_BYTES);
  }

  /** With each update stored, snapshots still keep short what a successor has to read. */
  private static Optional<Periodic> period(CheckpointPolicy policy) {
    return switch (policy) {
      case Periodic periodic -> Optional.of(periodic);
      case EachUpdate each -> Optional.of(Periodic.DEFAULT);
      case None none -> Optional.empty();
    };
  }
}
