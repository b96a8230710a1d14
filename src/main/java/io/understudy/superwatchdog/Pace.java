package io.understudy.superwatchdog;

import java.time.Duration;

/**
 * How often a SuperWatchDog looks, and speaks to the others: a cluster in which nothing has gone on
 * for a while is looked at more rarely, which is most of what a manager at rest costs.
 *
 * @param enough quiet looks make it calm
 * @param quiet how many there have been since anything went on, at most as many as matter
 */
public record Pace(int enough, int quiet) {
  private static final int CALM = 3;

  /** Something has just gone on. */
  public static Pace brisk(int enough) {
    return new Pace(enough, 0);
  }

  /** Something goes on. */
  public Pace stirred() {
    return brisk(enough);
  }

  /** After a look. */
  public Pace looked(boolean isQuiet) {
    return isQuiet ? new Pace(enough, Math.min(enough, quiet + 1)) : stirred();
  }

  public boolean isCalm() {
    return quiet == enough;
  }

  /**
   * Until the next look.
   *
   * @param interval from one to the next while something goes on
   */
  public Duration next(Duration interval) {
    return isCalm() ? interval.multipliedBy(CALM) : interval;
  }
}
