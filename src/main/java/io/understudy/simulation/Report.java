package io.understudy.simulation;

import java.util.ArrayList;
import java.util.Optional;

/** What a seed did, with as few of its faults as it takes to fail. */
record Report(boolean failed, String text) {
  static Report of(long seed, Switches switches) {
    var whole = Scenario.of(seed);
    var fails = Simulation.failure(whole, switches, Optional.empty()).isPresent();
    var shortest = fails ? Simulation.shortest(whole, switches) : whole;
    var trace = new ArrayList<String>();
    var failure = Simulation.failure(shortest, switches, Optional.of(trace::add));
    var text =
        "seed %d, %d of %d faults, %d managers, clocks %s, every %s, %s%n%s%n%n%s"
            .formatted(
                seed,
                shortest.faults().size(),
                whole.faults().size(),
                shortest.managers(),
                shortest.clocks().stream().map(HostClock::rate).toList(),
                shortest.interval(),
                shortest.terms(),
                String.join("\n", trace),
                failure.map(Throwable::toString).orElse("all is well"));
    return new Report(failure.isPresent(), text);
  }
}
