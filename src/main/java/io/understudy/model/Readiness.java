package io.understudy.model;

import java.time.Duration;

/**
 * When a started copy counts as running.
 *
 * @param deadline a copy that is not ready by then has failed (resolution q)
 */
public record Readiness(When when, Duration deadline) {
  public static final Readiness DEFAULT = new Readiness(When.STARTED, Duration.ofSeconds(30));

  /** What makes a copy ready. */
  public enum When {
    /** It has been started. */
    STARTED,
    /** It said so over the module API. */
    MODULE_API,
    /** Its sanity check passed for the first time. */
    SANITY_CHECK
  }
}
