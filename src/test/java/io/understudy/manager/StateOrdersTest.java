package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.spec;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.manager.ManagerProtocol.Primaries;
import io.understudy.manager.ManagerProtocol.PrimariesReply;
import io.understudy.manager.ManagerProtocol.Primary;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import io.understudy.watchdog.WatchDogProtocol;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a ReplicaManager tells of the copies that keep a module's state, and of its primaries. */
class StateOrdersTest {
  private static final Duration RESEND = Duration.ofMillis(100);
  private static final Duration SEVERAL_RESENDS = RESEND.multipliedBy(4);
  private static final ManagerSettings SETTINGS =
      new ManagerSettings(RESEND, Duration.ofMillis(20), 5000, Duration.ofSeconds(1));
  private static final ModuleId A = new ModuleId("A");
  private static final Rig RIG = new Rig(Rig.memory("stateOrders"));

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

  /** A1@H1 and A2@H2, with state. */
  private static void register() {
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H2").withState(StateSpec.DEFAULT));
  }

  private static WatchDogProtocol.SyncChanged synced(
      FakeWatchDog by, long epoch, String member, boolean inSync) {
    return synced(by, epoch, configuration(), member, inSync);
  }

  private static long configuration() {
    return RIG.table().module(new ModuleId("A")).orElseThrow().configuration();
  }

  private static WatchDogProtocol.SyncChanged synced(
      FakeWatchDog by, long epoch, long configuration, String member, boolean inSync) {
    return new WatchDogProtocol.SyncChanged(
        by.host,
        by.incarnation,
        CopyId.parse("A1"),
        1,
        new Epoch(epoch),
        configuration,
        CopyId.parse(member),
        1,
        inSync,
        "a test");
  }

  private static void says(WatchDogProtocol.ToManager message) {
    RIG.tell(new ManagerProtocol.FromWatchDog(message));
  }

  private static StateGroup group(CopyOrder order) {
    return order.group().orElseThrow();
  }

  @Test
  @DisplayName("[24] an order names the group, and is answered only when the copy was handed it")
  void ordersNameTheGroup() {
    var h1 = join("H1");
    var h2 = join("H2");
    register();
    var order = h1.order("A1");
    assertThat(group(order).sequencer()).isEqualTo(CopyId.parse("A1"));
    assertThat(group(order).members())
        .containsExactly(
            new Member(CopyId.parse("A1"), 1, new HostId("H1"), "127.0.0.1:17355", false),
            new Member(CopyId.parse("A2"), 1, new HostId("H2"), "127.0.0.2:17355", false));
    assertThat(h2.order("A2").group()).isEqualTo(order.group());
    var runs = new Seen.Running(7);
    h1.says(new CopyReport(order.copy(), 1, order.status(), order.epoch(), runs));
    h1.drain();
    assertThat(h1.order("A1").group()).isEqualTo(order.group());
    h1.says(
        new CopyReport(
            order.copy(), 1, order.status(), order.epoch(), runs, order.configuration()));
    h1.drain();
    h1.probe.expectNoMessage(SEVERAL_RESENDS);
  }

  @Test
  @DisplayName("[24] who is in sync is journaled, and then ordered with a new configuration (I2)")
  void syncIsJournaledThenOrdered() {
    var h1 = join("H1");
    var h2 = join("H2");
    register();
    var first = h1.order("A1");
    h2.order("A2");
    h1.runs("A1", 1);
    h2.runs("A2", 2);
    says(synced(h1, 1, "A1", true));
    says(synced(h1, 1, "A2", true));
    var next = h2.order("A2", order -> group(order).members().stream().allMatch(Member::inSync));
    assertThat(next.configuration()).isGreaterThan(first.configuration());
    assertThat(next.version()).isLessThanOrEqualTo(RIG.table().version());
    RIG.kill();
    RIG.start(SETTINGS, clock);
    assertThat(h2.order("A2", order -> order.equals(next))).isEqualTo(next);
    assertThat(RIG.table().copy(CopyId.parse("A2")).orElseThrow().inSync()).isTrue();
  }

  @Test
  @DisplayName("[24] of a lower epoch, or from another incarnation, nothing is believed (I4)")
  void staleSequencersAreNotBelieved() {
    var h1 = join("H1");
    join("H2");
    register();
    h1.order("A1");
    var version = RIG.table().version();
    says(synced(h1, 0, "A2", true));
    says(synced(new FakeWatchDog(RIG, "H1", "before"), 1, "A2", true));
    says(synced(new FakeWatchDog(RIG, "H9", "never"), 1, "A2", true));
    assertThat(RIG.table().version()).isEqualTo(version);
  }

  @Test
  @DisplayName("[24] a late word cannot bring back a copy that was put out since")
  void lateWordsOfEarlierGroupsAreNotHeard() {
    var h1 = join("H1");
    join("H2");
    register();
    h1.order("A1");
    var early = configuration();
    says(synced(h1, 1, "A2", true));
    says(synced(h1, 1, "A2", false));
    says(synced(h1, 1, early, "A2", true));
    assertThat(RIG.table().copy(CopyId.parse("A2")).orElseThrow().inSync()).isFalse();
  }

