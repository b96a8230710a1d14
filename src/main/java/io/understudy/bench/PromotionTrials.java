package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.ModuleSpec;
import io.understudy.table.TableEvent;
import java.util.ArrayList;
import java.util.List;

/** SIGKILL of the primary of a warm module, whose backup takes over on another host. */
final class PromotionTrials {
  private static final Bar BAR = new Bar(15, 60);

  private final Trials all;
  private final ModuleSpec spec;
  private final List<Long> decided = new ArrayList<>();
  private final List<Long> told = new ArrayList<>();
  private final List<Long> confirmed = new ArrayList<>();
  private final List<Long> known = new ArrayList<>();

  PromotionTrials(Trials all) {
    this.all = all;
    this.spec = Trials.warm("promotion", all.programs().following());
  }

  List<Measurement> run() {
    all.cluster().register(spec);
    for (int i = -all.warmUps(); i < all.trials(); i++) {
      trial(i >= 0);
    }
    all.cluster().deregister(spec);
    return List.of(
        Measurement.millis(
            "promotion",
            "SIGKILL of a warm primary to its backup having confirmed",
            confirmed,
            BAR),
        Measurement.millis("promotion.decided", "  of that: to the decision", decided, Bar.NONE),
        Measurement.millis("promotion.told", "  of that: to the backup told", told, Bar.NONE),
        Measurement.millis("promotion.known", "  and to the table knowing", known, Bar.NONE));
  }

  private void trial(boolean counts) {
    var before = all.atRest(spec);
    var version = all.version();
    var mark = all.witness().mark();
    var moment = Signals.kill(Trials.primary(before).path("pid").asLong());
    var confirmation = await(Sighting.Event.CONFIRMED, mark, before);
    var telling = await(Sighting.Event.TOLD, mark, before);
    all.cluster().awaitProtected(spec, module -> epoch(module) > epoch(before));
    if (counts) {
      told.add(moment.to(telling));
      confirmed.add(moment.to(confirmation));
      all.journal()
          .first(version, TableEvent.CopyPromoted.class)
          .ifPresent(at -> decided.add(moment.to(at)));
      all.journal()
          .first(version, TableEvent.StatusConfirmed.class)
          .ifPresent(at -> known.add(moment.to(at)));
    }
  }

  private Sighting await(Sighting.Event event, int mark, JsonNode before) {
    return all.witness()
        .await(
            "the backup to be " + event,
            mark,
            Trials.PATIENCE,
            seen -> Trials.is(seen, event, spec) && seen.epoch() > epoch(before));
  }

  static long epoch(JsonNode module) {
    return module.path("epoch").asLong();
  }
}
