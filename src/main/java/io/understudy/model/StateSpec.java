package io.understudy.model;

import java.time.Duration;
import java.util.Optional;

/**
 * How the state of a module is kept (DESIGN.md, section 4).
 *
 * @param interval ASYNC: how often the other copies are sent what is new
 * @param inSyncTimeout a copy in sync that has acknowledged nothing for so long leaves the set of
 *     those in sync
 */
public record StateSpec(
    Replication replication,
    Duration interval,
    Duration inSyncTimeout,
    CheckpointPolicy checkpoint) {
  public static final StateSpec DEFAULT =
      new StateSpec(
          Replication.SYNC,
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          CheckpointPolicy.Periodic.DEFAULT);

  public StateSpec withReplication(Replication how) {
    return new StateSpec(how, interval, inSyncTimeout, checkpoint);
  }

  public StateSpec withInterval(Duration time) {
    return new StateSpec(replication, time, inSyncTimeout, checkpoint);
  }

  public StateSpec withInSyncTimeout(Duration time) {
    return new StateSpec(replication, interval, time, checkpoint);
  }

  public StateSpec withCheckpoint(CheckpointPolicy policy) {
    return new StateSpec(replication, interval, inSyncTimeout, policy);
  }

  /** Why a module of this style cannot keep its state so, with the remedy, or empty. */
  Optional<String> refusal(ReplicationStyle style) {
    if (checkpoint instanceof CheckpointPolicy.Periodic(var updates, var time) && updates < 1) {
      return Optional.of(
          "a checkpoint every %d updates is not possible; give 1 or more".formatted(updates));
    }
    if (checkpoint instanceof CheckpointPolicy.None && style == ReplicationStyle.COLD) {
      return Optional.of(
          "cold, the next copy has the state from the Checkpoint Server alone; let state.checkpoint"
              + " be each-update or { every-updates = N, interval = T }");
    }
    return Optional.empty();
  }
}