  @Test
  @DisplayName("[25] the state of a deregistered module is forgotten, and that of no other")
  void stateIsForgotten() throws InterruptedException {
    var h1 = join("H1");
    RIG.forgotten.clear();
    RIG.register(spec("Z", ReplicationStyle.WARM, 1, "H1"));
    RIG.accepted(replyTo -> new ManagerProtocol.Deregister(new ModuleId("Z"), replyTo));
    register();
    h1.order("A1");
    RIG.accepted(replyTo -> new ManagerProtocol.Deregister(A, replyTo));
    h1.order("A1", order -> order.status() == CopyStatus.IDLE);
    h1.says("A1", new Seen.Stopped());
    assertThat(RIG.forgotten.poll(PATIENCE.toSeconds(), SECONDS)).isEqualTo("A up to 1");
    register();
    h1.order("A1", order -> order.status() == CopyStatus.PRIMARY);
    assertThat(RIG.forgotten).containsExactly("A up to 1"); // for one that was cut short
  }

  @Test
  @DisplayName("[25] registered anew => its copies are told up to which epoch another had its name")
  void predecessorIsTold() {
    var h1 = join("H1");
    register();
    assertThat(group(h1.order("A1")).predecessor()).isEqualTo(Epoch.NONE);
    RIG.accepted(replyTo -> new ManagerProtocol.Deregister(A, replyTo));
    h1.order("A1", order -> order.status() == CopyStatus.IDLE);
    h1.says("A1", new Seen.Stopped());
    register();
    var anew = h1.order("A1", order -> order.status() == CopyStatus.PRIMARY);
    assertThat(group(anew).predecessor()).isEqualTo(new Epoch(1)).isLessThan(anew.epoch());
    RIG.kill();
    RIG.start(SETTINGS, clock);
    assertThat(h1.order("A1", order -> order.equals(anew))).isEqualTo(anew);
  }

  private static TestProbe<PrimariesReply> watcher() {
    return RIG.kit.createTestProbe(PrimariesReply.class);
  }

  private static Primaries primaries(TestProbe<PrimariesReply> probe, long known) {
    watch(known, probe.ref());
    return probe.expectMessageClass(Primaries.class, PATIENCE);
  }

  private static void watch(long known, ActorRef<PrimariesReply> replyTo) {
    RIG.tell(new ManagerProtocol.WatchPrimaries(A, known, replyTo));
  }

  @Test
  @DisplayName("[41] who watches a module's primaries hears of a promotion before its host does")
  void watchersHearFirst() {
    var h1 = join("H1");
    var both = RIG.kit.<Object>createTestProbe();
    says(new WatchDogProtocol.HostUp(new HostId("H2"), "H2-1", "h2:1", 2, both.ref().narrow()));
    assertThat(both.receiveMessage(PATIENCE)).isInstanceOf(WatchDogProtocol.Welcome.class);
    RIG.register(spec("A", ReplicationStyle.WARM, 2, "H1", "H2"));
    h1.order("A1");
    h1.runs("A1", 1);
    var backup = ((WatchDogProtocol.Orders) both.receiveMessage(PATIENCE)).orders().getFirst();
    var ready =
        new CopyReport(backup.copy(), 1, backup.status(), backup.epoch(), new Seen.Running(2));
    says(
        new WatchDogProtocol.Observed(
            new HostId("H2"), "H2-1", 1, List.of(ready), both.ref().narrow()));
    both.fishForMessage(PATIENCE, FakeWatchDog.until(WatchDogProtocol.Heard.class));
    var known = primaries(watcher(), 0);
    assertThat(known.primaries())
        .containsExactly(new Primary(CopyId.parse("A1"), 1, new HostId("H1"), "127.0.0.1:17355"));
    watch(known.configuration(), both.ref().narrow());
    both.expectNoMessage(Rig.QUIET);
    h1.says("A1", new Seen.Failed(FailureKind.CRASHED, "a test"));
    assertThat(both.receiveMessage(PATIENCE))
        .isInstanceOfSatisfying(
            Primaries.class,
            news -> {
              assertThat(news.configuration()).isGreaterThan(known.configuration());
              assertThat(news.epoch()).isEqualTo(new Epoch(2));
              assertThat(news.primaries())
                  .containsExactly(new Primary(CopyId.parse("A2"), 1, new HostId("H2"), "h2:1"));
            });
    assertThat(both.receiveMessage(PATIENCE)).isInstanceOf(WatchDogProtocol.Orders.class);
  }

  @Test
  @DisplayName("[41] who watches in vain is answered once, after 5 s, and told when a module goes")
  void watchersAreAlwaysAnswered() {
    var h1 = join("H1");
    register();
    h1.order("A1");
    h1.runs("A1", 1);
    var probe = watcher();
    var known = primaries(probe, 0);
    clock.stop();
    watch(known.configuration(), probe.ref());
    watch(known.configuration(), probe.ref()); // worried, it asks again
    probe.expectNoMessage(SEVERAL_RESENDS);
    clock.advance(PrimariesWatchers.LONGEST_WAIT);
    assertThat(probe.receiveMessage(PATIENCE)).isEqualTo(known);
    probe.expectNoMessage(SEVERAL_RESENDS);
    watch(known.configuration(), probe.ref());
    RIG.accepted(replyTo -> new ManagerProtocol.Deregister(A, replyTo));
    assertThat(probe.receiveMessage(PATIENCE))
        .isEqualTo(
            new ManagerProtocol.Refused(
                "module A is not registered; the table lists those that are"));
    watch(0, probe.ref());
    probe.expectMessageClass(ManagerProtocol.Refused.class, PATIENCE);
  }

  @Test
  @DisplayName("[58] who watches while the ReplicaManager ends is told to ask again")
  void watchersAreDismissed() {
    var h1 = join("H1");
    register();
    h1.order("A1");
    h1.runs("A1", 1);
    var probe = watcher();
    watch(primaries(probe, 0).configuration(), probe.ref());
    RIG.table();
    RIG.kill();
    probe.expectMessageClass(ManagerProtocol.Unavailable.class, PATIENCE);
  }
}
