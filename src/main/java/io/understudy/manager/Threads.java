package io.understudy.manager;

import java.util.Optional;

/** What Java tells of threads and of failures. */
final class Threads {
  private Threads() {}

  /** Interrupts the threads of a dispatcher. */
  static void interruptNamed(String dispatcher) {
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().contains(dispatcher))
        .forEach(Thread::interrupt);
  }

  /** The first line of the message at the bottom of a failure. */
  static String rootReason(Throwable failure) {
    var cause = failure;
    for (var next = cause.getCause(); next != null; next = cause.getCause()) {
      cause = next;
    }
    var message = Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getName());
    return message.lines().findFirst().orElse(message);
  }
}
