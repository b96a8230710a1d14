package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.Certainty;
import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.CopyRow;
import io.understudy.table.ReplicationTable;
import io.understudy.watchdog.WatchDogProtocol.DeclaredDead;
import io.understudy.watchdog.WatchDogProtocol.Heard;
import io.understudy.watchdog.WatchDogProtocol.NameTaken;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a ReplicaManager says to WatchDogs, played by probes, and when (I2, I3). */
class ReplicaManagerTest {
  private static final Duration RESEND = Duration.ofMillis(100);
  private static final Duration SEVERAL_RESENDS = RESEND.multipliedBy(4);
  private static final ManagerSettings SETTINGS =
      new ManagerSettings(RESEND, Duration.ofMillis(20), 5000, Duration.ofSeconds(1));

  private static final Duration SELDOM = Duration.ofHours(1);

  /** Repeats nothing while a test lasts. */
  private static final ManagerSettings QUIET =
      new ManagerSettings(SELDOM, Duration.ofMillis(20), 5000, Duration.ofSeconds(1));

  private static final Rig RIG = new Rig(Rig.memory("orders"));

  private final TestClock clock = new TestClock();

  @BeforeEach
  void start() {
    RIG.dropTables();
    RIG.members.clear();
    RIG.start(SETTINGS, clock);
    RIG.table();
  }

  @AfterEach
  void kill() {
    RIG.kill();
  }

  @AfterAll
  static void end() {
    RIG.close();
  }

  private static FakeWatchDog join(String host) {
    return new FakeWatchDog(RIG, host, host + "-1").joined();
  }

  private static CopyRow copy(String id) {
    return RIG.table().copy(CopyId.parse(id)).orElseThrow();
  }

  /** The next heartbeat of the manager that is like this. */
  private static SuperWatchDogProtocol.FromManager heartbeat(
      Predicate<SuperWatchDogProtocol.FromManager> like) {
    var last =
        RIG.superWatchDog.fishForMessage(
            PATIENCE,
            message ->
                message instanceof SuperWatchDogProtocol.FromManager beat && like.test(beat)
                    ? FishingOutcomes.complete()
                    : FishingOutcomes.continueAndIgnore());
    return (SuperWatchDogProtocol.FromManager) last.getLast();
  }

  /** Where the manager wants to hear of dead hosts, as its heartbeat says. */
  private static ActorRef<SuperWatchDogProtocol.ToManager> ear() {
    return heartbeat(beat -> true).manager();
  }

  private static void dies(FakeWatchDog host) {
    ear()
        .tell(
            new SuperWatchDogProtocol.HostDead(
                host.host, host.incarnation, Certainty.SUSPECTED, "it is silent"));
  }

  @Test
  @DisplayName("[36] an order is repeated until a report answers it, and then no more (I3)")
  void ordersAreRepeatedUntilAnswered() {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    var first = h1.order("A1");
    assertThat(h1.order("A1")).isEqualTo(first);
    assertThat(h1.order("A1")).isEqualTo(first);
    h1.says("A1", new Seen.Starting(OptionalLong.empty()));
    h1.drain();
    h1.probe.expectNoMessage(SEVERAL_RESENDS);
  }

  @Test
  @DisplayName("[36] the answer to another status, epoch or run does not stop the repeating")
  void onlyTheRightReportAnswers() {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    var order = h1.order("A1");
    var seen = new Seen.Starting(OptionalLong.empty());
    h1.says(new CopyReport(order.copy(), order.run() + 1, order.status(), order.epoch(), seen));
    h1.says(new CopyReport(order.copy(), order.run(), CopyStatus.BACKUP, order.epoch(), seen));
    h1.drain();
    assertThat(h1.order("A1")).isEqualTo(order);
  }

  @Test
  @DisplayName("[59] a new manager repeats all that is owed without being asked")
  void aNewManagerRepeatsWhatIsOwed() {
    var h1 = join("H1");
    var h3 = join("H3");
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H3"));
    h1.order("A1");
    h1.runs("A1", 4711);
    h3.order("A2");
    RIG.kill();
    h1.clear();
    h3.clear();
    RIG.start(SETTINGS, clock);
    assertThat(h1.order("A1")).isEqualTo(RIG.table().owed(h1.host).findFirst().orElseThrow());
    assertThat(h3.order("A2")).isEqualTo(RIG.table().owed(h3.host).findFirst().orElseThrow());
  }

