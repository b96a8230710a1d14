package io.understudy.state;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What kind of module a seed is about. */
record Plan(ReplicationStyle style, Self.Follows module, StateSpec spec) {
  static Plan of(Random random) {
    var style = ReplicationStyle.values()[random.nextInt(3)];
    var policies =
        List.of(
            new CheckpointPolicy.Periodic(5, Duration.ofMillis(200)),
            new CheckpointPolicy.EachUpdate(),
            new CheckpointPolicy.Periodic(5, Duration.ofMillis(200)),
            new CheckpointPolicy.None());
    var policy = policies.get(random.nextInt(style == ReplicationStyle.COLD ? 2 : 4));
    var async = style == ReplicationStyle.WARM && random.nextInt(4) == 0;
    var spec =
        new StateSpec(
            async ? Replication.ASYNC : Replication.SYNC,
            Duration.ofMillis(40),
            Duration.ofMillis(400),
            policy);
    var module = Self.Follows.values()[random.nextInt(4) == 0 ? 1 : 0];
    return new Plan(style, module, spec);
  }

  /** Another policy that promises no more. */
  Optional<StateSpec> another(Random random) {
    if (!(spec.checkpoint() instanceof CheckpointPolicy.Periodic)
        || spec.replication() == Replication.ASYNC) {
      return Optional.empty();
    }
    var policies =
        List.of(
            new CheckpointPolicy.EachUpdate(),
            new CheckpointPolicy.Periodic(3 + random.nextInt(20), Duration.ofMillis(200)));
    return Optional.of(spec.withCheckpoint(policies.get(random.nextInt(2))));
  }

  boolean hot() {
    return style == ReplicationStyle.HOT;
  }

  boolean cold() {
    return style == ReplicationStyle.COLD;
  }

  /** Whether what was committed is still there when the copies in sync live on. */
  boolean keeps() {
    return spec.replication() == Replication.SYNC || eachUpdate();
  }

  boolean eachUpdate() {
    return spec.checkpoint() instanceof CheckpointPolicy.EachUpdate;
  }
}
