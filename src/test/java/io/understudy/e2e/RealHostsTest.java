package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.e2e.Witness.Handover;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The six hosts of FIG. 1, each with an address and a cable of its own, without power and cut off;
 * each test leaves all of them up, and what it registered is its own.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealHostsTest {
  /** Longer than the lease and than the time after which the cluster itself gives a member up. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(12);

  private static Lan lan;

  @BeforeAll
  static void up() {
    var forbidden = Namespaces.forbidden();
    assumeTrue(forbidden.isEmpty(), () -> forbidden.orElse(""));
    lan = Lan.up(Fig1.folder("realhosts"), Fig1.HOSTS);
  }

  @AfterAll
  static void down() {
    if (lan != null) {
      lan.close();
      assertThat(Namespaces.left()).as("namespaces left behind").isEmpty();
      assertThat(Fig1Test.processesOn(Fig1.folder("realhosts"))).as("processes left").isEmpty();
    }
  }

  @AfterEach
  void neverTwoPrimaries() {
    Stream.of("A", "C", "P", "Q", "R").forEach(RealHostsTest::assertOnePrimary);
  }

  private static void assertOnePrimary(String module) {
    var witness = lan.witness().of(module);
    assertThat(witness.overlaps()).as("two primaries of %s at one time (I5)", module).isEmpty();
    assertThat(witness.epochsThatDidNotRise()).as("epochs of %s (I4)", module).isEmpty();
  }

  @Test
  @Order(1)
  @DisplayName("[11] the six hosts come up as FIG. 1 and FIG. 2 show them")
  void figure2() {
    lan.register("A", "warm 3", "H1", "H2", "H3", "H4");
    lan.register("B", "hot 2", "H4", "H1", "H5");
    lan.register("C", "cold 2", "H3", "H6");
    awaitStatuses("A", "A1 PRIMARY*, A2 BACKUP*, A3 BACKUP*, A4 IDLE");
    awaitStatuses("B", "B1 PRIMARY*, B2 PRIMARY*, B3 IDLE");
    awaitStatuses("C", "C1 PRIMARY*, C2 IDLE");
    lan.awaitAllUp();
    var ring = lan.seen().get("/understudy/ring").get("ring");
    assertThat(ring.findValuesAsText("host")).containsExactly("H2", "H5", "H6");
    assertThat(ring.findValuesAsText("role")).containsExactly("PRIMARY", "BACKUP", "BACKUP");
    assertThat(primary("A")).isEqualTo("H1");
    assertThat(primary("C")).isEqualTo("H3");
  }

  /** By its own words. */
  private static String primary(String module) {
    return lan.witness().of(module).reigns().getLast().process().host();
  }

  private static void awaitStatuses(String module, String expected) {
    Await.until(() -> assertThat(lan.seen().statuses(module)).isEqualTo(expected));
  }

  @Test
  @Order(2)
  @DisplayName("[51][50][24] H1 loses power: A2 and B3 are primaries; with power again it is empty")
  void powerLossOfWorker() {
    var off = System.nanoTime();
    lan.host("H1").powerOff();
    var others = lan.seenFrom(lan.without("H1"));
    Await.until(
        () -> {
          assertThat(others.statuses("A"))
              .isEqualTo("A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*");
          assertThat(others.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*");
          assertThat(others.statuses("C")).isEqualTo("C1 PRIMARY*, C2 IDLE");
        });
    assertThat(primary("A")).isEqualTo("H2");
    tell("power loss of a worker", "A", off);
    var before = others.table().get("modules");
    lan.net().heal();
    lan.host("H1").powerOn();
    lan.awaitAllUp();
    assertThat(lan.seen().table().get("modules")).isEqualTo(before);
  }

  private static void tell(String what, String module, long since) {
    var handover = lan.witness().handoverSince(module, since).orElseThrow();
    Figures.say(
        "%s: the new primary of %s acts after %d ms, %d ms after the old one's last sign"
            .formatted(
                what,
                module,
                Duration.ofNanos(handover.after().from() - since).toMillis(),
                Duration.ofNanos(handover.nanosBetween()).toMillis()));
  }

  @Test
  @Order(3)
  @DisplayName("[58][59] the manager's host loses power: another manages, with the same table")
  void powerLossOfManager() {
    var manager = lan.seen().manager();
    assertThat(manager).isEqualTo("H2");
    var off = System.nanoTime();
    lan.host(manager).powerOff();
    var others = lan.seenFrom(lan.without(manager));
    Await.until(
        () -> {
          assertThat(others.manager()).isIn("H5", "H6");
          // A1 was idle, and is executed in the place of A2.
          assertThat(others.statuses("A"))
              .isEqualTo("A1 BACKUP*, A2 IDLE, A3 PRIMARY*, A4 BACKUP*");
          assertThat(others.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*");
          assertThat(others.statuses("C")).isEqualTo("C1 PRIMARY*, C2 IDLE");
        });
    tell("power loss of the manager", "A", off);
    lan.net().heal();
    lan.host(manager).powerOn();
    lan.awaitAllUp();
    lan.deregister("A", "B", "C");
  }

  /** A warm and a cold module on a worker, and a cold one on another host of that side. */
  private static void register(String worker, String manager) {
    lan.register("P", "warm 2", worker, "H3", "H4");
    lan.register("Q", "cold 2", worker, "H4");
    lan.register("R", "cold 2", manager, "H3");
    awaitStatuses("P", "P1 PRIMARY*, P2 BACKUP*, P3 IDLE");
    awaitStatuses("Q", "Q1 PRIMARY*, Q2 IDLE");
    awaitStatuses("R", "R1 PRIMARY*, R2 IDLE");
  }

  @Test
  @Order(4)
  @DisplayName(
      "{M1, H1} | {M2, M3, H3, H4}, journal reachable: the majority goes on, after M1's end")
  void managerOnTheSmallSide() {
    var manager = lan.seen().manager();
    register("H1", manager);
    var smaller = List.of(manager, "H1");
    var larger = lan.without(manager, "H1");
    var cut = System.nanoTime();
    smaller.forEach(one -> larger.forEach(other -> lan.net().cut(one, other)));
    assertMovesTo(larger, "1|2", cut);
    assertThat(lan.seenFrom(larger).manager()).isNotEqualTo(manager);
    heal(larger, "1|2");
  }

  @Test
  @Order(5)
  @DisplayName("{M1, M2, H3, H4} | {M3, H1}, journal with the majority: M1 goes on")
  void managerOnTheLargeSide() {
    var manager = lan.seen().manager();
    var other = Lan.MANAGERS.stream().filter(it -> !it.equals(manager)).toList().getLast();
    register("H1", other);
    var smaller = List.of(other, "H1");
    var larger = lan.without(other, "H1");
    var cut = System.nanoTime();
    lan.net().aside(smaller);
    assertMovesTo(larger, "2|1", cut);
    assertThat(lan.seenFrom(larger).manager()).isEqualTo(manager);
    heal(larger, "2|1");
  }

  private static void assertMovesTo(List<String> larger, String what, long since) {
    var seen = lan.seenFrom(larger);
    Await.until(
        () -> {
          assertThat(seen.statuses("P")).isEqualTo("P1 IDLE, P2 PRIMARY*, P3 BACKUP*");
          assertThat(seen.statuses("Q")).isEqualTo("Q1 IDLE, Q2 PRIMARY*");
          assertThat(seen.statuses("R")).isEqualTo("R1 IDLE, R2 PRIMARY*");
        });
    for (String module : List.of("P", "Q", "R")) {
      tell(what, module, since);
      assertThat(lan.witness().handoverSince(module, since).map(Handover::nanosBetween))
          .as("from the last sign of the old primary of %s to the first of the new", module)
          .hasValueSatisfying(nanos -> assertThat(nanos).isPositive());
    }
  }

  /** The table stays the majority's, everywhere. */
  private static void heal(List<String> larger, String what) {
    var before = lan.seenFrom(larger).table().get("modules");
    var healed = System.nanoTime();
    lan.net().heal();
    lan.awaitAllUp();
    Figures.say(
        "%s: all hosts are up %d ms after healing"
            .formatted(what, Duration.ofNanos(System.nanoTime() - healed).toMillis()));
    for (String host : lan.names()) {
      assertThat(lan.seenFrom(List.of(host)).table().get("modules")).as(host).isEqualTo(before);
    }
    lan.deregister("P", "Q", "R");
  }

  @Test
  @Order(6)
  @DisplayName("{H1} | all others: its primaries end before their successors begin")
  void workerCutOffFromAll() {
    register("H1", "H1");
    var others = lan.without("H1");
    var cut = System.nanoTime();
    lan.net().pull("H1");
    assertMovesTo(others, "worker cut off", cut);
    heal(others, "worker cut off");
  }

  @Test
  @Order(7)
  @DisplayName("H1 x M1, both reach all others: nobody is declared dead, and nothing moves")
  void workerCutOffFromManagerOnly() {
    register("H1", "H1");
    var seen = lan.seenFrom(lan.without("H1"));
    var events = seen.lastEvent();
    var pids = pids(seen);
    lan.net().cut("H1", seen.manager());
    Await.throughout(LONG_ENOUGH, () -> assertThat(seen.declaredDead(events)).isEmpty());
    lan.net().heal();
    lan.awaitAllUp();
    assertThat(seen.declaredDead(events)).isEmpty();
    assertThat(pids(seen)).isEqualTo(pids);
    lan.deregister("P", "Q", "R");
  }

  private static Map<String, Fig1.Row> pids(Seen seen) {
    var table = seen.table();
    return Stream.of("P", "Q", "R")
        .flatMap(module -> Fig1.rows(table, module).entrySet().stream())
        .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Test
  @Order(8)
  @DisplayName("H1 hears, and is not heard: replaced, after its primaries have ended")
  void mute() {
    assumeTrue(lan.net().canLosePackets(), "iptables with its statistic match is not installed");
    register("H1", "H1");
    var others = lan.without("H1");
    var cut = System.nanoTime();
    lan.net().mute("H1");
    assertMovesTo(others, "worker mute", cut);
    heal(others, "worker mute");
  }

  @Test
  @Order(9)
  @DisplayName("H1 is heard, and does not hear: replaced, after its primaries have ended")
  void deaf() {
    assumeTrue(lan.net().canLosePackets(), "iptables with its statistic match is not installed");
    register("H1", "H1");
    var others = lan.without("H1");
    var cut = System.nanoTime();
    lan.net().deafen("H1");
    assertMovesTo(others, "worker deaf", cut);
    heal(others, "worker deaf");
  }
}
