package io.understudy.table;

import io.understudy.model.FailureKind;
import java.time.Instant;

/** Where a copy stands between idle and running. */
public sealed interface Phase {
  /** Not running and not meant to. */
  record Idle() implements Phase {}

  /** Ordered, and not known to be ready. */
  record Starting() implements Phase {}

  /** Known to be ready. */
  record Running(long pid, Instant since) implements Phase {}

  /** Known to be dead, and what becomes of it is not decided; never lasts beyond one plan. */
  record Failed(FailureKind kind) implements Phase {}

  /** Dead, and started again on its host when its back-off is over (resolution c). */
  record Waiting(Instant notBefore) implements Phase {}

  /** Told to stop, and not known to be dead. */
  record Stopping() implements Phase {}
}
