package io.understudy.bench;

import java.time.Duration;
import java.time.Instant;

/** The moment of a failure, on the clock of the copies and on that of the journal. */
record Moment(long nanos, Instant time) {
  static Moment now() {
    return new Moment(System.nanoTime(), Instant.now());
  }

  /** Nanoseconds from here to that reading of {@link System#nanoTime}. */
  long to(long at) {
    return at - nanos;
  }

  /** Nanoseconds from here to what a copy saw. */
  long to(Sighting sighting) {
    return sighting.nanos() - nanos;
  }

  /** Nanoseconds from here to when an event was decided. */
  long to(Instant decided) {
    return Duration.between(time, decided).toNanos();
  }
}