  @Test
  @DisplayName("[50] H1 dies - A1@H1:P A2@H3:B A3@H4:I => A2:P A3:B, ordered at once")
  void recoversTheCopiesOfADeadHost() {
    var h1 = join("H1");
    var h3 = join("H3");
    var h4 = join("H4");
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H3", "H4"));
    h1.order("A1");
    h1.runs("A1", 1);
    h3.order("A2");
    h3.runs("A2", 2);
    dies(h1);
    assertThat(h3.order("A2").status()).isEqualTo(CopyStatus.PRIMARY);
    assertThat(h4.order("A3").status()).isEqualTo(CopyStatus.BACKUP);
    assertThat(RIG.table().isUp(h1.host)).isFalse();
    h1.drain();
    h1.probe.expectNoMessage(SEVERAL_RESENDS);
  }

  @Test
  @DisplayName("[49] the death of an incarnation that was replaced says nothing of the present one")
  void anOldDeathIsNoNews() {
    var h1 = join("H1");
    var before = RIG.table();
    ear()
        .tell(
            new SuperWatchDogProtocol.HostDead(
                h1.host, "an older one", Certainty.SUSPECTED, "it is silent"));
    assertThat(RIG.table()).isEqualTo(before);
  }

  @Test
  @DisplayName("[49] what was declared dead is told so, and changes nothing (I9)")
  void theDeadAreToldSo() {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    var order = h1.order("A1");
    dies(h1);
    h1.drain();
    var before = RIG.table();
    h1.says(
        new CopyReport(order.copy(), 1, CopyStatus.PRIMARY, order.epoch(), new Seen.Running(7)));
    assertThat(h1.heard(DeclaredDead.class).incarnation()).isEqualTo(h1.incarnation);
    RIG.tell(new ManagerProtocol.FromWatchDog(h1.hostUp(h1.address())));
    assertThat(h1.heard(DeclaredDead.class).reason()).contains("H1", "declared dead");
    var foreign = new FakeWatchDog(RIG, "H1", "never registered");
    foreign.says(
        new CopyReport(order.copy(), 1, CopyStatus.PRIMARY, order.epoch(), new Seen.Running(8)));
    assertThat(foreign.heard(DeclaredDead.class).incarnation()).isEqualTo("never registered");
    assertThat(RIG.table()).isEqualTo(before);
    RIG.members.add(h1.address());
    // it begins again as a fresh incarnation
    var fresh = new FakeWatchDog(RIG, "H1", "H1-2").joined();
    fresh.order("A1", order.run() + 1);
  }

  @Test
  @DisplayName("[36] a WatchDog that speaks by a detour is answered by it too, and gets its orders")
  void detour() {
    var h1 = join("H1");
    var detour = RIG.kit.createTestProbe(Detour.Message.class);
    RIG.tell(new ManagerProtocol.ByDetour(h1.hostUp(h1.address()), detour.ref()));
    assertThat(detour.receiveMessage(PATIENCE))
        .isEqualTo(new Detour.ToWatchDog(h1.probe.ref(), new Welcome(h1.incarnation)));
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    var order = h1.order("A1");
    var passed = (Detour.ToWatchDog) detour.receiveMessage(PATIENCE);
    assertThat(passed.message()).isEqualTo(new Orders(h1.incarnation, List.of(order)));
    var report = runs(order.copy());
    RIG.tell(
        new ManagerProtocol.ByDetour(
            new Observed(h1.host, h1.incarnation, 1, List.of(report), h1.probe.ref()),
            detour.ref()));
    detour.fishForMessage(
        PATIENCE,
        message ->
            message.equals(new Detour.ToWatchDog(h1.probe.ref(), new Heard(h1.incarnation, 1)))
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());
    assertThat(RIG.table().copy(order.copy()).orElseThrow().isRunning()).isTrue();
  }

