package io.understudy.bench;

import io.understudy.model.HostId;
import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.Steps.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** {@code kill -9} of the manager's node; another manages, and promotes what it hosted. */
final class ManagerTrials {
  /**
   * Between questions; the next one does not wait for the answer to the last. A question waits for
   * a manager where it was asked, so that they need not be many, which the hosts would feel.
   */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Bar ANSWERED = new Bar(300, 1000);
  private static final Bar PROMOTED_AFTER = Bar.of(200);

  private final Trials all;
  private final List<ModuleSpec> specs;
  private final List<Long> answered = new ArrayList<>();
  private final List<Long> promoted = new ArrayList<>();
  private final List<Long> promotedAfter = new ArrayList<>();
  private final Shares shares = new Shares("manager");
  private final Shares sharesOfCopies = new Shares("manager.copies");

  ManagerTrials(Trials all) {
    this.all = all;
    this.specs = IntStream.range(0, Trials.MANAGERS.size()).mapToObj(this::module).toList();
  }

  /** Each host has the primary of one and the backup of another. */
  private ModuleSpec module(int number) {
    var hosts = List.of(host(number), host((number + 1) % Trials.MANAGERS.size()));
    return Trials.warm("manager" + (char) ('A' + number), all.programs().following(), hosts);
  }

  private static HostId host(int number) {
    return Trials.MANAGERS.get(number);
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
            "manager",
            "kill -9 of the manager's node to the first answer of the new one",
            answered,
            ANSWERED));
    measured.addAll(shares.measurements());
    measured.add(
        Measurement.millis(
            "manager.copies", "kill -9 to the copies of that node promoted", promoted, Bar.NONE));
    measured.addAll(sharesOfCopies.measurements());
    measured.add(
        Measurement.millis(
            "manager.copies.after",
            "first answer to the copies of that node promoted",
            promotedAfter,
            PROMOTED_AFTER));
    return measured;
  }

  private void trial(boolean counts) throws IOException {
    all.cluster().awaitRing();
    var table = all.cluster().table().orElseThrow(() -> new BenchException("there is no table"));
    var node = all.cluster().node(table.path("manager").asText());
    var death = HostDeath.of(all, node, specs);
    var first = firstAnswer(node);
    var last =
        death.lost().stream().mapToLong(lost -> death.seen(Sighting.Event.CONFIRMED, lost)).max();
    if (counts) {
      answered.add(death.moment().to(first));
      var steps = death.steps();
      HostDeath.follow(
              shares.from(death.moment()),
              steps,
              Step.HEARD,
              Step.PROVED,
              Step.AGREED,
              Step.DOWN,
              Step.REMOVED,
              Step.BEGUN,
              Step.RECOVERED)
          .to("answered", first);
      last.ifPresent(at -> promoted(death, steps, first, at));
    }
    death.over();
  }

  private void promoted(HostDeath death, List<Taken> steps, long first, long last) {
    promoted.add(death.moment().to(last));
    promotedAfter.add(Math.max(0, last - first)); // they may have been faster than the answer
    HostDeath.follow(
            sharesOfCopies.from(death.moment()),
            steps,
            Step.RECOVERED,
            Step.REPORTED,
            Step.DECIDED,
            Step.ORDERED)
        .to("confirmed by the last", last);
  }

  private long firstAnswer(BenchNode killed) {
    var others = all.cluster().managersBut(killed.host()).toList();
    var first = new AtomicLong();
    return Until.seen(
        "another manager",
        Trials.PATIENCE,
        PAUSE,
        () -> {
          others.forEach(node -> ask(node, killed, first));
          return Optional.of(first.get()).filter(nanos -> nanos != 0);
        });
  }

  /** An answer of the one that was killed may still be on its way. */
  private void ask(BenchNode node, BenchNode killed, AtomicLong first) {
    var old = "\"manager\":\"%s\"".formatted(killed.host());
    var unused =
        all.cluster()
            .client()
            .ask(node.management(), "/understudy/table")
            .thenAccept(
                table ->
                    table
                        .filter(text -> !text.contains(old))
                        .ifPresent(text -> first.compareAndSet(0, System.nanoTime())));
  }
}
