package io.understudy.bench;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** As many requests as are answered, with a fixed number of them under way. */
final class FullLoad {
  private final AtomicInteger open = new AtomicInteger();
  private volatile Answers answers = new Answers();
  private volatile boolean stopped;

  private FullLoad() {}

  /** Each of these is asked again when it has been answered. */
  static <T> FullLoad start(List<Supplier<CompletionStage<T>>> requests) {
    var load = new FullLoad();
    requests.forEach(load::ask);
    return load;
  }

  private <T> void ask(Supplier<CompletionStage<T>> request) {
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
                    ask(request);
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
