package io.understudy.bench;

import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.Steps.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code kill -9} of the JVM of a host that has primaries; their backups are on another. */
final class NodeTrials {
  static final int MODULES = 3;
  private static final Bar BAR = new Bar(80, 500);

  private final Trials all;
  private final List<ModuleSpec> specs;
  private final List<Long> confirmed = new ArrayList<>();
  private final Shares shares = new Shares("node");

  NodeTrials(Trials all) {
    this.all = all;
    this.specs =
        Stream.of("nodeA", "nodeB", "nodeC")
            .limit(MODULES)
            .map(name -> Trials.warm(name, all.programs().following()))
            .toList();
  }

  List<Measurement> run() throws IOException {
    specs.forEach(all.cluster()::register);
    for (int i = -all.nodeWarmUps(); i < all.nodeTrials(); i++) {
      trial(i >= 0);
    }
    specs.forEach(all.cluster()::deregister);
    var measured = new ArrayList<Measurement>();
    measured.add(
        Measurement.millis(
            "node", "kill -9 of a node to its copies promoted elsewhere", confirmed, BAR));
    measured.addAll(shares.measurements());
    return measured;
  }

  private void trial(boolean counts) throws IOException {
    var first = all.cluster().awaitProtected(specs.getFirst(), it -> true);
    var death = HostDeath.of(all, all.cluster().node(HostDeath.host(first)), specs);
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
