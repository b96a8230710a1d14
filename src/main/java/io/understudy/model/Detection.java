package io.understudy.model;

import java.time.Duration;
import java.util.Optional;

/** How the WatchDog finds out that a copy has failed (patent [0019]). */
public sealed interface Detection {
  /**
   * The WatchDog pings the copy, and calls its sanity check if there is one.
   *
   * @param interval from one poll to the next
   * @param timeout a poll that is not answered by then is a failure (resolution m)
   */
  record Polling(Duration interval, Duration timeout, Optional<SanityCheck> sanity)
      implements Detection {
    public static final Polling DEFAULT =
        new Polling(Duration.ofSeconds(1), Duration.ofMillis(500), Optional.empty());
  }

  /**
   * The copy sends heartbeats.
   *
   * @param timeout without a heartbeat for so long, the copy is hung
   */
  record Heartbeat(Duration timeout, Source on) implements Detection {
    /** When a copy sends its heartbeats. */
    public enum Source {
      /** All the time, more often than the timeout. */
      PERIOD,
      /** With each request it serves; the clock stands still while the copy says it is idle. */
      REQUEST
    }
  }
}
