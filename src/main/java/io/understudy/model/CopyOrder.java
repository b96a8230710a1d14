package io.understudy.model;

import java.util.Objects;
import java.util.Optional;

/**
 * What a host owes of one copy: a state to be in, not a step to take, so that it may be repeated
 * (I3).
 *
 * @param run which execution of the copy is meant; a higher run replaces a lower one
 * @param status {@link CopyStatus#IDLE} when the copy is to be stopped
 * @param epoch of the module; a WatchDog refuses an order of a lower one (I4)
 * @param version of the module's row in the table; a WatchDog refuses an order of a lower one
 * @param group with whom it keeps the module's state; empty for a module without state. A change of
 *     the group alone is not told to the module
 */
public record CopyOrder(
    CopyId copy,
    long run,
    CopyStatus status,
    Epoch epoch,
    long version,
    Launch launch,
    Optional<StateGroup> group) {
  public CopyOrder {
    group =
        Objects.requireNonNullElse(group, Optional.empty()); // from a node of before there was any
  }

  /** Of a module without state. */
  public CopyOrder(
      CopyId copy, long run, CopyStatus status, Epoch epoch, long version, Launch launch) {
    this(copy, run, status, epoch, version, launch, Optional.empty());
  }

  /** This order of a run that is watched, and ended, as it says there from now on. */
  public CopyOrder watched(Launch how) {
    var now =
        new Launch(
            launch.location(),
            launch.arguments(),
            launch.adopt(),
            how.detection(),
            launch.readiness(),
            how.stopGrace(),
            launch.alone());
    return new CopyOrder(copy, run, status, epoch, version, now, group);
  }

  /** Of the group that goes with it; 0 when there is none. */
  public long configuration() {
    return group.map(StateGroup::configuration).orElse(0L);
  }
}
