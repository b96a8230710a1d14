package io.understudy.model;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What a time in a registration may be. */
public record TimeRange(Duration least, Duration most) {
  /** Pekko's timers reach 248 days; sums of two such times are far within what Java can hold. */
  private static final Duration LONGEST = Duration.ofDays(200);

  public static final TimeRange ANY = from(Duration.ZERO);
  public static final TimeRange POSITIVE = from(Duration.ofMillis(1));

  /** Some signs of life of the sequencer, of which one may be lost. */
  public static final TimeRange IN_SYNC_TIMEOUT = from(Duration.ofMillis(200));

  static TimeRange from(Duration least) {
    return new TimeRange(least, LONGEST);
  }

  public boolean has(Duration time) {
    return time.compareTo(least) >= 0 && time.compareTo(most) <= 0;
  }

  /** What to write instead of a time that is none of these. */
  public String remedy() {
    return "give a time from %s to %s".formatted(text(least), text(most));
  }

  /** Why this time is not possible, or empty. */
  Optional<String> refusal(String name, Duration time) {
    return has(time)
        ? Optional.empty()
        : Optional.of("%s of %s is not possible; %s".formatted(name, text(time), remedy()));
  }

  /** Exact, and as in 1.5s, 200ms or 30d rather than PT1.5S. */
  private static String text(Duration time) {
    if (time.compareTo(Duration.ofDays(1)) >= 0 && time.equals(Duration.ofDays(time.toDays()))) {
      return time.toDays() + "d";
    }
    if (time.abs().compareTo(Duration.ofSeconds(1)) >= 0) {
      return time.toString().substring(2).toLowerCase(Locale.ROOT);
    }
    var nanos = time.toNanos();
    if (nanos % 1_000_000 == 0) {
      return nanos / 1_000_000 + "ms";
    }
    return nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
  }
}
