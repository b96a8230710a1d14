package io.understudy.watchdog;

import io.understudy.model.CopyReport;
import io.understudy.model.Detection;

/** What is to be done about one run of a copy. */
sealed interface CopyAction {
  record Report(CopyReport report) implements CopyAction {}

  record Tell(Standing standing) implements CopyAction {}

  record Poll(Detection.Polling how) implements CopyAction {}

  /** Ask it to end. */
  record Terminate(boolean hung) implements CopyAction {}

  record Kill() implements CopyAction {}
}
