package io.understudy.bench;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for something to be seen, for a limited time. */
final class Until {
  private Until() {}

  /** Asks again after each pause until there is an answer. */
  static <T> T seen(
      String what, Duration patience, Duration pause, Supplier<Optional<T>> question) {
    var deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      var answer = question.get();
      if (answer.isPresent()) {
        return answer.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new BenchException(
            "waited %d s in vain for %s".formatted(patience.toSeconds(), what));
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }
}
