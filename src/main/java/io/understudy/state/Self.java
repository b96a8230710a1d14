package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.ReplicationStyle;

/**
 * Which copy's share a {@link Replica} is.
 *
 * @param run of the copy; a new run begins with nothing
 * @param module what the module's state follows
 */
public record Self(CopyId copy, long run, ReplicationStyle style, Follows module) {
  /** When the module of a sequencer takes its updates into its state. */
  public enum Follows {
    /** It evolves as it decides, before the update is committed: Java modules. */
    DECISIONS,
    /** It is given an update when that is committed, as on every other copy: process modules. */
    COMMITS
  }

  Self as(ReplicationStyle other) {
    return new Self(copy, run, other, module);
  }

  Origin origin(long ticket) {
    return new Origin(copy, run, ticket);
  }

  boolean is(Origin origin) {
    return origin.copy().equals(copy) && origin.run() == run;
  }
}
