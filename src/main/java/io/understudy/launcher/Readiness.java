package io.understudy.launcher;

import java.util.Optional;

/** Whether a node is ready, and if not, why. Actors write it, HTTP reads it. */
final class Readiness {
  private Optional<String> reason;

  Readiness(String atFirst) {
    reason = Optional.of(atFirst);
  }

  /** What it waits for, unless it is ready by now. */
  synchronized void waitsFor(String what) {
    reason = reason.map(before -> what);
  }

  synchronized void ready() {
    reason = Optional.empty();
  }

  synchronized void notReady(String why) {
    reason = Optional.of(why);
  }

  /** Why it is not ready, or empty when it is. */
  synchronized Optional<String> unready() {
    return reason;
  }
}
