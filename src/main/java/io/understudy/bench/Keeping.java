package io.understudy.bench;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How the state of a module is kept. */
enum Keeping {
  /** Warm, and every copy in sync has an update before it is acknowledged. */
  SYNC,
  /** Warm, and acknowledged at once. */
  ASYNC,
  /** All copies are asked; SYNC. */
  HOT,
  /** Warm, SYNC, and the Checkpoint Server has it too. */
  EACH_UPDATE;

  private static final Location COUNTER = new Location.ActorClass(CounterModule.class.getName());

  private ReplicationStyle style() {
    return this == HOT ? ReplicationStyle.HOT : ReplicationStyle.WARM;
  }

  private StateSpec state() {
    return switch (this) {
      case SYNC, HOT -> StateSpec.DEFAULT;
      case ASYNC -> StateSpec.DEFAULT.withReplication(Replication.ASYNC);
      case EACH_UPDATE -> StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate());
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A counter with a copy on each of these hosts, of which the first is the primary. */
  ModuleSpec counter(String name, List<HostId> hosts) {
    return counter(name, style(), state(), hosts);
  }

  static ModuleSpec counter(
      String name, ReplicationStyle style, StateSpec state, List<HostId> hosts) {
    return counter(name, style, state, hosts, hosts.size());
  }

  static ModuleSpec counter(
      String name, ReplicationStyle style, StateSpec state, List<HostId> hosts, int degree) {
    var copies = hosts.stream().map(host -> new Copy(host, COUNTER)).toList();
    return ModuleSpec.of(new ModuleId(name), style, degree, copies)
        .withRestart(Trials.AT_ONCE)
        .withState(state);
  }

  /** The same hosts, another one first. */
  static List<HostId> beginningWith(int first, List<HostId> hosts) {
    var turned = new ArrayList<>(hosts);
    Collections.rotate(turned, -first);
    return turned;
  }
}
