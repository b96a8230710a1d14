package io.understudy.model;

/** When a failed copy's work moves to another host (patent [0015]). */
public sealed interface FailoverStrategy {
  /** The failure, counted from 1, that migrates the copy. */
  int threshold();

  /** Migrate at every failure. */
  record OnEachFailure() implements FailoverStrategy {
    @Override
    public int threshold() {
      return 1;
    }
  }

  /**
   * Restart on the same host below the threshold, migrate when it is reached.
   *
   * @param threshold at least 1; 1 equals {@link OnEachFailure} (resolution a)
   */
  record OnOverThreshold(int threshold) implements FailoverStrategy {}
}
