package io.understudy.superwatchdog;

import java.time.Duration;

/**
 * What hosts and SuperWatchDogs agree on about leases.
 *
 * <p>A host counts from the moment it asked, a SuperWatchDog from the later moment it granted, and
 * each on its own monotonic clock, so that only the rates of the clocks matter (Gray and Cheriton,
 * Leases, 1989).
 *
 * @param lease for how long a host may run primaries after it asked, on its own clock
 * @param stopping how much earlier it begins to stop them
 * @param drift by how much of its rate a clock may be wrong, as 0.02 for 2 %
 */
public record LeaseTerms(Duration lease, Duration stopping, double drift) {
  private static final int TRIES = 4;

  public LeaseTerms {
    if (lease.compareTo(stopping) <= 0 || drift < 0 || drift >= 0.5) {
      throw new IllegalArgumentException(
          "a lease of %s, of which %s to stop, with clocks wrong by %s: the lease must be longer than"
                  .formatted(lease, stopping, drift)
              + " the time to stop, and the drift at least 0 and less than 0.5");
    }
  }

  /** When a host that asked then begins to stop its primaries. */
  long stopAt(long askedAt) {
    return askedAt + lease.minus(stopping).toNanos();
  }

  /**
   * From one heartbeat to the next: as is wished, but so that some can be lost before a lease is
   * over.
   */
  public Duration beats(Duration wished) {
    var most = lease.minus(stopping).dividedBy(TRIES);
    return wished.compareTo(most) < 0 ? wished : most;
  }

  /** After so long without a sign that a host hears, none of its beats earns a lease. */
  long deafNanos() {
    return lease.toNanos() / 4;
  }

  /** How long a SuperWatchDog waits after a grant, in nanoseconds of its own clock. */
  long waitNanos() {
    return (long) Math.ceil(lease.toNanos() * (1 + drift) / (1 - drift));
  }
}
