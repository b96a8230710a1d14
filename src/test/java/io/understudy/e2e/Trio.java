package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.e2e.Witness.Handover;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Three modules whose primaries are in the way of a failure, and what is to become of them: P is
 * warm and Q cold on a worker, R is cold on another host.
 */
record Trio(Lan lan) {
  static final List<String> MODULES = List.of("P", "Q", "R");

  private static final List<String> WORKERS = List.of("H1", "H3", "H4");

  /** Registers them, and waits until they run there and have said so. */
  void register(String worker, String other) {
    var spare = WORKERS.stream().filter(it -> !it.equals(worker)).toList();
    lan.register("P", "warm 2", worker, spare.getFirst(), spare.getLast());
    lan.register("Q", "cold 2", worker, spare.getLast());
    lan.register("R", "cold 2", other, spare.getFirst());
    Await.within(
        Lan.PATIENCE,
        () -> {
          var table = lan.seen().table();
          assertThat(Fig1.statuses(table, "P")).isEqualTo("P1 PRIMARY*, P2 BACKUP*, P3 IDLE");
          assertThat(Fig1.statuses(table, "Q")).isEqualTo("Q1 PRIMARY*, Q2 IDLE");
          assertThat(Fig1.statuses(table, "R")).isEqualTo("R1 PRIMARY*, R2 IDLE");
        });
    var rows = rows(lan.seen());
    for (String module : MODULES) {
      var pid = rows.get(module + "1").pid();
      Await.within(
          Lan.PATIENCE,
          () ->
              assertThat(lan.witness().of(module).reigns())
                  .anyMatch(reign -> reign.process().pid() == pid));
    }
  }

  /** Waits until the worker's two have moved, as these hosts see it. */
  void awaitWorkersMoved(Seen seen) {
    Await.within(
        Lan.PATIENCE,
        () -> {
          var table = seen.table();
          assertThat(Fig1.statuses(table, "P")).isEqualTo("P1 IDLE, P2 PRIMARY*, P3 BACKUP*");
          assertThat(Fig1.statuses(table, "Q")).isEqualTo("Q1 IDLE, Q2 PRIMARY*");
        });
  }

  /** The same for the third. */
  void awaitOtherMoved(Seen seen) {
    Await.within(
        Lan.PATIENCE, () -> assertThat(seen.statuses("R")).isEqualTo("R1 IDLE, R2 PRIMARY*"));
  }

  /** That these changed hands, one primary after the other; tells when. */
  void assertOneAfterTheOther(String what, long since, List<String> modules) {
    for (String module : modules) {
      var handover = lan.witness().handoverSince(module, since).orElseThrow();
      tell(what, since, handover);
      assertThat(handover.nanosBetween())
          .as("from the last sign of the old primary of %s to the first of the new", module)
          .isPositive();
    }
  }

  /** That these hosts come to see all three moved, one primary after the other. */
  void assertAllMoveTo(List<String> larger, String what, long since) {
    var seen = lan.seenFrom(larger);
    awaitWorkersMoved(seen);
    awaitOtherMoved(seen);
    assertOneAfterTheOther(what, since, MODULES);
  }

  /** What runs stays what the majority had running, as all hosts come to see it. */
  void heal(List<String> larger, String what) {
    var before = rows(lan.seenFrom(larger));
    var healed = System.nanoTime();
    lan.heal();
    Figures.say(
        "%s: all hosts are up %d ms after healing"
            .formatted(what, Duration.ofNanos(System.nanoTime() - healed).toMillis()));
    for (String host : lan.names()) {
      assertThat(rows(lan.seenFrom(List.of(host)))).as(host).isEqualTo(before);
    }
  }

  /** Tells when a module changed hands. */
  static void tell(String what, long since, Handover handover) {
    Figures.say(
        "%s: the new primary of %s acts after %d ms, %d ms after the old one's last sign"
            .formatted(
                what,
                handover.after().process().module(),
                Duration.ofNanos(handover.after().from() - since).toMillis(),
                Duration.ofNanos(handover.nanosBetween()).toMillis()));
  }

  /** Every copy with host, status and pid. */
  Map<String, Fig1.Row> rows(Seen seen) {
    var table = seen.table();
    return MODULES.stream()
        .flatMap(module -> Fig1.rows(table, module).entrySet().stream())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Nothing is declared dead nor moves, neither meanwhile nor in consequence. */
  void assertNothingHappens(String what, Runnable hardship) {
    var events = lan.seen().lastEvent();
    var rows = rows(lan.seen());
    var begun = System.nanoTime();
    hardship.run();
    var lasted = Duration.ofNanos(System.nanoTime() - begun);
    lan.heal();
    var dead = lan.seen().declaredDead(events);
    Figures.say(
        "%s for %d s: %d hosts declared dead, %d modules moved, %d times two primaries at one time"
            .formatted(what, lasted.toSeconds(), dead.size(), moved(begun), overlaps()));
    assertThat(dead).as("declared dead").isEmpty();
    assertThat(rows(lan.seen())).isEqualTo(rows);
    for (String module : MODULES) {
      assertThat(lan.witness().of(module).since(begun).reigns())
          .as("who acted as primary of %s", module)
          .hasSize(1)
          .allMatch(reign -> reign.from() - begun < 0);
    }
  }

  private long moved(long since) {
    return MODULES.stream()
        .filter(module -> lan.witness().handoverSince(module, since).isPresent())
        .count();
  }

  private long overlaps() {
    return MODULES.stream().mapToLong(module -> lan.witness().of(module).overlaps().size()).sum();
  }
}
