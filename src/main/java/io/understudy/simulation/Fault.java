package io.understudy.simulation;

import java.time.Duration;
import java.util.Locale;

/**
 * One thing that goes wrong; any may be left out of a scenario.
 *
 * @param at when it begins
 * @param lasting until it is over
 * @param a the first it concerns: a machine, a set of machines as bits, or a module
 * @param b the second, where there is one; of a module, what its next registration, or the copy
 *     that is to be its primary, follows from
 */
record Fault(Kind kind, Duration at, Duration lasting, int a, int b) {
  /** What may go wrong, and how often. */
  enum Kind {
    /** A node's process is killed; its kernel closes its connections. */
    KILL(10),
    /** A machine loses power, and is silent. */
    POWER_LOSS(6),
    /** A node is stopped, and goes on later. */
    PAUSE(14),
    /** A node's timers come late. */
    STARVE(5),
    /** Nothing passes from one machine to another. */
    CUT_ONE_WAY(10),
    /** Nothing passes between two machines. */
    CUT(8),
    /** Nothing passes between a set of machines and the others. */
    SPLIT(12),
    /** Nothing passes out of a set of machines. */
    SPLIT_ONE_WAY(6),
    /** Much is lost. */
    LOSS(6),
    /** Much comes late, in any order. */
    DELAY(6),
    /** Lifelines close though nobody died. */
    HANG_UP(6),
    /** A live node's machine refuses connections, at one SuperWatchDog only. */
    REFUSAL(2),
    /** A SuperWatchDog begins anew and has forgotten everything. */
    FORGET(5),
    /** A WatchDog begins anew, on the same node. */
    REBEGIN(4),
    /** A node leaves in peace. */
    LEAVE(4),
    /** A copy crashes. */
    CRASH(8),
    /** The ReplicaManager begins anew. */
    MANAGER(4),
    /** The journal takes its time. */
    JOURNAL_SLOW(5),
    /** The journal does not answer; what it was given may or may not be durable. */
    JOURNAL_AWAY(5),
    /** One machine does not reach the journal. */
    JOURNAL_CUT(5),
    /** A module is registered anew, to be protected in another way; drawn by itself. */
    REGISTER(0),
    /** A module is deregistered, and registered in another way later; drawn by itself. */
    DEREGISTER(0),
    /** An operator wants another copy of a module to be its primary; drawn by itself. */
    SWITCHOVER(0),
    /** A host is drained, and resumed later; drawn by itself. */
    DRAIN(0);

    final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /** Whether it may keep a node that lives from being heard. */
  boolean silencesTheLiving() {
    return switch (kind) {
      case PAUSE, STARVE, CUT_ONE_WAY, CUT, SPLIT, SPLIT_ONE_WAY, LOSS, DELAY, REFUSAL -> true;
      case KILL, POWER_LOSS, HANG_UP, FORGET, REBEGIN, LEAVE, CRASH -> false;
      case MANAGER, JOURNAL_SLOW, JOURNAL_AWAY, JOURNAL_CUT -> false;
      case REGISTER, DEREGISTER, SWITCHOVER, DRAIN -> false;
    };
  }

  /** Whether any node, dead or alive, may be silent for it. */
  boolean silencesANode() {
    return silencesTheLiving()
        || kind == Kind.KILL
        || kind == Kind.POWER_LOSS
        || kind == Kind.LEAVE;
  }

  @Override
  public String toString() {
    return "%s %d %d at %d ms for %d ms"
        .formatted(
            kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            a,
            b,
            at.toMillis(),
            lasting.toMillis());
  }
}
