package io.understudy.history;

import io.understudy.history.Counter.Request;

/** A counter that answers each increment with the new value. */
public record Counter() implements Sequential<Long, Request, Long> {
  /** What it is asked. */
  public enum Request {
    INCREMENT,
    READ
  }

  @Override
  public Long initial() {
    return 0L;
  }

  @Override
  public Applied<Long, Long> apply(Long state, Request input) {
    var next = input == Request.INCREMENT ? state + 1 : state;
    return new Applied<>(next, next);
  }
}
