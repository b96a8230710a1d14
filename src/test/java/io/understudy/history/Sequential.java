package io.understudy.history;

/**
 * What one copy that never fails would do. States and inputs are compared with equals.
 *
 * @param <S> a state; {@code apply} leaves it as it is
 */
public interface Sequential<S, I, O> {
  S initial();

  Applied<S, O> apply(S state, I input);

  /** The state after a request, and the answer to it. */
  record Applied<S, O>(S state, O output) {}
}
