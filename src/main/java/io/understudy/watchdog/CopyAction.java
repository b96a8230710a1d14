package io.understudy.watchdog;

import io.understudy.model.CopyReport;
import java.time.Duration;

/** What is to be done about one run of a copy. */
sealed interface CopyAction {
  record Report(CopyReport report) implements CopyAction {}

  record Tell(Standing standing) implements CopyAction {}

  record Poll(Duration timeout) implements CopyAction {}

  /** Ask it to end. */
  record Terminate(boolean hung) implements CopyAction {}

  record Kill() implements CopyAction {}
}
