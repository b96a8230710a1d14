package io.understudy.model;

import java.time.Duration;

/** When the state of a module is stored at the Checkpoint Server (patent [0014]). */
public sealed interface CheckpointPolicy {
  /**
   * Every so often; what came after the last checkpoint is lost with the last copy that had it.
   *
   * @param everyUpdates this many updates after the last checkpoint, the next one is due
   * @param interval so long after the last checkpoint, the next one is due if anything has changed
   */
  record Periodic(long everyUpdates, Duration interval) implements CheckpointPolicy {
    public static final Periodic DEFAULT = new Periodic(10_000, Duration.ofSeconds(10));
  }

  /** Each update is stored before it is acknowledged. */
  record EachUpdate() implements CheckpointPolicy {}

  /** Never: the state lives as long as one copy that has it. */
  record None() implements CheckpointPolicy {}
}
