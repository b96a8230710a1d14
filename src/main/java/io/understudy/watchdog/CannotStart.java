package io.understudy.watchdog;

/** Why a copy cannot be started on this host at all, with the remedy ([0010]). */
final class CannotStart extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotStart(String reason) {
    super(reason, null, false, false); // the reason is all there is to know
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
