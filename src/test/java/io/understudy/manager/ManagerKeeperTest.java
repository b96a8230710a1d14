package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Quiet;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.manager.ManagerProtocol.Unavailable;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.FailureKind;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.superwatchdog.LeaseTerms;
import io.understudy.superwatchdog.Seal;
import io.understudy.superwatchdog.SuperWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.superwatchdog.SuperWatchDogs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The ReplicaManager alone fails or hangs, and begins anew on its own host ([0026]). */
class ManagerKeeperTest {
  private static final Duration STOP = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofMillis(600);
  private static final ManagerSettings SETTINGS =
      new ManagerSettings(Duration.ofMillis(100), Duration.ofMillis(20), 5000, STOP);
  private static final Quiet QUIET = Rig.quiet();
  private static final Rig RIG =
      new Rig(Rig.memory("keeper"), Rig.cluster("manager", "watchdog", "host-H2"));

  private static ActorRef<SuperWatchDogProtocol.Command> superWatchDog;

  private final TestClock clock = new TestClock();

  @BeforeAll
  static void join() {
    var cluster = Cluster.get(RIG.kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    var terms = new LeaseTerms(LONG, Duration.ofMillis(200), 0.02);
    var settings =
        new SuperWatchDogSettings(
            Duration.ofMillis(50), LONG, LONG, terms, Duration.ZERO, false, SILENCE);
    superWatchDog =
        RIG.kit.spawn(
            SuperWatchDog.create(
                Rig.HOST,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Seal.NONE,
                settings,
                System::nanoTime),
            SuperWatchDogs.NAME);
    var probe = RIG.kit.createTestProbe(SuperWatchDogProtocol.RingView.class);
    probe.awaitAssert(
        PATIENCE,
        () -> {
          superWatchDog.tell(new SuperWatchDogProtocol.GetRing(probe.ref()));
          assertThat(probe.receiveMessage(PATIENCE).primary()).isTrue();
          return true;
        });
  }

  @BeforeEach
  void fresh() {
    RIG.dropTables();
  }

  @AfterEach
  void kill() {
    clock.release();
    RIG.kill();
  }

  @AfterAll
  static void end() {
    RIG.close();
    QUIET.close();
  }

  @Test
  @DisplayName("[63] the ReplicaManager hangs => after its silence it begins anew on the same host")
  void aHungManagerBeginsAnew() throws Exception {
    RIG.start(SETTINGS, clock, superWatchDog);
    var h1 = new FakeWatchDog(RIG, "H1", "i1").joined();
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    h1.order("A1");
    var before = RIG.table();
    clock.hang(TestClock.Interrupt.THROWS);
    var asked = RIG.kit.createTestProbe(Reply.class);
    RIG.tell(Rig.register(spec("B", ReplicationStyle.WARM, 1, "H1"), asked.ref()));
    clock.awaitHung();
    var tables = RIG.kit.createTestProbe(ManagerProtocol.Table.class);
    var primaries = RIG.kit.createTestProbe(ManagerProtocol.PrimariesReply.class);
    RIG.tell(new ManagerProtocol.GetTable(tables.ref()));
    RIG.tell(new ManagerProtocol.WatchPrimaries(new ModuleId("A"), 0, primaries.ref()));
    h1.clear();
    assertThat(asked.receiveMessage(PATIENCE))
        .isInstanceOfSatisfying(
            Unavailable.class, it -> assertThat(it.reason()).contains("repeating is safe"));
    assertThat(tables.receiveMessage(PATIENCE).unavailable()).isPresent();
    assertThat(primaries.receiveMessage(PATIENCE)).isInstanceOf(Unavailable.class);
    assertThat(clock.wasInterrupted()).isTrue();
    clock.release();
    assertThat(RIG.table()).isEqualTo(before);
    h1.order("A1");
    assertThat(RIG.register(spec("B", ReplicationStyle.WARM, 1, "H1")).created()).isTrue();
    assertThat(RIG.gaveUp.getCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("[62] the ReplicaManager hangs and cannot be stopped => its node is given up")
  void aManagerThatCannotBeStoppedCostsTheNode() throws Exception {
    RIG.start(SETTINGS, clock, superWatchDog);
    RIG.table();
    clock.hang(TestClock.Interrupt.IGNORED);
    var asked = RIG.kit.createTestProbe(Reply.class);
    RIG.tell(Rig.register(spec("B", ReplicationStyle.WARM, 1, "H1"), asked.ref()));
    clock.awaitHung();
    assertThat(RIG.gaveUp.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(clock.wasInterrupted()).isTrue();
    asked.expectNoMessage(Duration.ofMillis(50)); // it may yet do what it was asked
  }

  @Test
  @DisplayName("[63] while the ReplicaManager reads its journal it is not told to begin anew")
  void aRecoveringManagerIsLeftAlone() throws Exception {
    RIG.start(SETTINGS, clock);
    var ear = RIG.superWatchDog.expectMessageClass(SuperWatchDogProtocol.FromManager.class);
    var h1 = new FakeWatchDog(RIG, "H1", "i1").joined();
    var hour = Duration.ofHours(1);
    RIG.register(
        spec("A", ReplicationStyle.WARM, 1, "H1")
            .withFailover(new FailoverStrategy.OnOverThreshold(9))
            .withRestart(new RestartPolicy(hour, hour, hour, hour, hour)));
    for (int run = 1; run <= 2; run++) {
      h1.order("A1", run);
      h1.says("A1", new Seen.Failed(FailureKind.CRASHED, "run " + run));
    }
    var before = RIG.table();
    var again = new SuperWatchDogProtocol.RestartManager("the test says so");
    clock.hang(TestClock.Interrupt.THROWS); // as soon as the new one has read its journal
    ear.manager().tell(again);
    clock.awaitHung();
    ear.manager().tell(again);
    var replies = RIG.kit.createTestProbe(Reply.class);
    RIG.tell(
        new ManagerProtocol.Deregister(
            spec("Z", ReplicationStyle.WARM, 1).module(), replies.ref()));
    assertThat(replies.receiveMessage(PATIENCE)).isInstanceOf(Unavailable.class);
    replies.expectNoMessage(STOP.multipliedBy(3));
    assertThat(clock.wasInterrupted()).isFalse();
    clock.release();
    assertThat(RIG.table()).isEqualTo(before);
    assertThat(RIG.gaveUp.getCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("[8] no journal => it says where it would run, and why it cannot")
  void saysWhyItCannot() {
    var journal = new JournalSettings("jdbc:h2:tcp://127.0.0.1:1/./none", "sa", "secret");
    try (var rig = new Rig(journal)) {
      rig.start(SETTINGS, Clock.systemUTC());
      var probe = rig.kit.createTestProbe(ManagerProtocol.Location.class);
      probe.awaitAssert(
          PATIENCE,
          () -> {
            rig.tell(new ManagerProtocol.WhereIs(probe.ref()));
            var location = probe.receiveMessage(PATIENCE);
            assertThat(location.host()).isEqualTo(Rig.HOST);
            assertThat(location.unavailable())
                .hasValueSatisfying(
                    reason ->
                        assertThat(reason)
                            .contains("jdbc:h2:tcp://127.0.0.1:1/./none", "Connection refused")
                            .doesNotContain("secret"));
            return true;
          });
      var tables = rig.kit.createTestProbe(ManagerProtocol.Table.class);
      rig.tell(new ManagerProtocol.GetTable(tables.ref()));
      assertThat(tables.receiveMessage(PATIENCE).unavailable()).isPresent();
    }
  }
}
