package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.ModuleSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code kill -9} of the JVM of a host that has primaries; their backups are on another. */
record NodeTrials(Trials all) {
  static final int MODULES = 3;

  List<Measurement> run() throws IOException {
    var specs =
        Stream.of("nodeA", "nodeB", "nodeC")
            .limit(MODULES)
            .map(name -> Trials.warm(name, all.programs().following()))
            .toList();
    specs.forEach(all.cluster()::register);
    var confirmed = new ArrayList<Long>();
    for (int i = -Trials.NODE_WARM_UPS; i < all.nodeTrials(); i++) {
      var nanos = trial(specs);
      if (i >= 0) {
        confirmed.addAll(nanos);
      }
    }
    specs.forEach(all.cluster()::deregister);
    return List.of(
        Measurement.millis(
            "node", "kill -9 of a node to its copies promoted elsewhere", confirmed, Bar.NONE));
  }

  private List<Long> trial(List<ModuleSpec> specs) throws IOException {
    var before = specs.stream().map(spec -> all.atRest(spec)).toList();
    var node = all.cluster().node(host(before.getFirst()));
    var mark = all.witness().mark();
    var moment = Moment.now();
    node.kill();
    var nanos = new ArrayList<Long>();
    for (int i = 0; i < specs.size(); i++) {
      if (host(before.get(i)).equals(node.host())) {
        nanos.add(moment.to(confirmed(specs.get(i), before.get(i), mark)));
      }
    }
    node.startAgain();
    all.cluster().awaitUp(node);
    return nanos;
  }

  private Sighting confirmed(ModuleSpec spec, JsonNode before, int mark) {
    return all.witness()
        .await(
            "%s to be promoted elsewhere".formatted(spec.module()),
            mark,
            Trials.PATIENCE,
            seen ->
                Trials.is(seen, Sighting.Event.CONFIRMED, spec)
                    && seen.epoch() > PromotionTrials.epoch(before));
  }

  private static String host(JsonNode module) {
    return Trials.primary(module).path("host").asText();
  }
}
