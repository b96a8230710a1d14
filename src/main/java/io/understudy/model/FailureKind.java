package io.understudy.model;

/** How a copy failed. */
public enum FailureKind {
  /** The process ended, or the actor threw. */
  CRASHED,
  /** It missed a heartbeat or a poll, and was killed for it. */
  HUNG,
  /** It did not become ready by its deadline, and was killed for it. */
  NOT_READY,
  /** It could not be started on this host at all, so that a restart there is in vain ([0010]). */
  CANNOT_START,
  /** A primary that was killed because its host's lease ran out (I5). */
  FENCED
}