  @Test
  @DisplayName(
      "[47] a second node under a live host's name is refused; out of reach, it is waited for;"
          + " under a dead one's it joins")
  void aNameIsTakenOnlyByTheLiving() {
    var h1 = join("H1");
    var other = new FakeWatchDog(RIG, "H1", "elsewhere");
    var before = RIG.table();
    RIG.members.add(h1.address());
    var from = "127.0.0.7:17355";
    RIG.tell(new ManagerProtocol.FromWatchDog(other.hostUp(from)));
    assertThat(other.heard(NameTaken.class).reason())
        .contains("host name H1", h1.address(), from, "another understudy.host");
    assertThat(RIG.table()).isEqualTo(before);
    RIG.members.remove(h1.address());
    RIG.tell(new ManagerProtocol.FromWatchDog(other.hostUp(from)));
    assertThat(RIG.table()).isEqualTo(before); // its lease may still run (I5)
    dies(h1);
    RIG.tell(new ManagerProtocol.FromWatchDog(other.hostUp(from)));
    other.heard(Welcome.class);
    assertThat(RIG.table().host(h1.host).orElseThrow().incarnation()).isEqualTo("elsewhere");
    RIG.members.add(from);
    RIG.tell(new ManagerProtocol.FromWatchDog(h1.hostUp(h1.address())));
    h1.heard(NameTaken.class);
    h1.says(
        new CopyReport(CopyId.parse("A1"), 1, CopyStatus.PRIMARY, Epoch.NONE, new Seen.Stopped()));
    h1.heard(DeclaredDead.class);
  }

  @Test
  @DisplayName(
      "[I5] a word of the process before this one at the same address comes late => nothing")
  void lateWordsOfADeadNode() {
    var address = "127.0.0.1:17355";
    RIG.members.add(address);
    RIG.members.add(address + "#2");
    var h1 = new FakeWatchDog(RIG, "H1", address + "#2/1").joined();
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    h1.order("A1");
    var before = RIG.table();
    var past = new FakeWatchDog(RIG, "H1", address + "#1/1");
    RIG.tell(new ManagerProtocol.FromWatchDog(past.hostUp(address)));
    assertThat(RIG.table()).isEqualTo(before);
    RIG.members.remove(address + "#2");
    RIG.members.add(address + "#3");
    var next = new FakeWatchDog(RIG, "H1", address + "#3/1").joined();
    assertThat(next.order("A1").run()).isEqualTo(2);
  }

  @Test
  @DisplayName("[65] a WatchDog begins anew on its live node => welcome, its old orders are void")
  void aNewIncarnationGetsNoOldOrders() {
    var h1 = join("H1");
    var h3 = join("H3");
    RIG.members.add(h1.address());
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H3"));
    var old = h1.order("A1");
    h3.order("A2");
    h3.runs("A2", 2);
    var anew = new FakeWatchDog(RIG, "H1", "H1-2");
    RIG.tell(new ManagerProtocol.FromWatchDog(anew.hostUp(anew.address())));
    assertThat(anew.next(PATIENCE)).isEqualTo(new Welcome("H1-2"));
    var order = anew.order("A1");
    assertThat(order.run()).isGreaterThan(old.run());
    assertThat(order.status()).isEqualTo(CopyStatus.BACKUP);
    assertThat(order.epoch()).isGreaterThan(old.epoch());
    assertThat(h3.order("A2").status()).isEqualTo(CopyStatus.PRIMARY);
  }

  @Test
  @DisplayName("[47] registered again by the same WatchDog => welcome again, with what it owes")
  void registeringAgainChangesNothing() {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    h1.order("A1");
    h1.drain();
    var before = RIG.table();
    RIG.tell(new ManagerProtocol.FromWatchDog(h1.hostUp(h1.address())));
    h1.heard(Welcome.class);
    h1.order("A1");
    assertThat(RIG.table()).isEqualTo(before);
  }

  @Test
  @DisplayName("[35] a report counts as heard when what follows from it is in the journal (I2)")
  void hearsWhenItIsDurable() throws Exception {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    h1.order("A1");
    h1.says("A1", new Seen.Starting(OptionalLong.empty()));
    h1.drain();
    try (var connection = RIG.connect()) {
      connection.setAutoCommit(false);
      JournalSuite.occupy(connection, RIG.table().version() + 1, JournalSuite.joined("H9"));
      var number = h1.says("A1", new Seen.Running(4711));
      h1.probe.expectNoMessage(Rig.QUIET);
      connection.rollback();
      assertThat(h1.heard(Heard.class)).isEqualTo(new Heard(h1.incarnation, number));
    }
    assertThat(RIG.number("SELECT MAX(sequence_number) FROM event_journal"))
        .isEqualTo(RIG.table().version());
    assertThat(copy("A1").isRunning()).isTrue();
  }

