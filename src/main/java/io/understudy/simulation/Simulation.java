package io.understudy.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Plays a scenario from its first node to the rest after its last fault. */
final class Simulation {
  private static final Duration FORMING = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration HEALING = Duration.ofSeconds(60);

  private Simulation() {}

  /** What went wrong, or empty. */
  static Optional<RuntimeException> failure(
      Scenario scenario, Switches switches, Optional<Consumer<String>> trace) {
    try {
      play(new Cluster(scenario, switches, trace), scenario);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  private static void play(Cluster cluster, Scenario scenario) {
    var end =
        scenario.faults().stream()
            .map(fault -> fault.at().plus(fault.lasting()))
            .reduce(FORMING, (a, b) -> a.compareTo(b) > 0 ? a : b)
            .plusSeconds(1);
    cluster.agenda.playUntil(end.toNanos());
    cluster.calm();
    var rest = new Rest(cluster);
    for (var at = end; at.compareTo(end.plus(HEALING)) < 0; at = at.plus(LOOK)) {
      cluster.agenda.playUntil(at.toNanos());
      if (rest.missing().isEmpty()) {
        return;
      }
    }
    rest.missing()
        .ifPresent(
            what -> {
              throw new Violation("not healed: " + what);
            });
  }

  /** Leaves out halves, quarters and at last single faults, as long as it still fails. */
  static Scenario shortest(Scenario failing, Switches switches) {
    List<Fault> kept = new ArrayList<>(failing.faults());
    for (int size = Math.max(1, kept.size() / 2); size >= 1; size /= 2) {
      for (int at = 0; at + size <= kept.size(); ) {
        var without = new ArrayList<>(kept.subList(0, at));
        without.addAll(kept.subList(at + size, kept.size()));
        if (failure(failing.with(without), switches, Optional.empty()).isPresent()) {
          kept = without;
        } else {
          at += size;
        }
      }
    }
    return failing.with(kept);
  }
}
