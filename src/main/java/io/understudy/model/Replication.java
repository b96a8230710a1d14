package io.understudy.model;

/** When an update of a module's state is acknowledged. */
public enum Replication {
  /** When every copy in sync has it. */
  SYNC,
  /** When the copy that took it has it; the others are sent what is new periodically ([0017]). */
  ASYNC
}
