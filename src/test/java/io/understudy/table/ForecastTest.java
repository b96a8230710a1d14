package io.understudy.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.Forecast.Foreseen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What would happen is what the core decides when it does happen. */
class ForecastTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int CASES = 2_000;

  private final Set<String> started = new HashSet<>();
  private Instant now = BEGIN;
  private ReplicationTable table = ReplicationTable.EMPTY;
  private List<SimulatedHost> hosts = List.of();

  private void hosts(int count) {
    hosts =
        IntStream.rangeClosed(1, count)
            .mapToObj(number -> new SimulatedHost(new HostId("H" + number), started))
            .toList();
    hosts.forEach(host -> apply(new Change.HostUp(host.row())));
  }

  private void register(String spec) {
    var words = new ArrayDeque<>(List.of(spec.split(" ")));
    apply(new Change.Register(Registrations.parse(words), Optional.empty()));
  }

  private List<TableEvent> apply(Change change) {
    var events = table.decide(change, now).eventList();
    table = table.evolve(events);
    return events;
  }

  /** Orders are obeyed, copies get ready, and all of it is reported, until nothing changes. */
  private void rest() {
    for (long before = -1; before != table.version(); ) {
      before = table.version();
      for (SimulatedHost host : hosts) {
        table.owed(host.id()).toList().forEach(order -> obey(host, order));
        host.living().forEach(copy -> host.progress(copy, Set.of()));
        host.reports()
            .forEach(report -> apply(new Change.Reported(host.id(), host.incarnation(), report)));
        host.verdicts(member -> true).forEach(this::apply);
      }
      if (before == table.version()) {
        wait(table.modules().keySet());
      }
    }
  }

  private static void obey(SimulatedHost host, CopyOrder order) {
    if (host.isAlive()) {
      host.obey(order);
    }
  }

  private void wait(Set<ModuleId> modules) {
    modules.stream()
        .flatMap(module -> table.due(module, now).stream())
        .min(Instant::compareTo)
        .ifPresent(due -> now = due.isAfter(now) ? due : now);
    List.copyOf(modules).forEach(module -> apply(new Change.TimePassed(module)));
  }

  private Forecast forecast(String... failing) {
    var hostIds = new ArrayList<HostId>();
    var copies = new ArrayList<CopyId>();
    for (String name : failing) {
      if (name.startsWith("H")) {
        hostIds.add(new HostId(name));
      } else {
        copies.add(CopyId.parse(name));
      }
    }
    return Forecast.of(table, hostIds, copies, false, now);
  }

  private static List<String> lines(Forecast forecast) {
    return forecast.events().stream().map(ForecastTest::line).toList();
  }

  private static String line(Foreseen foreseen) {
    var event = foreseen.event();
    return "%s%s %s: %s"
        .formatted(
            foreseen.assumed() ? "+" : "",
            event
                .copyId()
                .map(CopyId::toString)
                .or(() -> event.hostId().map(HostId::value))
                .orElse("-"),
            event.getClass().getSimpleName(),
            event.reason());
  }

  private static String shown(ReplicationTable table, String module) {
    return Shown.changedRows(ReplicationTable.EMPTY, table).stream()
        .filter(line -> line.startsWith(module + " "))
        .findFirst()
        .orElse("");
  }

  @Test
  @DisplayName("[46] H1 of FIG. 2 fails => A2 is promoted, A4 executed, both are taken to answer")
  void hostOfFig2() {
    hosts(6);
    register("A warm 3 on H1 H2 H3 H4");
    register("C cold 2 on H3 H6");
    rest();
    var before = table;

    var forecast = forecast("H1");

    assertThat(lines(forecast))
        .containsExactly(
            "+H1 HostFailed: simulated: the host fails",
            "A2 CopyPromoted: the first backup takes over",
            "A4 CopyOrdered: 2 of 3 copies run",
            "+A2 StatusConfirmed: it acts as primary",
            "+A4 CopyStarted: simulated: it is ready");
    assertThat(forecast.settled()).isTrue();
    assertThat(shown(forecast.after(), "A"))
        .isEqualTo("A e2 PROTECTED: A1@H1 I, A2@H2 P*, A3@H3 B*, A4@H4 B*");
    assertThat(table).isEqualTo(before);
  }

  @Test
  @DisplayName("threshold 3: A1 fails once => it restarts on its host, and keeps its status")
  void restartedInPlace() {
    hosts(3);
    register("A warm 2 on H1 H2 H3 threshold 3");
    rest();

    assertThat(lines(forecast("A1")))
        .containsExactly(
            "+A1 CopyFailed: simulated: it crashes",
            "A1 CopyOrdered: failure 1 of a threshold of 3: it restarts on its host",
            "+A1 CopyStarted: simulated: it is ready");
    assertThat(forecast("A1").after().copy(CopyId.parse("A1")).orElseThrow().status())
        .isEqualTo(CopyStatus.PRIMARY);
  }

  @Test
  @DisplayName("its second failure in a row => it waits, and the forecast says for how long")
  void backOff() {
    hosts(3);
    register("A warm 2 on H1 H2 H3 threshold 3");
    rest();
    hosts.getFirst().fail(CopyId.parse("A1"), FailureKind.CRASHED);
    rest();

    var forecast = forecast("A1");

    assertThat(lines(forecast))
        .containsExactly(
            "+A1 CopyFailed: simulated: it crashes",
            "A1 RestartDelayed: failure 2 of a threshold of 3",
            "A1 CopyOrdered: its back-off is over",
            "+A1 CopyStarted: simulated: it is ready");
    var delayed = (TableEvent.RestartDelayed) forecast.events().get(1).event();
    assertThat(forecast.events().get(1).after()).isZero();
    assertThat(forecast.events().get(2).after())
        .isEqualTo(Duration.between(now, delayed.notBefore()))
        .isPositive();
  }

  @Test
  @DisplayName("A1 and A2 fail at once => A3 takes over, and A2 is not promoted in between")
  void allAtOnce() {
    hosts(4);
    register("A warm 3 on H1 H2 H3 H4");
    rest();

    assertThat(lines(forecast("A1", "A2")))
        .containsSubsequence(
            "+A1 CopyFailed: simulated: it crashes",
            "+A2 CopyFailed: simulated: it crashes",
            "A3 CopyPromoted: the first backup takes over")
        .noneMatch(line -> line.startsWith("A2 CopyPromoted"));
    assertThat(lines(forecast("H1", "A1"))).isEqualTo(lines(forecast("H1")));
    assertThat(lines(forecast("A4"))).isEmpty();
  }

  @Test
  @DisplayName("too few hosts are left => it comes to rest without, and says why")
  void nowhereToGo() {
    hosts(2);
    register("A warm 2 on H1 H2");
    rest();

    var forecast = forecast("H1", "H2");

    assertThat(forecast.settled()).isTrue();
    assertThat(shown(forecast.after(), "A")).startsWith("A e1 DOWN: A1@H1 I, A2@H2 I");
  }

  @Test
  @DisplayName("nobody manages, leases are on => the primaries of cold and warm modules stop")
  void unattended() {
    hosts(4);
    register("A warm 2 on H1 H2 H3");
    register("B hot 2 on H1 H2 H3");
    rest();
    var failing = List.of(new HostId("H4"));

    var fenced = Forecast.unattended(table, failing, List.of(), true, now);
    var off = Forecast.unattended(table, failing, List.of(), false, now);

    assertThat(fenced.events()).hasSize(2).allMatch(Foreseen::assumed);
    assertThat(running(fenced.after())).containsExactly("A2", "B1", "B2");
    assertThat(running(off.after())).containsExactly("A1", "A2", "B1", "B2");
  }

  @Test
  @DisplayName(
      "leases end before the verdict => A, which is not on the dead host, moves; hot B stays")
  void leasesEnd() {
    hosts(4);
    register("A warm 2 on H1 H2 H3");
    register("B hot 2 on H1 H2 H3");
    rest();

    var forecast = Forecast.of(table, List.of(new HostId("H4")), List.of(), true, now);

    assertThat(lines(forecast))
        .containsExactly(
            "+H4 HostFailed: simulated: the host fails",
            "+A1 CopyFailed: simulated: its host's lease has ended",
            "A1 CopyReleased: it migrates on each failure",
            "A2 CopyPromoted: the first backup takes over",
            "A3 CopyOrdered: 1 of 2 copies run",
            "+A2 StatusConfirmed: it acts as primary",
            "+A3 CopyStarted: simulated: it is ready");
    assertThat(running(forecast.after())).containsExactly("A2", "A3", "B1", "B2");
    assertThat(forecast.settled()).isTrue();
  }

  private static List<String> running(ReplicationTable table) {
    return table.modules().values().stream()
        .flatMap(row -> row.copies().stream())
        .filter(CopyRow::isRunning)
        .map(copy -> copy.id().toString())
        .toList();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  @DisplayName("by chance: nothing changes, the journal makes it, and it is what does happen then")
  void asItHappens(long seed) {
    for (int round = 0; round < CASES / 4; round++) {
      var one = new ForecastTest();
      try {
        one.play(new SplittableRandom(seed * CASES + round));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed %d, round %d: %s".formatted(seed, round, e), e);
      }
    }
  }

  private void play(SplittableRandom random) {
    hosts(random.nextInt(1, 7));
    var specs = new RandomSpecs(random, hosts.stream().map(SimulatedHost::id).toList());
    for (char name = 'A'; name < 'A' + random.nextInt(1, 4); name++) {
      apply(new Change.Register(specs.valid(new ModuleId("" + name)), Optional.empty()));
    }
    rest();
    for (int failures = random.nextInt(3); failures > 0; failures--) {
      failOne(random);
      now = now.plusMillis(random.nextInt(30_000));
      rest();
    }
    var failing = hosts.stream().filter(host -> random.nextInt(3) == 0).toList();
    var copies =
        table.modules().values().stream()
            .flatMap(row -> row.copies().stream())
            .filter(copy -> random.nextInt(4) == 0)
            .map(CopyRow::id)
            .toList();
    check(failing, copies);
  }

  private void failOne(SplittableRandom random) {
    var host = hosts.get(random.nextInt(hosts.size()));
    host.living().stream().findAny().ifPresent(copy -> host.fail(copy, FailureKind.CRASHED));
  }

  private void check(List<SimulatedHost> failing, List<CopyId> copies) {
    var ids = failing.stream().map(SimulatedHost::id).toList();
    var before = table;
    var forecast = Forecast.of(table, ids, copies, false, now);
    var events = forecast.events().stream().map(Foreseen::event).toList();
    assertThat(table).isEqualTo(before);
    assertThat(before.evolve(events)).isEqualTo(forecast.after());
    assertThat(forecast.settled()).isTrue();
    Invariants.ofTable(forecast.after());

    var single = failing.size() + copies.size() == 1;
    var happened = happen(failing, copies);
    if (single && !happened.isEmpty()) {
      assertThat(decided(forecast))
          .isEqualTo(happened.stream().skip(1).map(Object::toString).toList());
    }
    rest();
    assertThat(standings(forecast.after())).isEqualTo(standings(table));
  }

  /** What was decided before anything answered. */
  private static List<String> decided(Forecast forecast) {
    return forecast.events().stream()
        .skip(1)
        .takeWhile(foreseen -> !foreseen.assumed() && foreseen.after().isZero())
        .map(foreseen -> foreseen.event().toString())
        .toList();
  }

  /** The facts of all of them before any is acted on; of a single one it makes no difference. */
  private List<TableEvent> happen(List<SimulatedHost> failing, List<CopyId> copies) {
    var changes = new ArrayList<Change>();
    for (SimulatedHost host : failing) {
      host.die();
      changes.add(
          new Change.HostFailed(
              host.id(), host.incarnation(), Certainty.CERTAIN, "simulated: the host fails"));
    }
    for (CopyId id : copies) {
      var row = table.copy(id).orElseThrow();
      var host = hosts.stream().filter(it -> it.id().equals(row.host())).findFirst().orElseThrow();
      host.fail(id, FailureKind.CRASHED);
      host.reports().stream()
          .filter(report -> report.copy().equals(id))
          .forEach(
              report -> changes.add(new Change.Reported(host.id(), host.incarnation(), report)));
    }
    if (changes.size() == 1) {
      return apply(changes.getFirst());
    }
    changes.forEach(
        change ->
            table.decide(change, now).eventList().stream()
                .limit(1)
                .forEach(fact -> table = table.evolve(fact)));
    table.modules().keySet().forEach(module -> apply(new Change.TimePassed(module)));
    return List.of();
  }

  /** Who runs as what, and how the modules are. */
  private static TreeMap<String, String> standings(ReplicationTable table) {
    var all = new TreeMap<String, String>();
    for (ModuleRow row : table.modules().values()) {
      all.put(
          "" + row.spec().module(),
          "%s %s"
              .formatted(
                  Condition.of(row, table).level(),
                  row.copies().stream().map(ForecastTest::of).toList()));
    }
    return all;
  }

  private static String of(CopyRow copy) {
    return "%s %s %s %s %s"
        .formatted(copy.id(), copy.status(), copy.isRunning(), copy.failures(), copy.inSync());
  }
}
