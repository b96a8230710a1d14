package io.understudy.bench;

import io.understudy.model.Detection.Heartbeat;
import io.understudy.model.ModuleSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** SIGSTOP of the primary of a warm module, which then misses its heartbeats. */
record HangTrials(Trials all) {
  static final Duration TIMEOUT = Duration.ofMillis(500);

  List<Measurement> run() {
    var spec =
        Trials.warm("hang", all.programs().beating())
            .withDetection(new Heartbeat(TIMEOUT, Heartbeat.Source.PERIOD));
    all.cluster().register(spec);
    var beyond = new ArrayList<Long>();
    for (int i = -all.warmUps(); i < all.trials(); i++) {
      var nanos = trial(spec);
      if (i >= 0) {
        beyond.add(nanos);
      }
    }
    all.cluster().deregister(spec);
    return List.of(
        Measurement.millis(
            "hang",
            "hang beyond the heartbeat timeout to the backup having confirmed",
            beyond,
            Bar.NONE));
  }

  /** Nanoseconds from the end of the timeout, which began with the last heartbeat sent. */
  private long trial(ModuleSpec spec) {
    var before = all.atRest(spec);
    var epoch = PromotionTrials.epoch(before);
    var pid = Trials.primary(before).path("pid").asLong();
    var mark = all.witness().mark();
    all.witness().await("a heartbeat", mark, Trials.PATIENCE, seen -> seen.pid() == pid);
    Signals.stop(pid);
    var confirmed =
        all.witness()
            .await(
                "the backup to take over from the one that hangs",
                mark,
                Trials.PATIENCE,
                seen -> Trials.is(seen, Sighting.Event.CONFIRMED, spec) && seen.epoch() > epoch);
    var lastBeat =
        all.witness()
            .all()
            .filter(seen -> seen.event() == Sighting.Event.BEAT && seen.pid() == pid)
            .mapToLong(Sighting::nanos)
            .max()
            .orElseThrow();
    all.cluster().awaitProtected(spec, module -> PromotionTrials.epoch(module) > epoch);
    return confirmed.nanos() - lastBeat - TIMEOUT.toNanos();
  }
}
