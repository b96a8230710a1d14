package io.understudy.table;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * The latest failures of a host, and what they cost it: one that fails again and again is damped,
 * which is to say that it gets new copies only when no other host can take them (I6 comes first).
 *
 * @param failedAt within the window before the last of them, in order
 * @param dampedUntil a quiet time after it came back; in the past when it is not damped
 */
public record Flaps(List<Instant> failedAt, Instant dampedUntil) {
  static final Flaps NONE = new Flaps(List.of(), Instant.EPOCH);

  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final int TOLERATED = 2;
  private static final Duration LEAST_QUIET = Duration.ofSeconds(30);
  private static final Duration MOST_QUIET = Duration.ofMinutes(10);

  /** So many failures earn the longest quiet time, and more need not be remembered. */
  private static final int REMEMBERED = 8;

  public Flaps {
    failedAt = List.copyOf(failedAt);
  }

  Flaps failed(Instant at) {
    var recent =
        Stream.concat(
                failedAt.stream().filter(past -> past.isAfter(at.minus(WINDOW))), Stream.of(at))
            .toList();
    return new Flaps(
        recent.subList(Math.max(0, recent.size() - REMEMBERED), recent.size()), dampedUntil);
  }

  /** Its quiet time begins, twice as long for each failure beyond the first that earns one. */
  Flaps returned(Instant at) {
    var doublings = failuresBefore(at) - TOLERATED - 1;
    if (doublings < 0) {
      return new Flaps(failedAt, Instant.EPOCH);
    }
    var grown = LEAST_QUIET.multipliedBy(1L << doublings);
    return new Flaps(failedAt, at.plus(grown.compareTo(MOST_QUIET) < 0 ? grown : MOST_QUIET));
  }

  private int failuresBefore(Instant at) {
    return (int) failedAt.stream().filter(past -> past.isAfter(at.minus(WINDOW))).count();
  }

  /** For longer than any only because the clock went back, or is another host's; so no more. */
  boolean damped(Instant now) {
    return dampedUntil.isAfter(now) && !dampedUntil.isAfter(now.plus(MOST_QUIET));
  }

  /** Why it is damped, in words for an operator. */
  String reason() {
    return "it failed %d times within %d min".formatted(failedAt.size(), WINDOW.toMinutes());
  }
}
