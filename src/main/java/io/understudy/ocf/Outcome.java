package io.understudy.ocf;

/**
 * What became of an action.
 *
 * @param code as the agent gave it
 * @param said its last line, or nothing
 */
record Outcome(String action, int code, String said) {
  static final int SUCCESS = 0;
  static final int NOT_RUNNING = 7;
  static final int PROMOTED = 8;
  static final int FAILED_PROMOTED = 9;
  private static final int DEGRADED = 190;
  private static final int DEGRADED_PROMOTED = 191;

  /** Of an action that was ended at its time-out, and of one that had to be killed. */
  private static final int TIMED_OUT = 124;

  private static final int KILLED = 128 + 9;

  /** The same with a resource that works badly taken for one that works. */
  int state() {
    return switch (code) {
      case DEGRADED -> SUCCESS;
      case DEGRADED_PROMOTED -> PROMOTED;
      default -> code;
    };
  }

  @Override
  public String toString() {
    var text = "%s: code %d (%s)".formatted(action, code, meaning());
    return said.isEmpty() ? text : text + ": " + said;
  }

  /** In the words of OCF RA API 1.1, section 3.4.2. */
  private String meaning() {
    return switch (code) {
      case SUCCESS -> "success";
      case 1 -> "failed";
      case 2 -> "bad parameters";
      case 3 -> "not implemented";
      case 4 -> "no permission";
      case 5 -> "not installed";
      case 6 -> "not configured";
      case NOT_RUNNING -> "not running";
      case PROMOTED -> "promoted";
      case FAILED_PROMOTED -> "failed while promoted";
      case TIMED_OUT, KILLED -> "too slow, killed";
      case DEGRADED, DEGRADED_PROMOTED -> "degraded";
      default -> "unknown";
    };
  }
}
