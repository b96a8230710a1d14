package io.understudy.model;

import java.time.Duration;

/**
 * How failures of a copy are remembered, and how long its next start waits.
 *
 * @param failureWindow a copy's failures are forgotten when it has run so long without one
 *     (resolution b)
 * @param coolDown for so long a copy that migrated away is the last choice (resolution e)
 * @param backoffMin the wait before the second start in a row; the first start never waits
 * @param backoffMax the longest wait; each start in a row doubles the one before
 * @param stableAfter a copy that ran so long before it failed starts again without a wait
 */
public record RestartPolicy(
    Duration failureWindow,
    Duration coolDown,
    Duration backoffMin,
    Duration backoffMax,
    Duration stableAfter) {
  public static final RestartPolicy DEFAULT =
      new RestartPolicy(
          Duration.ofHours(1),
          Duration.ofMinutes(1),
          Duration.ofMillis(200),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));
}
