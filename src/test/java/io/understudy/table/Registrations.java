package io.understudy.table;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Copy;
import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.model.StateSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads a registration written in one line: {@code A warm 3 on H1 H2=/opt/A H3 threshold 3}.
 *
 * <p>A host without a location has the one of FIG. 2, /home/chung/A.exe.
 */
final class Registrations {
  private Registrations() {}

  static ModuleSpec parse(Deque<String> words) {
    var module = new ModuleId(words.remove());
    var style = ReplicationStyle.valueOf(words.remove().toUpperCase(Locale.ROOT));
    var degree = Integer.parseInt(words.remove());
    var spec = ModuleSpec.of(module, style, degree, List.of());
    while (!words.isEmpty()) {
      spec = option(spec, words.remove(), words);
    }
    return spec;
  }

  private static ModuleSpec option(ModuleSpec spec, String name, Deque<String> values) {
    var restart = spec.restart();
    return switch (name) {
      case "on" -> with(spec, copies(spec.module(), values));
      case "threshold" ->
          spec.withFailover(
              new FailoverStrategy.OnOverThreshold(Integer.parseInt(values.remove())));
      case "heartbeat" ->
          spec.withDetection(
              new Detection.Heartbeat(time(values.remove()), Detection.Heartbeat.Source.PERIOD));
      case "polling" ->
          spec.withDetection(
              new Detection.Polling(
                  time(values.remove()), time(values.remove()), Optional.empty()));
      case "ready" ->
          spec.withReadiness(
              new Readiness(
                  Readiness.When.valueOf(values.remove().toUpperCase(Locale.ROOT)),
                  time(values.remove())));
      case "window" ->
          spec.withRestart(
              new RestartPolicy(
                  time(values.remove()),
                  restart.coolDown(),
                  restart.backoffMin(),
                  restart.backoffMax(),
                  restart.stableAfter()));
      case "cool" ->
          spec.withRestart(
              new RestartPolicy(
                  restart.failureWindow(),
                  time(values.remove()),
                  restart.backoffMin(),
                  restart.backoffMax(),
                  restart.stableAfter()));
      case "backoff" ->
          spec.withRestart(
              new RestartPolicy(
                  restart.failureWindow(),
                  restart.coolDown(),
                  time(values.remove()),
                  time(values.remove()),
                  restart.stableAfter()));
      case "state" ->
          spec.withState(
              StateSpec.DEFAULT.withReplication(
                  Replication.valueOf(values.remove().toUpperCase(Locale.ROOT))));
      case "checkpoint" ->
          spec.withState(spec.state().orElseThrow().withCheckpoint(checkpoint(values.remove())));
      default -> throw new IllegalArgumentException("no option " + name + " of a registration");
    };
  }

  private static CheckpointPolicy checkpoint(String word) {
    return switch (word) {
      case "none" -> new CheckpointPolicy.None();
      case "each" -> new CheckpointPolicy.EachUpdate();
      default -> throw new IllegalArgumentException("no checkpoint " + word);
    };
  }

  private static List<Copy> copies(ModuleId module, Deque<String> values) {
    var copies = new ArrayList<Copy>();
    while (!values.isEmpty() && Character.isUpperCase(values.element().charAt(0))) {
      var word = values.remove().split("=", 2);
      var location = word.length == 2 ? word[1] : "/home/chung/%s.exe".formatted(module);
      copies.add(new Copy(new HostId(word[0]), Location.parse(location)));
    }
    return copies;
  }

  private static ModuleSpec with(ModuleSpec spec, List<Copy> copies) {
    return new ModuleSpec(
        spec.module(),
        spec.style(),
        spec.degree(),
        spec.failover(),
        spec.detection(),
        spec.readiness(),
        spec.restart(),
        spec.stopGrace(),
        spec.state(),
        copies);
  }

  /** Reads 200ms, 10s, 5m or 1h. */
  static Duration time(String text) {
    return text.endsWith("ms")
        ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
        : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }
}
