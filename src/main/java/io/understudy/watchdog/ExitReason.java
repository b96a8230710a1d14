package io.understudy.watchdog;

import io.understudy.model.FailureKind;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says how a process ended, in the words of a report. */
final class ExitReason {
  private static final int CANNOT_EXECUTE = 126;
  private static final int NOT_FOUND = 127;

  /** What sh adds to the number of the signal that ended a command. */
  private static final int SIGNALLED = 128;

  private static final int LAST_SIGNAL = 64;

  /** Said by the shell that could not execute the program, not by the program. */
  private static final Pattern BY_THE_GUARD =
      Pattern.compile(".*/guard\\.sh: (?:line )?\\d+: (?:exec: )?(.*)");

  private ExitReason() {}

  static CopyNews.Gone of(long pid, Guarded.Exit exit, Supplier<Optional<String>> lastLine) {
    var code = exit.code();
    if (exit.guardKilled()) {
      return crashed("process %d was killed because its guard had been killed".formatted(pid));
    }
    if (code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL) {
      return crashed("process %d exited with signal %d".formatted(pid, code - SIGNALLED));
    }
    var said = lastLine.get();
    if (code == CANNOT_EXECUTE || code == NOT_FOUND) {
      var failure = said.map(BY_THE_GUARD::matcher).filter(Matcher::matches);
      if (failure.isPresent()) {
        return new CopyNews.Gone(
            FailureKind.CANNOT_START,
            "%s: check that it, and the interpreter in its first line, can be run on this host"
                .formatted(failure.get().group(1)));
      }
    }
    var reason = "process %d exited with code %d".formatted(pid, code);
    return crashed(said.map(line -> reason + ": " + line).orElse(reason));
  }

  private static CopyNews.Gone crashed(String reason) {
    return new CopyNews.Gone(FailureKind.CRASHED, reason);
  }
}
