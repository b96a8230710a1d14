package io.understudy.superwatchdog;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.remote.FailureDetector;
import org.apache.pekko.remote.PhiAccrualFailureDetector;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

/**
 * How regularly each was heard: a silence is a suspicion when it is longer than the rhythm so far
 * explains (Hayashibara et al., The phi accrual failure detector, 2004).
 */
final class Rhythms {
  private static final double THRESHOLD = 8;
  private static final int SAMPLES = 200;

  private final Duration interval;
  private final LongSupplier clock;
  private final Map<String, PhiAccrualFailureDetector> detectors = new HashMap<>();

  /**
   * Nobody was heard yet.
   *
   * @param interval of heartbeats as they are sent, the longest of all
   * @param clock monotonic, in nanoseconds
   */
  Rhythms(Duration interval, LongSupplier clock) {
    this.interval = interval;
    this.clock = clock;
  }

  void heard(String subject) {
    detectors.computeIfAbsent(subject, key -> detector()).heartbeat();
  }

  /** Who was never heard is suspected. */
  boolean suspects(String subject) {
    var detector = detectors.get(subject);
    return detector == null || !detector.isAvailable();
  }

  /** Nobody listened for a while, and what was not heard then says nothing. */
  void paused() {
    var again = Set.copyOf(detectors.keySet());
    detectors.clear();
    again.forEach(this::heard);
  }

  void keep(Set<String> subjects) {
    detectors.keySet().retainAll(subjects);
  }

  private PhiAccrualFailureDetector detector() {
    return new PhiAccrualFailureDetector(
        THRESHOLD,
        SAMPLES,
        scala(interval.dividedBy(10)),
        scala(interval),
        scala(interval),
        Option.empty(),
        new Millis());
  }

  private final class Millis extends FailureDetector.Clock {
    @Override
    public Object apply() {
      return Duration.ofNanos(clock.getAsLong()).toMillis();
    }
  }

  private static FiniteDuration scala(Duration duration) {
    return FiniteDuration.fromNanos(duration.toNanos());
  }
}
