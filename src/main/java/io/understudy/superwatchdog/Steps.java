package io.understudy.superwatchdog;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a recovery as a node takes them, for who measures where the time goes: lines of the
 * log "io.understudy.steps", which says nothing unless it is set to DEBUG.
 *
 * <p>Each line ends in the step's name, a reading of {@link System#nanoTime}, which all processes
 * of a machine share, and whom the step is about.
 */
public final class Steps {
  private static final Logger LOG = LoggerFactory.getLogger("io.understudy.steps");

  private Steps() {}

  /** One of them, in the order in which they are taken. */
  public enum Step {
    /** A node hung up, or its guard says that it is dead. */
    HEARD,
    /** Its guard has said so, or its host's kernel refuses connections to it. */
    PROVED,
    /** The processes that were its copies are dead. */
    BURIED,
    /** A majority of the SuperWatchDogs agrees that it is dead. */
    AGREED,
    /** The cluster has it down. */
    DOWN,
    /** The cluster is without it. */
    REMOVED,
    /** A ReplicaManager begins to read its journal. */
    BEGUN,
    /** It has read it. */
    RECOVERED,
    /** The ReplicaManager is told of a dead host. */
    REPORTED,
    /** What follows from that is durable. */
    DECIDED,
    /** It has been sent to the hosts. */
    ORDERED
  }

  /** Takes a step. */
  public static void take(Step step, Object about) {
    LOG.debug("{} {} {}", step, System.nanoTime(), about);
  }
}
