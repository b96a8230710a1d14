package io.understudy.launcher;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Whether a node is in a cluster that no longer has a place for it: all whom it knew have joined
 * anew without it, or a majority of the SuperWatchDogs has long held it for dead, and it has not
 * heard. Such a node has no lease.
 *
 * <p>Times are readings of the node's own monotonic clock, in nanoseconds.
 *
 * @param patience for how long it may be without a lease
 * @param since since when it has been
 */
record Stranded(Duration patience, OptionalLong since) {
  static Stranded after(Duration patience) {
    return new Stranded(patience, OptionalLong.empty());
  }

  /** It has a lease, needs none, or has not joined. */
  Stranded welcome() {
    return after(patience);
  }

  /** It has joined, and is without a lease. */
  Stranded without(long now) {
    return since.isPresent() ? this : new Stranded(patience, OptionalLong.of(now));
  }

  boolean isOver(long now) {
    return since.isPresent() && now - since.getAsLong() >= patience.toNanos();
  }
}