  @Test
  @DisplayName("[35] a report that comes twice is heard twice and changes the table once")
  void duplicatesChangeNothing() {
    var h1 = join("H1");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    var order = h1.order("A1");
    var runs =
        new CopyReport(order.copy(), 1, CopyStatus.PRIMARY, order.epoch(), new Seen.Running(47));
    h1.says(runs);
    h1.heard(Heard.class);
    var running = RIG.table();
    h1.repeat(runs);
    h1.heard(Heard.class);
    assertThat(RIG.table()).isEqualTo(running);
    var failed = new Seen.Failed(FailureKind.CRASHED, "process 47 exited with signal 9");
    var fails = new CopyReport(order.copy(), 1, CopyStatus.PRIMARY, order.epoch(), failed);
    h1.says(fails);
    h1.order("A1", 2);
    h1.heard(Heard.class);
    var restarted = RIG.table();
    h1.repeat(fails);
    h1.heard(Heard.class);
    h1.says(runs); // late: of a run that is over
    h1.heard(Heard.class);
    assertThat(RIG.table()).isEqualTo(restarted);
  }

  @Test
  @DisplayName("[35] reports of a host that nobody registered are left unheard")
  void strangersAreNotHeard() {
    var h8 = new FakeWatchDog(RIG, "H8", "unknown");
    h8.says(
        new CopyReport(CopyId.parse("A1"), 1, CopyStatus.PRIMARY, Epoch.NONE, new Seen.Running(1)));
    assertThat(RIG.table()).isEqualTo(ReplicationTable.EMPTY);
    h8.probe.expectNoMessage(RESEND);
  }

  /** A host whose copy has failed twice; the clock stands still. */
  private FakeWatchDog waitingForItsRestart() {
    var h1 = join("H1");
    RIG.register(restarting(spec("A", ReplicationStyle.WARM, 1, "H1")));
    clock.stop();
    for (int run = 1; run <= 2; run++) {
      h1.order("A1", run);
      h1.says("A1", new Seen.Failed(FailureKind.CRASHED, "run " + run));
    }
    h1.drain();
    assertThat(copy("A1").waitsUntil()).isPresent();
    return h1;
  }

  @Test
  @DisplayName("[38] a restart that waits comes when it is due, even if the clock lags the timer")
  void restartsWhenItIsDue() {
    var h1 = waitingForItsRestart();
    h1.probe.expectNoMessage(SEVERAL_RESENDS); // the timer has rung, the clock stood still
    clock.advance(Duration.ofSeconds(1));
    h1.order("A1", 3);
  }

  @Test
  @DisplayName("[38] the clock goes back by an hour while a restart waits => it comes all the same")
  void restartsWhenTheClockGoesBack() {
    var h1 = waitingForItsRestart();
    clock.advance(Duration.ofHours(-1));
    h1.order("A1", 3);
  }

  @Test
  @DisplayName("[59] the SuperWatchDog hears at once which hosts are expected, and which no more")
  void whoIsExpectedIsToldAtOnce() {
    RIG.kill();
    RIG.start(new ManagerSettings(RESEND, SELDOM, 5000, Duration.ofSeconds(1)), clock);
    var ear = ear();
    var h1 = join("H1");
    assertThat(heartbeat(beat -> !beat.hosts().isEmpty()).hosts())
        .containsExactly(Map.entry(h1.host, h1.incarnation));
    ear.tell(
        new SuperWatchDogProtocol.HostDead(
            h1.host, h1.incarnation, Certainty.CERTAIN, "it is dead"));
    assertThat(heartbeat(beat -> beat.hosts().isEmpty()).hosts()).isEmpty();
  }

  @Test
  @DisplayName("[I5] the SuperWatchDog hears where processes run before the first one is ordered")
  void whereProcessesRun() {
    RIG.kill();
    RIG.start(new ManagerSettings(RESEND, SELDOM, 5000, Duration.ofSeconds(1)), clock);
    var h1 = join("H1");
    var h3 = join("H3");
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1", "H3"));
    h1.order("A1");
    var told = heartbeat(beat -> !beat.withProcesses().isEmpty());
    assertThat(told.withProcesses()).containsExactly(h1.host);
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H3"));
    h3.order("A2");
    told = heartbeat(beat -> beat.withProcesses().size() > 1);
    assertThat(told.withProcesses()).containsExactlyInAnyOrder(h1.host, h3.host);
  }

