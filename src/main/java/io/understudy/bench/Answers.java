package io.understudy.bench;

import java.util.Arrays;

/** When requests were due and when they were answered, in nanoseconds of this JVM's clock. */
final class Answers {
  private static final int FIRST_SIZE = 1024;

  private long[] due = new long[FIRST_SIZE];
  private long[] at = new long[FIRST_SIZE];
  private int count;
  private int unanswered;

  /** A request that was due at one moment has been answered at another. */
  synchronized void answered(long since, long now) {
    if (count == at.length) {
      due = Arrays.copyOf(due, 2 * count);
      at = Arrays.copyOf(at, 2 * count);
    }
    due[count] = since;
    at[count] = now;
    count++;
  }

  /** A request got no answer, and its client was told so. */
  synchronized void failed() {
    unanswered++;
  }

  synchronized int count() {
    return count;
  }

  /** When the last one came that has come so far. */
  synchronized long last() {
    return count == 0 ? Long.MIN_VALUE : at[count - 1];
  }

  synchronized int unanswered() {
    return unanswered;
  }

  /** Nanoseconds from when each was due to its answer. */
  synchronized long[] latencies() {
    var latencies = new long[count];
    Arrays.setAll(latencies, i -> at[i] - due[i]);
    return latencies;
  }

  /** How many came in each of these spans, one after the other from a moment on. */
  synchronized long[] counts(long from, long span, int spans) {
    var counts = new long[spans];
    for (int i = 0; i < count; i++) {
      var index = Math.floorDiv(at[i] - from, span);
      if (index >= 0 && index < spans) {
        counts[(int) index]++;
      }
    }
    return counts;
  }

  /**
   * The longest time without an answer of those that overlap a span. One that has begun before the
   * span or ends after it counts whole, but no further than to the end of what was recorded.
   */
  synchronized long longestGap(long from, long to) {
    var times = Arrays.copyOf(at, count);
    Arrays.sort(times);
    long longest = 0;
    for (int i = 1; i < times.length; i++) {
      if (times[i] > from && times[i - 1] < to) {
        longest = Math.max(longest, times[i] - times[i - 1]);
      }
    }
    return longest;
  }
}
