package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.FailoverStrategy.OnOverThreshold;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.TableEvent;
import java.util.ArrayList;
import java.util.List;

/** SIGKILL of a process copy that is restarted in place. */
record RestartTrials(Trials all) {
  private static final Bar BAR = new Bar(10, Double.POSITIVE_INFINITY);

  List<Measurement> run() {
    var spec =
        Trials.module("restart", ReplicationStyle.COLD, all.programs().atOnce())
            .withFailover(new OnOverThreshold(Integer.MAX_VALUE));
    all.cluster().register(spec);
    var started = new ArrayList<Long>();
    var decided = new ArrayList<Long>();
    for (int i = -all.warmUps(); i < all.trials(); i++) {
      var module = all.atRest(spec);
      var version = all.version();
      var mark = all.witness().mark();
      var moment = Signals.kill(Trials.primary(module).path("pid").asLong());
      var seen =
          all.witness()
              .await(
                  "the copy to start again",
                  mark,
                  Trials.PATIENCE,
                  sighting -> Trials.is(sighting, Sighting.Event.STARTED, spec));
      all.cluster().awaitProtected(spec, it -> pid(it) == seen.pid());
      if (i >= 0) {
        started.add(moment.to(seen));
        all.journal()
            .first(version, TableEvent.CopyFailed.class)
            .ifPresent(at -> decided.add(moment.to(at)));
      }
    }
    all.cluster().deregister(spec);
    return List.of(
        Measurement.millis("restart", "SIGKILL of a copy to restarted in place", started, BAR),
        Measurement.millis("restart.decided", "  of that: to the decision", decided, Bar.NONE));
  }

  private static long pid(JsonNode module) {
    return Trials.primary(module).path("pid").asLong();
  }
}
