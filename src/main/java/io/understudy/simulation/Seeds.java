package io.understudy.simulation;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Plays many seeds, some at a time; each is played by one thread alone.
 *
 * @param threads how many at a time
 */
record Seeds(Switches switches, int threads) {
  /**
   * The first seed that fails, or empty when none does.
   *
   * @param played counts them
   */
  OptionalLong firstFailing(long from, long before, AtomicLong played) throws InterruptedException {
    var next = new AtomicLong(from);
    var failing = new AtomicLong(Long.MAX_VALUE);
    var workers = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = new Thread(() -> play(next, before, failing, played), "seeds-" + i);
      workers[i].start();
    }
    for (var worker : workers) {
      worker.join();
    }
    return failing.get() == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(failing.get());
  }

  private void play(AtomicLong next, long before, AtomicLong failing, AtomicLong played) {
    for (long seed = next.getAndIncrement();
        seed < before && seed < failing.get();
        seed = next.getAndIncrement()) {
      if (Simulation.failure(Scenario.of(seed), switches, java.util.Optional.empty()).isPresent()) {
        failing.accumulateAndGet(seed, Math::min);
      }
      played.incrementAndGet();
    }
  }
}
