package io.understudy.watchdog;

/** For how long a host may run primaries of cold and warm modules (I5). */
public sealed interface Lease {
  /** A single SuperWatchDog has no majority to lose: there are no leases, and primaries run on. */
  record Off() implements Lease {}

  /** Until this reading of {@link System#nanoTime}; then they are to be stopped. */
  record Until(long nanoTime) implements Lease {}

  /** None was ever granted: no primary may run yet. */
  record None() implements Lease {}

  /** Whether primaries may run at this time. */
  default boolean holds(long nanoTime) {
    return switch (this) {
      case Off() -> true;
      case Until(var end) -> end - nanoTime > 0;
      case None() -> false;
    };
  }
}
