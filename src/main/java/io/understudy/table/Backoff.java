package io.understudy.table;

import io.understudy.model.RestartPolicy;
import java.time.Duration;

/** How long a copy that failed waits for its next start (resolution c). */
final class Backoff {
  private static final int MOST_DOUBLINGS = 30;
  private static final double LEAST_JITTER = 0.75;
  private static final double MOST_JITTER = 1.25;

  private Backoff() {}

  /**
   * Nothing after the first failure in a row, then the least delay, doubled each time up to the
   * greatest, with a jitter of a quarter either way and never beyond the greatest. The jitter comes
   * from the copy and its run, so that copies that failed together do not start together, and a
   * replay gives the same.
   */
  static Duration delay(RestartPolicy policy, CopyRow copy) {
    if (copy.strikes() <= 1) {
      return Duration.ZERO;
    }
    var doublings = Math.min(copy.strikes() - 2, MOST_DOUBLINGS);
    var grown = (double) policy.backoffMin().toMillis() * Math.pow(2, doublings);
    var capped = Math.min(grown, (double) policy.backoffMax().toMillis() / MOST_JITTER);
    return Duration.ofMillis(Math.max(1, (long) (capped * jitter(copy))));
  }

  private static double jitter(CopyRow copy) {
    var mixed = 0x9E3779B97F4A7C15L * (copy.id().toString().hashCode() * 31L + copy.run());
    return LEAST_JITTER + (MOST_JITTER - LEAST_JITTER) * ((mixed >>> 11) / (double) (1L << 53));
  }
}
