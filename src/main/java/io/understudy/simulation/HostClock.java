package io.understudy.simulation;

/**
 * A host's monotonic clock, in nanoseconds.
 *
 * @param offset what it reads at the beginning
 * @param rate how fast it runs; 1 is right
 */
record HostClock(long offset, double rate) {
  long reading(long trueTime) {
    return offset + (long) (trueTime * rate);
  }

  /** How long something lasts in truth that lasts so long by this clock. */
  long trueNanos(long byThis) {
    return (long) Math.ceil(byThis / rate);
  }
}
