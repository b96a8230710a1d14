package io.understudy.bench;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** As many requests as are answered, with a fixed number of them under way. */
final class FullLoad {
  private final Supplier<? extends CompletionStage<?>> request;
  private final AtomicInteger open = new AtomicInteger();
  private volatile Answers answers = new Answers();
  private volatile boolean stopped;

  private FullLoad(Supplier<? extends CompletionStage<?>> request) {
    this.request = request;
  }

  static FullLoad start(int inFlight, Supplier<? extends CompletionStage<?>> request) {
    var load = new FullLoad(request);
    for (int i = 0; i < inFlight; i++) {
      load.ask();
    }
    return load;
  }

  private void ask() {
    open.incrementAndGet();
    var at = System.nanoTime();
    var unused =
        request
            .get()
            .whenComplete(
                (answer, failure) -> {
                  if (failure == null) {
                    answers.answered(at, System.nanoTime());
                  } else {
                    answers.failed();
                  }
                  if (!stopped) {
                    ask();
                  }
                  open.decrementAndGet();
                });
  }

  /** What is answered from now on. */
  Answers begin() {
    var fresh = new Answers();
    answers = fresh;
    return fresh;
  }

  /** No more requests; waits until each has an answer or is known to get none. */
  void stop(Duration patience) {
    stopped = true;
    Until.seen(
        "the last answers",
        patience,
        Duration.ofMillis(1),
        () -> Optional.of(open.get()).filter(left -> left == 0));
  }
}
