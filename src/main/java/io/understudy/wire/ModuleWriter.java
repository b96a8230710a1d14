package io.understudy.wire;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Copy;
import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RestartPolicy;
import io.understudy.model.SanityCheck;
import io.understudy.model.StateSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a registration as {@link ModuleReader} reads it; everything is spelled out. */
final class ModuleWriter {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;

  private ModuleWriter() {}

  static Map<String, Object> view(ModuleSpec spec) {
    var view = new LinkedHashMap<String, Object>();
    view.put("module", spec.module().value());
    view.put("style", ModuleReader.written(ModuleReader.STYLES, spec.style()));
    view.put("degree", spec.degree());
    view.put("failover", failover(spec.failover()));
    view.put("detection", detection(spec.detection()));
    view.put(
        "ready",
        block(
            "when",
            ModuleReader.written(ModuleReader.READY, spec.readiness().when()),
            "deadline",
            time(spec.readiness().deadline())));
    view.put("restart", restart(spec.restart()));
    view.put("stop-grace", time(spec.stopGrace()));
    spec.state().ifPresent(state -> view.put("state", state(state)));
    view.put("copies", spec.copies().stream().map(ModuleWriter::copy).toList());
    return view;
  }

  private static Object failover(FailoverStrategy strategy) {
    return switch (strategy) {
      case FailoverStrategy.OnEachFailure each -> "on-each-failure";
      case FailoverStrategy.OnOverThreshold over -> Map.of("on-over-threshold", over.threshold());
    };
  }

  private static Map<String, Object> detection(Detection detection) {
    return switch (detection) {
      case Detection.Heartbeat beat ->
          Map.of(
              "heartbeat",
              block(
                  "timeout",
                  time(beat.timeout()),
                  "on",
                  ModuleReader.written(DetectionReader.ON, beat.on())));
      case Detection.Polling polling -> {
        var block = block("interval", time(polling.interval()), "timeout", time(polling.timeout()));
        polling.sanity().ifPresent(check -> block.put("sanity", sanity(check)));
        yield Map.of("polling", block);
      }
    };
  }

  private static Map<String, Object> sanity(SanityCheck check) {
    return switch (check) {
      case SanityCheck.Command command -> Map.of("command", command.command());
      case SanityCheck.TcpConnect tcp -> Map.of("tcp", tcp.port());
      case SanityCheck.HttpGet http -> Map.of("http", http.address().toString());
    };
  }

  private static Map<String, Object> restart(RestartPolicy policy) {
    var view = block("failure-window", time(policy.failureWindow()));
    view.put("cool-down", time(policy.coolDown()));
    view.put("backoff-min", time(policy.backoffMin()));
    view.put("backoff-max", time(policy.backoffMax()));
    view.put("stable-after", time(policy.stableAfter()));
    return view;
  }

  private static Map<String, Object> state(StateSpec state) {
    var view =
        block("replication", ModuleReader.written(StateReader.REPLICATION, state.replication()));
    view.put("interval", time(state.interval()));
    view.put("in-sync-timeout", time(state.inSyncTimeout()));
    view.put("checkpoint", checkpoint(state.checkpoint()));
    return view;
  }

  private static Object checkpoint(CheckpointPolicy policy) {
    return switch (policy) {
      case CheckpointPolicy.EachUpdate each -> StateReader.EACH_UPDATE.name();
      case CheckpointPolicy.None none -> StateReader.NONE.name();
      case CheckpointPolicy.Periodic periodic ->
          block("every-updates", periodic.everyUpdates(), "interval", time(periodic.interval()));
    };
  }

  private static Map<String, Object> copy(Copy copy) {
    var view = block("host", copy.host().value(), "location", copy.location().text());
    if (!copy.arguments().isEmpty()) {
      view.put("arguments", List.copyOf(copy.arguments()));
    }
    return view;
  }

  private static Map<String, Object> block(Object... keysAndValues) {
    var block = new LinkedHashMap<String, Object>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      block.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
    }
    return block;
  }

  /** In the largest unit that says it exactly. */
  private static String time(Duration time) {
    long nanos = time.toNanos();
    if (nanos % SECOND == 0) {
      return nanos / SECOND + "s";
    }
    if (nanos % MILLI == 0) {
      return nanos / MILLI + "ms";
    }
    return nanos % MICRO == 0 ? nanos / MICRO + "us" : nanos + "ns";
  }
}
