package io.understudy.state;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CheckpointPolicy.EachUpdate;
import io.understudy.model.CheckpointPolicy.None;
import io.understudy.model.CheckpointPolicy.Periodic;
import java.util.Optional;
import java.util.Set;

/** When a copy takes a snapshot, and how much of its log it keeps. */
final class Upkeep {
  /**
   * A log of so many bytes takes no more: no snapshot could be taken for long. A node must not die
   * of it, for its successor has the same log.
   */
  private static final long MOST_BYTES =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() * 3 / 8);

  /** A member that is so far behind is sent a snapshot instead, in bytes. */
  static final long MOST_BEHIND = Math.min(64L << 20, MOST_BYTES * 2 / 3);

  /** A log of so many bytes or updates is worth a snapshot, whatever the policy. */
  static final long SNAPSHOT_BYTES = Math.min(32L << 20, MOST_BYTES / 3);

  static final long SNAPSHOT_UPDATES = 200_000;

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
    return fresh >= SNAPSHOT_UPDATES || (fresh > 0 && freshBytes(turn) >= SNAPSHOT_BYTES);
  }

  /** A log that is kept for a member that is behind may begin long before the newest snapshot. */
  private static long freshBytes(Turn turn) {
    var log = turn.log;
    var newest = turn.snapshots.newestSequence();
    return log.bytes() < SNAPSHOT_BYTES || newest <= log.base().sequence()
        ? log.bytes()
        : log.sizeOf(newest, log.last());
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
