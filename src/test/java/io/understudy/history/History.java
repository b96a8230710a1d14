package io.understudy.history;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A record of requests that many clients make at the same time. */
public final class History<I, O> {
  private final ConcurrentLinkedQueue<Operation<I, O>> ended = new ConcurrentLinkedQueue<>();
  private final AtomicInteger open = new AtomicInteger();

  /**
   * Makes a request and keeps it. An answer that fails leaves the outcome unknown.
   *
   * @return the same answer, when it is in the record
   */
  public CompletionStage<Optional<O>> record(
      int client, I input, Supplier<CompletionStage<O>> request) {
    open.incrementAndGet();
    var invoked = System.nanoTime();
    return request
        .get()
        .handle(
            (output, failure) -> {
              var answer = failure == null ? Optional.of(output) : Optional.<O>empty();
              ended.add(
                  answer
                      .map(it -> Operation.of(client, input, it, invoked, System.nanoTime()))
                      .orElseGet(() -> Operation.unknown(client, input, invoked)));
              open.decrementAndGet();
              return answer;
            });
  }

  /** Requests that have ended. */
  int size() {
    return ended.size();
  }

  /** All requests, of which none may be open any more. */
  public List<Operation<I, O>> all() {
    if (open.get() != 0) {
      throw new IllegalStateException("%d requests are still open".formatted(open.get()));
    }
    return List.copyOf(ended);
  }
}
