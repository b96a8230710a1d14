package io.understudy.bench;

import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.Steps.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The end of a host that has primaries; their backups are on another. */
final class NodeTrials {
  static final int MODULES = 3;

  private final Trials all;
  private final Failure failure;
  private final List<ModuleSpec> specs;
  private final List<Long> confirmed = new ArrayList<>();
  private final Shares shares;

  /**
   * How the host fails.
   *
   * @param id of the figures, and the beginning of the modules' names
   * @param by what then tells the moment
   */
  private record Failure(String id, String what, Bar bar, Function<BenchNode, Moment> by) {}

  private NodeTrials(Trials all, Failure failure) {
    this.all = all;
    this.failure = failure;
    this.shares = new Shares(failure.id());
    this.specs =
        Stream.of("A", "B", "C")
            .limit(MODULES)
            .map(name -> Trials.warm(failure.id() + name, all.programs().following()))
            .toList();
  }

  /** {@code kill -9} of its JVM. */
  static NodeTrials killed(Trials all) {
    return new NodeTrials(
        all,
        new Failure(
            "node",
            "kill -9 of a node to its copies promoted elsewhere",
            new Bar(80, 500),
            BenchNode::kill));
  }

  /**
   * All its processes stopped at once, so that nothing says that it is dead but that it is silent.
   */
  static NodeTrials silent(Trials all) {
    return new NodeTrials(
        all,
        new Failure(
            "silent",
            "a host silent to its copies promoted elsewhere",
            new Bar(3000, 3000),
            BenchNode::silence));
  }

  List<Measurement> run() throws IOException {
    specs.forEach(all.cluster()::register);
    for (int i = -all.nodeWarmUps(); i < all.nodeTrials(); i++) {
      trial(i >= 0);
    }
    specs.forEach(all.cluster()::deregister);
    var measured = new ArrayList<Measurement>();
    measured.add(Measurement.millis(failure.id(), failure.what(), confirmed, failure.bar()));
    measured.addAll(shares.measurements());
    return measured;
  }

  private void trial(boolean counts) throws IOException {
    var first = all.cluster().awaitProtected(specs.getFirst(), it -> true);
    var death = HostDeath.of(all, all.cluster().node(HostDeath.host(first)), specs, failure.by());
    var promoted =
        death.lost().stream().map(lost -> death.seen(Sighting.Event.CONFIRMED, lost)).toList();
    if (counts) {
      promoted.forEach(at -> confirmed.add(death.moment().to(at)));
      var last = promoted.stream().mapToLong(at -> at).max().orElseThrow();
      HostDeath.follow(
              shares.from(death.moment()),
              death.steps(),
              Step.HEARD,
              Step.PROVED,
              Step.AGREED,
              Step.REPORTED,
              Step.DECIDED,
              Step.ORDERED)
          .to("confirmed by the last", last);
    }
    death.over();
  }
}
