package io.understudy.superwatchdog;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * When a SuperWatchDog looks, and whether a look came so late that this observer was itself paused,
 * so that it must not accuse anybody of that time's silence.
 *
 * <p>Times are readings of one monotonic clock, in nanoseconds, given by the caller.
 */
final class Looks {
  /** A look that comes so many intervals late shows that this observer was paused. */
  private static final int LATE = 7;

  /** So many quiet looks, some seconds of them, have what comes and goes in a start behind them. */
  private static final int QUIET = 50;

  private final Duration interval;
  private final Consumer<Duration> timer;
  private Pace pace = Pace.brisk(QUIET);
  private long last;

  /**
   * The first is due after an interval.
   *
   * @param timer has the next look taken after so long, and not when it was to be before
   */
  Looks(Duration interval, Consumer<Duration> timer, long now) {
    this.interval = interval;
    this.timer = timer;
    this.last = now;
    timer.accept(interval);
  }

  /** A look begins; says how long this observer was paused before it, if it was. */
  Optional<Duration> begin(long now) {
    var sinceLast = Duration.ofNanos(now - last);
    last = now;
    var late = sinceLast.minus(pace.next(interval));
    return Optional.of(sinceLast).filter(since -> late.compareTo(interval.multipliedBy(LATE)) >= 0);
  }

  /** The look is over, and this is what it saw. */
  void end(boolean isQuiet) {
    pace = pace.looked(isQuiet);
    timer.accept(pace.next(interval));
  }

  /** Something goes on, and the next look does not wait until it would have been due. */
  void stir() {
    if (pace.isCalm()) {
      timer.accept(interval);
    }
    pace = pace.stirred();
  }
}
