package io.understudy.launcher;

/** Ends a command with one line for the one who gave it, and an exit code. */
final class Complaint extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The cluster refused, or a node cannot go on. */
  static final int REFUSED = 1;

  /** The command or its settings are wrong. */
  static final int USAGE = 2;

  /** No ReplicaManager, or no node at all, answers. */
  static final int UNREACHABLE = 3;

  private final int exitCode;

  Complaint(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
