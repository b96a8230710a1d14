package io.understudy.history;

import io.understudy.history.Register.Answer;
import io.understudy.history.Register.Request;

/** One of many registers; each starts at 0. */
record Register() implements Sequential<Long, Request, Answer> {
  /** What it is asked. */
  sealed interface Request {
    String key();

    record Write(String key, long value) implements Request {}

    record Read(String key) implements Request {}

    /** Write the value if the present one is as expected. */
    record Swap(String key, long expected, long value) implements Request {}
  }

  /**
   * Its answer.
   *
   * @param done false only of a swap that found another value
   * @param value after the request
   */
  record Answer(boolean done, long value) {}

  @Override
  public Long initial() {
    return 0L;
  }

  @Override
  public Applied<Long, Answer> apply(Long state, Request input) {
    return switch (input) {
      case Request.Read read -> new Applied<>(state, new Answer(true, state));
      case Request.Write write -> new Applied<>(write.value(), new Answer(true, write.value()));
      case Request.Swap swap when swap.expected() == state ->
          new Applied<>(swap.value(), new Answer(true, swap.value()));
      case Request.Swap swap -> new Applied<>(state, new Answer(false, state));
    };
  }
}
