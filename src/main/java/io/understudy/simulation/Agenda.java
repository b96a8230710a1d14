package io.understudy.simulation;

import java.time.Duration;
import java.util.PriorityQueue;

/** What happens when, in true time; of two things at one time the one planned first comes first. */
final class Agenda {
  private final PriorityQueue<Entry> entries = new PriorityQueue<>(256);
  private long now;
  private long planned;

  private record Entry(long at, long number, Runnable what) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  /** True time since the beginning, in nanoseconds. */
  long now() {
    return now;
  }

  void after(long nanos, Runnable what) {
    entries.add(new Entry(now + Math.max(0, nanos), planned++, what));
  }

  void after(Duration delay, Runnable what) {
    after(delay.toNanos(), what);
  }

  /** Plays all until then. */
  void playUntil(long end) {
    while (!entries.isEmpty() && entries.element().at() <= end) {
      var next = entries.remove();
      now = next.at();
      next.what().run();
    }
    now = end;
  }
}
