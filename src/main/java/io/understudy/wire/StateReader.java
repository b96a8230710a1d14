package io.understudy.wire;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Replication;
import io.understudy.model.StateSpec;
import io.understudy.model.TimeRange;
import io.understudy.wire.Section.Choice;
import java.util.List;
import java.util.Optional;

/**
 * Reads how a module's state is kept; throws {@link MalformedText}.
 *
 * @param top of the module file
 */
record StateReader(Section top) {
  static final List<Choice<Replication>> REPLICATION =
      List.of(new Choice<>("sync", Replication.SYNC), new Choice<>("async", Replication.ASYNC));
  static final Choice<CheckpointPolicy> EACH_UPDATE =
      new Choice<>("each-update", new CheckpointPolicy.EachUpdate());
  static final Choice<CheckpointPolicy> NONE = new Choice<>("none", new CheckpointPolicy.None());

  /** A block, of which all may be left out, or the replication alone; without either, no state. */
  Optional<StateSpec> read() {
    return top.find("state").map(this::read);
  }

  private StateSpec read(ConfigValue value) {
    var normal = StateSpec.DEFAULT;
    if (!(value instanceof ConfigObject)) {
      var text = String.valueOf(value.unwrapped());
      var block = new Choice<>("{ ... }", Replication.SYNC);
      var names = List.of(REPLICATION.get(0), REPLICATION.get(1), block);
      return normal.withReplication(top.chosen("state", text, names));
    }
    var block = top.section("state").orElseThrow();
    block.allowing(List.of("replication", "interval", "in-sync-timeout", "checkpoint"));
    return new StateSpec(
        block.choice("replication", REPLICATION).orElse(normal.replication()),
        block.time("interval", TimeRange.POSITIVE).orElse(normal.interval()),
        block.time("in-sync-timeout", TimeRange.IN_SYNC_TIMEOUT).orElse(normal.inSyncTimeout()),
        block
            .find("checkpoint")
            .map(written -> checkpoint(block, written))
            .orElse(normal.checkpoint()));
  }

  private static CheckpointPolicy checkpoint(Section state, ConfigValue value) {
    if (!(value instanceof ConfigObject)) {
      var periodic = "{ every-updates = N, interval = T }";
      var names = List.of(EACH_UPDATE, NONE, new Choice<CheckpointPolicy>(periodic, NONE.value()));
      return state.chosen("checkpoint", String.valueOf(value.unwrapped()), names);
    }
    var normal = CheckpointPolicy.Periodic.DEFAULT;
    var block = state.section("checkpoint").orElseThrow();
    block.allowing(List.of("every-updates", "interval"));
    return new CheckpointPolicy.Periodic(
        block
            .find("every-updates")
            .map(updates -> block.whole("every-updates", updates, 1, Long.MAX_VALUE))
            .orElse(normal.everyUpdates()),
        block.time("interval", TimeRange.POSITIVE).orElse(normal.interval()));
  }
}
