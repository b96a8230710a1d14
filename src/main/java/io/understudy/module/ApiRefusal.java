package io.understudy.module;

import java.io.IOException;

/** What the local module API refuses, with its reason. */
public final class ApiRefusal extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int GONE = 410;
  private static final int UNPROCESSABLE = 422;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private final int status;

  /**
   * As it was answered.
   *
   * @param status of HTTP
   */
  public ApiRefusal(int status, String reason) {
    super(reason);
    this.status = status;
  }

  /** The status of HTTP. */
  public int status() {
    return status;
  }

  /** This copy does not serve; what it had proposed may or may not take effect. */
  public boolean notPrimary() {
    return status == CONFLICT;
  }

  /**
   * Nothing is known yet: the same may be asked again. An update may be committed all the same, and
   * one that was proposed without a client's name is another one when it is proposed again.
   */
  public boolean askAgain() {
    return status == TOO_MANY || status == UNAVAILABLE;
  }

  /** The module is registered without state. */
  public boolean noState() {
    return status == NOT_FOUND;
  }

  /** A later request of the same client has been decided. */
  public boolean overtaken() {
    return status == UNPROCESSABLE;
  }

  /** What the copy has is no part of its state any more: it begins anew. */
  boolean beginAnew() {
    return status == GONE;
  }
}
