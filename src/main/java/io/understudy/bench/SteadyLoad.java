package io.understudy.bench;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Requests at a fixed rate, whatever becomes of the earlier ones.
 *
 * <p>Each counts from the moment at which it was due: what waited because the generator itself was
 * late has waited all the same.
 */
final class SteadyLoad implements AutoCloseable {
  private final Supplier<? extends CompletionStage<?>> request;
  private final long pause;
  private final Answers answers = new Answers();
  private final AtomicLong open = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().daemon().name("load").unstarted(this::run);
  private volatile boolean stopped;

  private SteadyLoad(int perSecond, Supplier<? extends CompletionStage<?>> request) {
    this.request = request;
    this.pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
  }

  static SteadyLoad start(int perSecond, Supplier<? extends CompletionStage<?>> request) {
    var load = new SteadyLoad(perSecond, request);
    load.thread.start();
    return load;
  }

  private void run() {
    var due = System.nanoTime();
    while (!stopped) {
      LockSupport.parkNanos(due - System.nanoTime());
      if (System.nanoTime() >= due) {
        ask(due);
        due += pause;
      }
    }
  }

  private void ask(long due) {
    open.incrementAndGet();
    var unused =
        request
            .get()
            .whenComplete(
                (answer, failure) -> {
                  if (failure == null) {
                    answers.answered(due, System.nanoTime());
                  } else {
                    answers.failed();
                  }
                  open.decrementAndGet();
                });
  }

  Answers answers() {
    return answers;
  }

  /** No more requests; waits until each has an answer or is known to get none. */
  void stop(Duration patience) {
    stopped = true;
    Until.seen(
        "the last answers",
        patience,
        Duration.ofMillis(1),
        () -> Optional.of(open.get()).filter(left -> !thread.isAlive() && left == 0));
  }

  @Override
  public void close() {
    stopped = true;
  }
}
