package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.Quiet;
import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetHosts;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetRing;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostDead;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RestartManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Leave;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SuperWatchDogs on a cluster in this JVM, each with a clock that the test moves. */
class SuperWatchDogTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(30);
  private static final Duration SEVERAL_LOOKS = LOOK.multipliedBy(5);

  /** Less than the step of the clock that counts as a pause, so that one step is a silence. */
  private static final Duration HOST_TIMEOUT = Duration.ofMillis(100);

  private static final Duration KNOCK_AFTER = Duration.ofMillis(50);
  private static final Duration MANAGER_TIMEOUT = Duration.ofMillis(400);
  private static final SuperWatchDogSettings SETTINGS =
      new SuperWatchDogSettings(LOOK, KNOCK_AFTER, HOST_TIMEOUT, MANAGER_TIMEOUT);
  private static final HostId H1 = new HostId("H1");
  private static final HostId H3 = new HostId("H3");

  private static final Quiet QUIET = new Quiet("org.apache.pekko", SuperWatchDog.class.getName());

  /** Where hosts that are silent but not dead can be reached. */
  private static final ServerSocket LISTENING = listen();

  private final List<Node> nodes = new ArrayList<>();

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void close() throws IOException {
    LISTENING.close();
    QUIET.close();
  }

  /** A node, and if it is a manager's, its SuperWatchDog. */
  private static final class Node {
    final HostId host;
    final ActorTestKit kit;
    final Cluster cluster;
    final AtomicLong clock = new AtomicLong();
    final TestProbe<ToManager> manager;
    final Optional<ActorRef<Command>> dog;

    Node(String host, String role) {
      this.host = new HostId(host);
      kit = ActorTestKit.create("understudy", config(role, "host-" + host));
      cluster = Cluster.get(kit.system());
      manager = kit.createTestProbe(ToManager.class);
      dog =
          role.equals("manager")
              ? Optional.of(
                  kit.spawn(
                      SuperWatchDog.create(this.host, SETTINGS, clock::get), SuperWatchDogs.NAME))
              : Optional.empty();
    }

    private static Config config(String... roles) {
      return ConfigFactory.parseMap(
              Map.of(
                  "pekko.remote.artery.canonical.hostname",
                  "127.0.0.1",
                  "pekko.remote.artery.canonical.port",
                  0,
                  "pekko.cluster.roles",
                  List.of(roles),
                  // on a slow machine the cluster must not accuse by itself
                  "pekko.cluster.failure-detector.acceptable-heartbeat-pause",
                  "20s",
                  "pekko.cluster.run-coordinated-shutdown-when-down",
                  "off",
                  "pekko.persistence.journal.auto-start-journals",
                  List.of(),
                  "pekko.persistence.snapshot-store.auto-start-snapshot-stores",
                  List.of()))
          .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
          .withFallback(ConfigFactory.load());
    }

    void tell(Command command) {
      dog.orElseThrow().tell(command);
    }

    String address() {
      var at = cluster.selfMember().address();
      return "%s:%d".formatted(at.getHost().get(), at.getPort().get());
    }

    /** The WatchDog of this host is heard. */
    void hears(HostId watched, String incarnation, String address) {
      tell(new FromWatchDog(new Heartbeat(watched, incarnation, address)));
    }

    void hears(HostId watched) {
      hears(watched, incarnation(watched), "127.0.0.1:%d".formatted(LISTENING.getLocalPort()));
    }

    void managerBelievesAlive(HostId... hosts) {
      var alive = new HashMap<HostId, String>();
      for (HostId each : hosts) {
        alive.put(each, incarnation(each));
      }
      tell(new FromManager(alive, manager.ref()));
    }

    static String incarnation(HostId host) {
      return "of-" + host;
    }

    /** The clock moves, and all that was said before was said before that. */
    void passes(Duration time) {
      ring();
      clock.addAndGet(time.toNanos());
    }

    RingView ring() {
      var probe = kit.createTestProbe(RingView.class);
      tell(new GetRing(probe.ref()));
      return probe.receiveMessage(PATIENCE);
    }

    List<HostHeard> hosts() {
      var probe = kit.createTestProbe(HostsHeard.class);
      tell(new GetHosts(probe.ref()));
      return probe.receiveMessage(PATIENCE).hosts();
    }

    HostDead dead() {
      return (HostDead)
          manager
              .fishForMessage(
                  PATIENCE,
                  message ->
                      message instanceof HostDead
                          ? FishingOutcomes.complete()
                          : FishingOutcomes.continueAndIgnore())
              .getLast();
    }

    long membersUp() {
      return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
          .filter(member -> member.status().equals(MemberStatus.up()))
          .count();
    }
  }

  /** Starts a node and waits until all are up and know it. */
  private Node node(String host, String role) {
    var node = new Node(host, role);
    nodes.add(node);
    var first = nodes.getFirst().cluster.selfMember().address();
    node.cluster.manager().tell(Join.create(first));
    nodes.forEach(
        each ->
            each.manager.awaitAssert(
                PATIENCE,
                () -> {
                  assertThat(each.membersUp()).isEqualTo(nodes.size());
                  return true;
                }));
    return node;
  }

  @AfterEach
  void end() {
    nodes.reversed().forEach(node -> node.kit.shutdownTestKit());
  }

  @Test
  @DisplayName("[49] H1 is silent, H3 is not => H1 is dead, said until the manager has dropped it")
  void aSilentHostIsDead() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1);
    h2.hears(H3);
    h2.passes(HOST_TIMEOUT.minusMillis(1));
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.hears(H3);
    h2.passes(Duration.ofMillis(1));
    assertThat(h2.dead())
        .isEqualTo(
            new HostDead(
                H1, "of-H1", Certainty.SUSPECTED, "its WatchDog has been silent for 100 ms"));
    h2.hears(H1); // too late: it was declared dead
    assertThat(h2.dead().host()).isEqualTo(H1);
    assertThat(h2.dead().host()).isEqualTo(H1);
    h2.managerBelievesAlive(H3);
    h2.ring();
    var after = h2.kit.createTestProbe(ToManager.class);
    h2.tell(new FromManager(Map.of(H3, "of-H3"), after.ref()));
    after.expectNoMessage(SEVERAL_LOOKS);
  }

  @Test
  @DisplayName("[47] a registered host that was never heard is dead after the same time")
  void aHostThatNeverSpeaksIsDead() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1);
    h2.passes(HOST_TIMEOUT);
    assertThat(h2.dead().incarnation()).isEqualTo("of-H1");
  }

  @Test
  @DisplayName("[49] an observer that was itself paused accuses nobody, and hears on as before")
  void aPausedObserverAccusesNobody() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1);
    h2.hears(H3);
    h2.passes(Duration.ofMinutes(10));
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.hears(H1);
    h2.passes(HOST_TIMEOUT);
    var accused = List.of(h2.dead().host(), h2.dead().host());
    assertThat(accused).containsExactlyInAnyOrder(H1, H3);
  }

  @Test
  @DisplayName("[63] a silent ReplicaManager is told to begin anew, once for each silence")
  void aSilentManagerBeginsAnew() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive();
    for (int look = 0; look < 4; look++) {
      h2.manager.expectNoMessage(LOOK.multipliedBy(2)); // it looked in between
      h2.passes(MANAGER_TIMEOUT.dividedBy(4));
    }
    assertThat(h2.manager.receiveMessage(PATIENCE))
        .isEqualTo(new RestartManager("it has been silent for 400 ms"));
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
  }

  @Test
  @DisplayName("[48] tells for how long each host has been silent, and how much time it has left")
  void tellsHowLongEachIsSilent() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1);
    h2.passes(Duration.ofMillis(60));
    h2.hears(H3);
    assertThat(h2.hosts())
        .containsExactlyInAnyOrder(
            new HostHeard(H1, "of-H1", true, 60, 40), new HostHeard(H3, "of-H3", false, 0, 100));
  }

  @Test
  @DisplayName("[52] the cluster declares a node dead => its host is dead at once, with no silence")
  void aDownMemberIsDeadAtOnce() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1, "of-H1", h1.address());
    h2.hears(H3);
    h2.ring();
    h2.cluster.manager().tell(new Down(h1.cluster.selfMember().address()));
    assertThat(h2.dead())
        .isEqualTo(
            new HostDead(H1, "of-H1", Certainty.CERTAIN, "the cluster declared its node dead"));
    assertThat(h2.dead().host()).isEqualTo(H1);
  }

  @Test
  @DisplayName("[49] a node leaves the cluster => its host is dead as soon as it is gone")
  void aMemberThatLeftIsDead() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    h2.managerBelievesAlive(H1);
    h2.hears(H1, "of-H1", h1.address());
    h2.ring();
    h1.cluster.manager().tell(Leave.create(h1.cluster.selfMember().address()));
    assertThat(h2.dead())
        .isEqualTo(new HostDead(H1, "of-H1", Certainty.CERTAIN, "its node left the cluster"));
  }

  @Test
  @DisplayName("[49] a host is silent whose node is still a member => its node is put out")
  void aSilentNodeIsPutOut() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    h2.managerBelievesAlive(H1);
    h2.hears(H1, "of-H1", h1.address());
    h2.passes(HOST_TIMEOUT);
    assertThat(h2.dead().reason()).contains("silent");
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h2.membersUp()).isEqualTo(1);
          return true;
        });
  }

  @Test
  @DisplayName(
      "[52] a host is silent and refuses connections => it is dead long before the time-out")
  void aHostThatRefusesIsDead() throws IOException {
    var h2 = node("H2", "manager");
    var h5 = node("H5", "manager");
    int port;
    try (var free = listen()) {
      port = free.getLocalPort();
    }
    var address = "127.0.0.1:%d".formatted(port);
    for (Node each : nodes) {
      each.hears(H1, "of-H1", address);
      each.hears(H3);
    }
    h2.managerBelievesAlive(H1, H3);
    nodes.forEach(each -> each.passes(KNOCK_AFTER));
    assertThat(h2.dead())
        .isEqualTo(
            new HostDead(
                H1,
                "of-H1",
                Certainty.CERTAIN,
                "its node is dead: %s refuses connections".formatted(address)));
    h2.managerBelievesAlive(H3);
    // a SuperWatchDog that takes over knows it too
    h5.managerBelievesAlive(H1, H3);
    assertThat(h5.dead().host()).isEqualTo(H1);
    assertThat(h2.membersUp()).isEqualTo(2);
  }

  @Test
  @DisplayName("[58] H2 -> H5: H2 judges alone; H2 dies => H5 judges, and knows that H2 is dead")
  void onlyThePrimaryJudges() {
    var h2 = node("H2", "manager");
    var h5 = node("H5", "manager");
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h2.ring().heardFrom()).contains(h5.host);
          assertThat(h5.ring().heardFrom()).contains(h2.host);
          return true;
        });
    assertThat(h2.ring().primary()).isTrue();
    assertThat(h2.ring().sendsTo()).contains(h5.host);
    assertThat(h5.ring())
        .isEqualTo(new RingView(h5.host, false, Optional.of(h2.host), Optional.of(h2.host), 0));
    for (Node each : nodes) { // a WatchDog is heard by every SuperWatchDog
      each.hears(H1);
      each.hears(h2.host, "of-H2", h2.address());
    }
    h5.managerBelievesAlive(H1);
    h5.passes(HOST_TIMEOUT);
    h5.manager.expectNoMessage(SEVERAL_LOOKS); // it is a backup
    h5.cluster.manager().tell(new Down(h2.cluster.selfMember().address()));
    assertThat(h5.dead().host()).isEqualTo(H1);
    assertThat(h5.ring().primary()).isTrue();
    assertThat(h5.ring().sendsTo()).isEmpty();
    // the ReplicaManager begins here, and its table says that H2 lives
    var manager = h5.kit.createTestProbe(ToManager.class);
    h5.tell(new FromManager(Map.of(h2.host, "of-H2"), manager.ref()));
    assertThat(manager.receiveMessage(PATIENCE))
        .isInstanceOfSatisfying(HostDead.class, dead -> assertThat(dead.host()).isEqualTo(h2.host));
  }
}
