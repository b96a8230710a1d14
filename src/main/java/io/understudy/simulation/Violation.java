package io.understudy.simulation;

/** An invariant does not hold, or something has not healed. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  Violation(String what) {
    super(what);
  }
}