  @Test
  @DisplayName("[38] a restart that becomes due between two readings of the clock still comes")
  void restartsWhenItBecomesDueMeanwhile() {
    RIG.kill();
    RIG.start(QUIET, clock); // nothing but the restart's own timer reads the clock
    var h1 = waitingForItsRestart();
    clock.advanceAfterReading(Duration.ofSeconds(1));
    h1.order("A1", 3);
  }

  private static ModuleSpec restarting(ModuleSpec spec) {
    var often = new FailoverStrategy.OnOverThreshold(9);
    var hour = Duration.ofHours(1);
    var soon = Duration.ofMillis(60);
    return spec.withFailover(often).withRestart(new RestartPolicy(hour, hour, soon, soon, hour));
  }

  @Test
  @DisplayName("[36] a host that owes 450 copies is told in messages of 200 at most")
  void splitsManyOrders() {
    var replies = RIG.kit.createTestProbe(Reply.class);
    RIG.register(spec("first", ReplicationStyle.WARM, 1, "H1"));
    for (int number = 2; number <= 450; number++) {
      RIG.tell(
          Rig.register(
              spec("m%dx".formatted(number), ReplicationStyle.WARM, 1, "H1"), replies.ref()));
    }
    replies.receiveSeveralMessages(449, PATIENCE);
    var h1 = join("H1");
    var told = new HashSet<CopyId>();
    while (told.size() < 450) {
      if (h1.next(PATIENCE) instanceof Orders said) {
        assertThat(said.orders()).hasSizeLessThanOrEqualTo(200);
        said.orders().forEach(order -> told.add(order.copy()));
      }
    }
    var reports = told.stream().map(ReplicaManagerTest::runs).toList();
    RIG.tell(
        new ManagerProtocol.FromWatchDog(
            new Observed(h1.host, h1.incarnation, 1, reports, h1.probe.ref())));
    h1.heard(Heard.class);
    assertThat(RIG.table().modules().values())
        .allSatisfy(row -> assertThat(row.copies().getFirst().isRunning()).isTrue());
    h1.drain();
    h1.probe.expectNoMessage(SEVERAL_RESENDS);
  }

  @Test
  @DisplayName("[36] orders with long command lines go in messages that are short enough to arrive")
  void splitsLongOrders() {
    var argument = "x".repeat(20_000); // such as a class path
    var replies = RIG.kit.createTestProbe(Reply.class);
    for (int number = 1; number <= 60; number++) {
      var spec = spec("m%dx".formatted(number), ReplicationStyle.WARM, 1, "H1");
      var at = spec.copies().getFirst();
      var copy = new Copy(at.host(), at.location(), List.of(argument));
      var spelledOut = ModuleSpec.of(spec.module(), spec.style(), spec.degree(), List.of(copy));
      RIG.tell(Rig.register(spelledOut, replies.ref()));
    }
    replies.receiveSeveralMessages(60, PATIENCE);
    var h1 = join("H1");
    var told = new HashSet<CopyId>();
    while (told.size() < 60) {
      if (h1.next(PATIENCE) instanceof Orders said) {
        assertThat(said.orders()).hasSizeLessThanOrEqualTo(25); // half of a frame
        said.orders().forEach(order -> told.add(order.copy()));
      }
    }
  }

  private static CopyReport runs(CopyId id) {
    return new CopyReport(id, 1, CopyStatus.PRIMARY, new Epoch(1), new Seen.Running(1));
  }

  @Test
  @DisplayName("[61] its heartbeats tell the SuperWatchDog which hosts are believed alive")
  void heartbeatsNameTheHosts() {
    var h1 = join("H1");
    join("H3");
    dies(h1);
    var left = Map.of(new HostId("H3"), "H3-1");
    assertThat(heartbeat(beat -> beat.hosts().equals(left))).isNotNull();
  }

  @Test
  @DisplayName("[8] it says on which host it runs")
  void saysWhereItRuns() {
    RIG.table();
    var probe = RIG.kit.createTestProbe(ManagerProtocol.Location.class);
    RIG.tell(new ManagerProtocol.WhereIs(probe.ref()));
    assertThat(probe.receiveMessage(PATIENCE))
        .isEqualTo(
            new ManagerProtocol.Location(Rig.HOST, "http://127.0.0.1:7626", Optional.empty()));
  }
}
