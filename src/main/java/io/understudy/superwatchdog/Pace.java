package io.understudy.superwatchdog;

import java.time.Duration;

/**
 * How often a SuperWatchDog looks, and speaks to the others: a cluster in which nothing has gone on
 * for a while is looked at more rarely, which is most of what a manager at rest costs.
 *
 * @param quiet how many looks there have been since anything went on, at most as many as matter
 */
record Pace(int quiet) {
  static final Pace BRISK = new Pace(0);

  /**
   * So many quiet looks, 5 s of them by default, have what comes and goes in a start behind them.
   */
  private static final int ENOUGH = 50;

  private static final int CALM = 3;

  /** After a look. */
  Pace looked(boolean isQuiet) {
    return isQuiet ? new Pace(Math.min(ENOUGH, quiet + 1)) : BRISK;
  }

  boolean isCalm() {
    return quiet == ENOUGH;
  }

  /**
   * Until the next look.
   *
   * @param interval from one to the next while something goes on
   */
  Duration next(Duration interval) {
    return isCalm() ? interval.multipliedBy(CALM) : interval;
  }
}
