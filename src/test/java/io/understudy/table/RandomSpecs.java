package io.understudy.table;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Copy;
import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.model.StateSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Registrations by chance. */
final class RandomSpecs {
  private static final List<ReplicationStyle> STYLES = List.of(ReplicationStyle.values());
  private static final int[] THRESHOLDS = {1, 1, 2, 3, 9};

  private final SplittableRandom random;
  private final List<HostId> hosts;

  RandomSpecs(SplittableRandom random, List<HostId> hosts) {
    this.random = random;
    this.hosts = hosts;
  }

  ModuleSpec valid(ModuleId module) {
    var on = some(hosts);
    var style = STYLES.get(random.nextInt(3));
    var degree = style == ReplicationStyle.COLD ? on.size() : 1 + random.nextInt(on.size());
    var threshold = THRESHOLDS[random.nextInt(THRESHOLDS.length)];
    var spec =
        ModuleSpec.of(module, style, degree, copies(on))
            .withFailover(new FailoverStrategy.OnOverThreshold(threshold))
            .withDetection(
                random.nextBoolean()
                    ? Detection.Polling.DEFAULT
                    : new Detection.Heartbeat(
                        Duration.ofSeconds(2), Detection.Heartbeat.Source.PERIOD))
            .withRestart(restart());
    return keepsState(module) ? spec.withState(state()) : spec;
  }

  /** Every other module, but not always, which is refused where one runs. */
  private boolean keepsState(ModuleId module) {
    return (module.value().charAt(0) % 2 == 0) == random.nextInt(20) > 0;
  }

  private StateSpec state() {
    return new StateSpec(
        random.nextInt(3) == 0 ? Replication.ASYNC : Replication.SYNC,
        Duration.ofMillis(random.nextInt(1, 100)),
        Duration.ofMillis(random.nextInt(200, 2000)),
        switch (random.nextInt(3)) {
          case 0 -> new CheckpointPolicy.EachUpdate();
          case 1 -> new CheckpointPolicy.None();
          default -> CheckpointPolicy.Periodic.DEFAULT;
        });
  }

  private RestartPolicy restart() {
    var least = random.nextInt(1, 2000);
    return new RestartPolicy(
        Duration.ofSeconds(random.nextInt(1, 100)),
        Duration.ofSeconds(random.nextInt(0, 60)),
        Duration.ofMillis(least),
        Duration.ofMillis(least + random.nextInt(0, 20_000)),
        Duration.ofSeconds(random.nextInt(0, 20)));
  }

  /** The same module with one thing changed; it may be refused. */
  ModuleSpec changed(ModuleSpec spec) {
    return switch (random.nextInt(6)) {
      case 0 -> of(spec, spec.style(), spec.degree(), copies(hostsOf(spec)));
      case 1 -> {
        var style = STYLES.get(random.nextInt(3));
        var cold = style == ReplicationStyle.COLD;
        yield of(spec, style, cold ? spec.copies().size() : spec.degree(), spec.copies());
      }
      case 2 -> of(spec, spec.style(), spec.degree() + random.nextInt(-1, 2), spec.copies());
      case 3 -> {
        var copies = new ArrayList<>(spec.copies());
        copies.remove(random.nextInt(copies.size()));
        var cold = spec.style() == ReplicationStyle.COLD;
        yield of(spec, spec.style(), cold ? copies.size() : spec.degree(), copies);
      }
      case 4 -> spec.state().isPresent() ? spec.withState(state()) : spec;
      default -> {
        var copies = new ArrayList<>(spec.copies());
        Collections.shuffle(copies, new Random(random.nextLong()));
        yield of(spec, spec.style(), spec.degree(), copies);
      }
    };
  }

  private static ModuleSpec of(
      ModuleSpec spec, ReplicationStyle style, int degree, List<Copy> copies) {
    var changed =
        ModuleSpec.of(spec.module(), style, degree, copies)
            .withFailover(spec.failover())
            .withDetection(spec.detection())
            .withRestart(spec.restart());
    return spec.state().map(changed::withState).orElse(changed);
  }

  private static List<HostId> hostsOf(ModuleSpec spec) {
    return spec.copies().stream().map(Copy::host).toList();
  }

  private List<Copy> copies(List<HostId> on) {
    var location = Location.parse("/opt/v" + random.nextInt(3));
    return on.stream().map(host -> new Copy(host, location)).toList();
  }

  private List<HostId> some(List<HostId> all) {
    var shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(random.nextLong()));
    return shuffled.subList(0, 1 + random.nextInt(shuffled.size()));
  }
}
