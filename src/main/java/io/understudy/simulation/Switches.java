package io.understudy.simulation;

import java.util.Set;

/**
 * Rules of the system that a simulation leaves out, to show that it would notice.
 *
 * @param off the rules that do not hold
 */
public record Switches(Set<Rule> off) {
  /** All rules hold. */
  public static final Switches NONE = new Switches(Set.of());

  /** A rule that keeps modules from having two primaries. */
  public enum Rule {
    /** Nobody joins through a node that is out of touch with the majority (I5). */
    ADMISSION,
    /** WatchDogs refuse orders that are older than what they know (I4). */
    EPOCHS,
    /** A SuperWatchDog votes only after the lease has run out (I5). */
    LEASE_WAIT,
    /** A verdict needs a majority (I5). */
    MAJORITY,
    /** No order leaves before its event is durable (I2). */
    PERSIST_FIRST
  }

  public Switches {
    off = Set.copyOf(off);
  }

  boolean holds(Rule rule) {
    return !off.contains(rule);
  }
}
