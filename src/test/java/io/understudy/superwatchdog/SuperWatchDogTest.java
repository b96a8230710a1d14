package io.understudy.superwatchdog;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.Quiet;
import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDog.Heard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetHosts;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetRing;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostDead;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HungUp;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RestartManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.eventstream.EventStream;
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

  /** Of its clock; a message is one reading. */
  private static final int READINGS_OF_LOOK = 2;

  /** Less than the step of the clock that counts as a pause, so that one step is a silence. */
  private static final Duration HOST_TIMEOUT = Duration.ofMillis(220);

  private static final Duration KNOCK_AFTER = Duration.ofMillis(50);
  private static final Duration MANAGER_TIMEOUT = Duration.ofMillis(400);
  private static final LeaseTerms TERMS = new LeaseTerms(HOST_TIMEOUT, Duration.ofMillis(1), 0);
  private static final Duration DYING = Duration.ofMillis(40);
  private static final SuperWatchDogSettings SETTINGS =
      new SuperWatchDogSettings(LOOK, LOOK, KNOCK_AFTER, TERMS, DYING, false, MANAGER_TIMEOUT);
  private static final SocketAddress FROM =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
  private static final HostId H1 = new HostId("H1");
  private static final String STRANGER = "127.0.0.1:9#stranger";
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
    final AtomicLong readings = new AtomicLong();
    final Queue<PulseMessage> said = new ConcurrentLinkedQueue<>();
    long beats = 6;
    final TestProbe<ToManager> manager;
    final Optional<ActorRef<Command>> dog;

    Node(String host, String role) {
      this.host = new HostId(host);
      kit = ActorTestKit.create("understudy", config(role, "host-" + host, "pulse-1"));
      cluster = Cluster.get(kit.system());
      manager = kit.createTestProbe(ToManager.class);
      dog =
          role.startsWith("manager")
              ? Optional.of(
                  kit.spawn(
                      SuperWatchDog.create(this.host, SETTINGS, around()), SuperWatchDogs.NAME))
              : Optional.empty();
    }

    /** Hosts that are only played here count as members. */
    private Surroundings around() {
      return new Surroundings(this::read, this::voice, (members, node) -> !node.equals(STRANGER));
    }

    private long read() {
      readings.incrementAndGet();
      return clock.get();
    }

    /** What it would send; what others would send to it is told by the test. */
    private Surroundings.Voice voice(ActorRef<Command> ear) {
      return new Surroundings.Voice() {
        @Override
        public void tell(PulseMessage message, SocketAddress to) {
          said.add(message);
        }

        @Override
        public void close() {}
      };
    }

    private static Config config(String... roles) {
      return ConfigFactory.parseMap(
              Map.ofEntries(
                  entry("pekko.remote.artery.canonical.hostname", "127.0.0.1"),
                  entry("pekko.remote.artery.canonical.port", 0),
                  entry("pekko.cluster.roles", List.of(roles)),
                  // on a slow machine the cluster must not accuse by itself
                  entry("pekko.cluster.failure-detector.acceptable-heartbeat-pause", "20s"),
                  // members come and go all the time
                  entry("pekko.cluster.gossip-interval", "50ms"),
                  entry("pekko.cluster.leader-actions-interval", "50ms"),
                  entry("pekko.cluster.run-coordinated-shutdown-when-down", "off"),
                  entry("pekko.persistence.journal.auto-start-journals", List.of()),
                  entry("pekko.persistence.snapshot-store.auto-start-snapshot-stores", List.of())))
          .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
          .withFallback(ConfigFactory.load());
    }

    void tell(Command command) {
      dog.orElseThrow().tell(command);
    }

    String node() {
      return SuperWatchDogs.node(cluster.selfMember());
    }

    /** The WatchDog of this host is heard. */
    void hears(HostId watched, String incarnation) {
      tell(new Heard(beat(watched, incarnation), FROM));
    }

    /** One that has heard the answer to its last. */
    private PulseMessage.Beat beat(HostId watched, String incarnation) {
      var answered = OptionalLong.of(beats);
      beats++;
      return new PulseMessage.Beat(watched, incarnation, beats, answered);
    }

    void hears(HostId watched) {
      hears(watched, incarnation(watched));
    }

    /** What the other says is heard here. */
    void hears(Node other) {
      other.ring(); // so that it has said it
      other.said.stream()
          .filter(PulseMessage.Ringing.class::isInstance)
          .forEach(message -> tell(new Heard(message, FROM)));
    }

    void managerBelievesAlive(HostId... hosts) {
      var alive = new HashMap<HostId, String>();
      for (HostId each : hosts) {
        alive.put(each, incarnation(each));
      }
      tell(new FromManager(alive, Set.of(), manager.ref()));
    }

    static String incarnation(HostId host) {
      return "127.0.0.1:%d#%s/1".formatted(LISTENING.getLocalPort(), host);
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

    /**
     * It looks at least once, and nothing else happens. A step of the clock that it has not seen
     * would be one with the next.
     */
    void looks() {
      ring();
      var before = readings.get();
      manager.awaitAssert(
          PATIENCE,
          () -> {
            assertThat(readings.get()).isGreaterThanOrEqualTo(before + READINGS_OF_LOOK);
            return true;
          });
      ring(); // it has finished
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
                H1,
                Node.incarnation(H1),
                Certainty.SUSPECTED,
                "silent for 220 ms, and its lease has run out"));
    h2.hears(H1); // too late: it was declared dead
    assertThat(h2.dead().host()).isEqualTo(H1);
    assertThat(h2.dead().host()).isEqualTo(H1);
    h2.managerBelievesAlive(H3);
    h2.ring();
    var after = h2.kit.createTestProbe(ToManager.class);
    h2.tell(new FromManager(Map.of(H3, Node.incarnation(H3)), Set.of(), after.ref()));
    after.expectNoMessage(SEVERAL_LOOKS);
  }

  @Test
  @DisplayName("[47] a registered host that was never heard is dead after the same time")
  void aHostThatNeverSpeaksIsDead() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1);
    h2.passes(HOST_TIMEOUT);
    assertThat(h2.dead().incarnation()).isEqualTo(Node.incarnation(H1));
  }

  @Test
  @DisplayName("[48] a heartbeat earns a lease, and says how many SuperWatchDogs there are")
  void aHeartbeatEarnsALease() {
    var h2 = node("H2", "manager");
    h2.looks(); // it grants nothing before its first
    h2.managerBelievesAlive(H1);
    h2.hears(H1);
    h2.ring();
    assertThat(h2.said)
        .contains(
            new PulseMessage.Granted(
                h2.host, Node.incarnation(H1), new HostLease.Grant(7, 0), TERMS.lease()));
  }

  @Test
  @DisplayName(
      "[49] a host is heard that hears nothing => it is answered without a lease, then dead")
  void aDeafHostIsDead() {
    var h2 = node("H2", "manager");
    h2.looks(); // it grants nothing before its first
    h2.managerBelievesAlive(H1);
    var deaf = h2.beat(H1, Node.incarnation(H1));
    for (int beat = 0; beat < 10; beat++) {
      h2.tell(new Heard(deaf, FROM));
      h2.passes(HOST_TIMEOUT.dividedBy(20));
    }
    h2.passes(HOST_TIMEOUT.dividedBy(2));
    h2.tell(new Heard(deaf, FROM));
    h2.ring();
    assertThat(h2.said).contains(noted(h2.host, deaf, true));
    h2.looks();
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.passes(HOST_TIMEOUT.dividedBy(2));
    h2.tell(new Heard(deaf, FROM));
    assertThat(h2.dead().reason()).contains("silent");
  }

  private static PulseMessage noted(HostId by, PulseMessage.Beat beat, boolean member) {
    var answer = new HostLease.Answer(beat.askedAt(), member);
    return new PulseMessage.Noted(by, beat.incarnation(), answer);
  }

  @Test
  @DisplayName("one is heard that is not in the cluster => it is told so, and granted nothing")
  void aStrangerIsTold() {
    var h2 = node("H2", "manager");
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    var stranger = h2.beat(H1, STRANGER + "/1");
    h2.tell(new Heard(stranger, FROM));
    h2.ring();
    assertThat(h2.said).contains(noted(h2.host, stranger, false));
    assertThat(h2.said).noneMatch(PulseMessage.Granted.class::isInstance);
  }

  @Test
  @DisplayName("[49] an observer that was itself paused accuses nobody, and hears on as before")
  void aPausedObserverAccusesNobody() {
    var h2 = node("H2", "manager");
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1);
    h2.hears(H3);
    h2.passes(Duration.ofMinutes(10));
    h2.looks();
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
      h2.looks();
      h2.manager.expectNoMessage(LOOK);
      h2.passes(MANAGER_TIMEOUT.dividedBy(4));
    }
    assertThat(h2.manager.receiveMessage(PATIENCE))
        .isEqualTo(new RestartManager("it has been silent for 400 ms"));
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
  }

  @Test
  @DisplayName(
      "[48] tells for how long each host has been silent, and how much of its lease is left")
  void tellsHowLongEachIsSilent() {
    var h2 = node("H2", "manager");
    h2.looks(); // it grants nothing before its first
    h2.managerBelievesAlive(H1, H3);
    h2.hears(H1);
    h2.passes(Duration.ofMillis(60));
    h2.hears(H3);
    assertThat(h2.hosts())
        .extracting(HostHeard::host, HostHeard::silentMillis, HostHeard::millisLeft)
        .containsExactlyInAnyOrder(tuple(H1, 60L, 160L), tuple(H3, 0L, 220L));
  }

  @Test
  @DisplayName(
      "the cluster puts a node out => its host is dead when its lease has run out, not before")
  void aDownMemberIsDeadWhenItsLeaseIsOver() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    var incarnation = h1.node() + "/1";
    h2.tell(new FromManager(Map.of(H1, incarnation), Set.of(), h2.manager.ref()));
    h2.hears(H1, incarnation);
    h2.ring();
    h2.cluster.manager().tell(new Down(h1.cluster.selfMember().address()));
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h2.membersUp()).isEqualTo(1);
          return true;
        });
    h2.hears(H1, incarnation); // it lives, and is not granted anything any more
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.passes(HOST_TIMEOUT);
    assertThat(h2.dead().certainty()).isEqualTo(Certainty.SUSPECTED);
    assertThat(h2.dead().reason()).contains("put out of the cluster");
  }

  @Test
  @DisplayName("[49] a node leaves the cluster => its host is dead as soon as it is gone")
  void aMemberThatLeftIsDead() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    var incarnation = h1.node() + "/1";
    h2.tell(new FromManager(Map.of(H1, incarnation), Set.of(), h2.manager.ref()));
    h2.hears(H1, incarnation);
    h2.ring();
    h1.cluster.manager().tell(Leave.create(h1.cluster.selfMember().address()));
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h2.membersUp()).isEqualTo(1);
          h2.clock.addAndGet(DYING.toNanos()); // what it is told by may be the next look
          return true;
        });
    assertThat(h2.dead())
        .isEqualTo(new HostDead(H1, incarnation, Certainty.CERTAIN, "its node left the cluster"));
  }

  @Test
  @DisplayName("[49] a host is silent whose node is still a member => its node is put out")
  void aSilentNodeIsPutOut() {
    var h2 = node("H2", "manager");
    var h1 = node("H1", "watchdog");
    var incarnation = h1.node() + "/1";
    h2.tell(new FromManager(Map.of(H1, incarnation), Set.of(), h2.manager.ref()));
    h2.hears(H1, incarnation);
    h2.passes(HOST_TIMEOUT);
    assertThat(h2.dead().reason()).contains("silent");
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          h2.passes(Duration.ofMillis(100)); // no manager could be there: its copies come first
          assertThat(h2.membersUp()).isEqualTo(1);
          return true;
        });
  }

  @Test
  @DisplayName("[52] the others find the WatchDog of its own node dead => it ends its node")
  void ownNodeIsPutOut() {
    var h2 = node("H2", "manager");
    node("H5", "manager");
    node("H6", "manager");
    var own = h2.node() + "/1";
    nodes.forEach(node -> node.hears(h2.host, own));
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          nodes.forEach(node -> node.passes(HOST_TIMEOUT.dividedBy(10)));
          nodes.forEach(from -> nodes.forEach(to -> to.hears(from)));
          assertThat(h2.cluster.isTerminated()).isTrue();
          return true;
        });
    h2.ring(); // it was not its own expulsion that made it fail
  }

  /** The name of a node where nobody listens. */
  private static String refusing() throws IOException {
    try (var free = listen()) {
      return "127.0.0.1:%d#H1".formatted(free.getLocalPort());
    }
  }

  @Test
  @DisplayName("[52] its processes get the time to follow their node into death (I5)")
  void processesDieFirst() throws IOException {
    var h2 = node("H2", "manager");
    var dead = refusing();
    h2.tell(new Heard(h2.beat(H1, dead + "/1"), FROM));
    h2.tell(new FromManager(Map.of(H1, dead + "/1"), Set.of(H1), h2.manager.ref()));
    h2.tell(new SuperWatchDog.Lifeline(dead, true));
    h2.tell(new SuperWatchDog.Lifeline(dead, false));
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h2.hosts().getFirst().suspected()).isTrue();
          return true;
        });
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.passes(DYING);
    assertThat(h2.dead().certainty()).isEqualTo(Certainty.CERTAIN);
  }

  @Test
  @DisplayName(
      "[52] none of its copies is a process => dead at once; who prepares heard it hang up")
  void noProcesses() throws IOException {
    var h2 = node("H2", "manager");
    var prepares = h2.kit.createTestProbe(HungUp.class);
    h2.kit.system().eventStream().tell(new EventStream.Subscribe<>(HungUp.class, prepares.ref()));
    var dead = refusing();
    h2.tell(new Heard(h2.beat(H1, dead + "/1"), FROM));
    h2.tell(new FromManager(Map.of(H1, dead + "/1"), Set.of(H3), h2.manager.ref()));
    h2.tell(new SuperWatchDog.Lifeline(dead, true));
    h2.tell(new SuperWatchDog.Lifeline(dead, false));
    assertThat(h2.dead().certainty()).isEqualTo(Certainty.CERTAIN);
    assertThat(prepares.receiveMessage(PATIENCE)).isEqualTo(new HungUp(dead));
  }

  @Test
  @DisplayName("[52] its guard says that its processes are dead => nobody waits for them any more")
  void lastWord() throws IOException {
    var h2 = node("H2", "manager");
    var dead = refusing();
    h2.tell(new Heard(h2.beat(H1, dead + "/1"), FROM));
    h2.tell(new FromManager(Map.of(H1, dead + "/1"), Set.of(H1), h2.manager.ref()));
    h2.tell(new Heard(new PulseMessage.LastWord(dead), FROM));
    h2.manager.expectNoMessage(SEVERAL_LOOKS); // it proves nothing of the node itself
    h2.tell(new SuperWatchDog.Lifeline(dead, true));
    h2.tell(new SuperWatchDog.Lifeline(dead, false));
    assertThat(h2.dead().certainty()).isEqualTo(Certainty.CERTAIN);
  }

  @Test
  @DisplayName(
      "[52] a node is dead, and the kernel still closes nothing => its processes get their time"
          + " from when it does (I5)")
  void endedWithProcesses() throws IOException {
    var h2 = node("H2", "manager");
    var dying = refusing();
    h2.tell(new Heard(h2.beat(H1, dying + "/1"), FROM));
    h2.tell(new FromManager(Map.of(H1, dying + "/1"), Set.of(H1), h2.manager.ref()));
    h2.tell(new SuperWatchDog.Lifeline(dying, true));
    h2.tell(new Heard(new PulseMessage.Ended(dying), FROM));
    h2.passes(DYING);
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.tell(new SuperWatchDog.Lifeline(dying, false));
    h2.manager.expectNoMessage(SEVERAL_LOOKS);
    h2.passes(DYING);
    assertThat(h2.dead().certainty()).isEqualTo(Certainty.CERTAIN);
  }

  @Test
  @DisplayName("[52] its guard says that a node is dead, which still listens => dead at once")
  void ended() throws IOException {
    var h2 = node("H2", "manager");
    var prepares = h2.kit.createTestProbe(HungUp.class);
    h2.kit.system().eventStream().tell(new EventStream.Subscribe<>(HungUp.class, prepares.ref()));
    try (var listening = listen()) {
      var dying = "127.0.0.1:%d#H1".formatted(listening.getLocalPort());
      h2.tell(new Heard(h2.beat(H1, dying + "/1"), FROM));
      h2.tell(new FromManager(Map.of(H1, dying + "/1"), Set.of(), h2.manager.ref()));
      h2.tell(new Heard(new PulseMessage.Ended(dying), FROM));
      h2.manager.expectNoMessage(SEVERAL_LOOKS); // no lifeline: whoever that is, it said nothing
      h2.tell(new SuperWatchDog.Lifeline(dying, true));
      h2.tell(new Heard(new PulseMessage.Ended(dying), FROM));
      assertThat(h2.dead().certainty()).isEqualTo(Certainty.CERTAIN);
      assertThat(prepares.receiveMessage(PATIENCE)).isEqualTo(new HungUp(dying));
      h2.tell(new SuperWatchDog.Lifeline(dying, false));
      h2.ring();
      prepares.expectNoMessage();
    }
  }

  @Test
  @DisplayName("[58] H2 -> H5 -> H2: who is primary, who sends to whom, and who was heard")
  void theRing() {
    var h2 = node("H2", "manager");
    var h5 = node("H5", "manager");
    h2.manager.awaitAssert(
        PATIENCE,
        () -> {
          h2.hears(h5);
          h5.hears(h2);
          assertThat(h2.ring().heardFrom()).contains(h5.host);
          assertThat(h5.ring().heardFrom()).contains(h2.host);
          return true;
        });
    assertThat(h2.ring().primary()).isTrue();
    assertThat(h2.ring().sendsTo()).contains(h5.host);
    assertThat(h5.ring())
        .isEqualTo(new RingView(h5.host, false, Optional.of(h2.host), Optional.of(h2.host), 0));
    h5.cluster.manager().tell(new Down(h2.cluster.selfMember().address()));
    h5.manager.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(h5.ring().primary()).isTrue();
          assertThat(h5.ring().sendsTo()).isEmpty();
          return true;
        });
  }
}
