package io.understudy.client;

import java.io.Serial;

/** A request to a module got no answer; the message says why and what to do. */
public final class RequestFailed extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final Outcome outcome;

  /** What became of the request. */
  public enum Outcome {
    /** It has had no effect and will have none. */
    NOT_DONE,
    /** It has had its effect, once; the reply to it is lost. */
    DONE,
    /** It may have had its effect, or may yet have it; never twice. */
    UNKNOWN
  }

  RequestFailed(Outcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  public Outcome outcome() {
    return outcome;
  }
}
