package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The six hosts of FIG. 1, each with an address and a cable of its own, without power and cut off.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1)
class RealHostsTest {
  /** Longer than the lease and the failure detector of the cluster. */
  private static final Duration LONG_ENOUGH = Lan.lasting(Duration.ofSeconds(12));

  @RegisterExtension private static final SharedLan SHARED = SharedLan.kept();

  private Lan lan;
  private Trio trio;

  @BeforeEach
  void begin() {
    lan = SHARED.up(Lan.Plan.FIG_1);
    trio = new Trio(lan);
  }

  /** By its own words. */
  private String primary(String module) {
    return lan.witness().of(module).reigns().getLast().process().host();
  }

  private static void awaitStatuses(Seen seen, String a, String b, String c) {
    Await.within(
        Lan.PATIENCE,
        () -> {
          var table = seen.table();
          assertThat(Fig1.statuses(table, "A")).isEqualTo(a);
          assertThat(Fig1.statuses(table, "B")).isEqualTo(b);
          assertThat(Fig1.statuses(table, "C")).isEqualTo(c);
        });
  }

  private void registerFigure2() {
    lan.register("A", "warm 3", "H1", "H2", "H3", "H4");
    lan.register("B", "hot 2", "H4", "H1", "H5");
    lan.register("C", "cold 2", "H3", "H6");
    awaitStatuses(
        lan.seen(),
        "A1 PRIMARY*, A2 BACKUP*, A3 BACKUP*, A4 IDLE",
        "B1 PRIMARY*, B2 PRIMARY*, B3 IDLE",
        "C1 PRIMARY*, C2 IDLE");
  }

  @Test
  @Order(1)
  @DisplayName("[11] the six hosts come up as FIG. 1 and FIG. 2 show them")
  void figure2() {
    registerFigure2();
    var ring = lan.seen().get("/understudy/ring").get("ring");
    assertThat(ring.findValuesAsText("host")).containsExactly("H2", "H5", "H6");
    assertThat(ring.findValuesAsText("role")).containsExactly("PRIMARY", "BACKUP", "BACKUP");
    assertThat(primary("A")).isEqualTo("H1");
    assertThat(primary("C")).isEqualTo("H3");
  }

  @Test
  @Order(2)
  @DisplayName("[51][50][24] H1 loses power: A2 and B3 are primaries; with power again it is empty")
  void powerLossOfWorker() {
    registerFigure2();
    var off = System.nanoTime();
    lan.host("H1").powerOff();
    var others = lan.seenFrom(lan.without("H1"));
    awaitStatuses(
        others,
        "A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*",
        "B1 PRIMARY*, B2 IDLE, B3 PRIMARY*",
        "C1 PRIMARY*, C2 IDLE");
    assertThat(primary("A")).isEqualTo("H2");
    trio.assertOneAfterTheOther("power loss of a worker", off, List.of("A"));
    var before = others.table().get("modules");
    lan.heal();
    assertThat(lan.seen().table().get("modules")).isEqualTo(before);
  }

  @Test
  @Order(3)
  @DisplayName("[58][59] the manager's host loses power: another manages, with the same table")
  void powerLossOfManager() {
    var manager = lan.seen().manager();
    lan.register("A", "warm 3", manager, "H1", "H3", "H4");
    lan.register("B", "hot 2", "H4", manager, "H1");
    lan.register("C", "cold 2", "H3", "H4");
    awaitStatuses(
        lan.seen(),
        "A1 PRIMARY*, A2 BACKUP*, A3 BACKUP*, A4 IDLE",
        "B1 PRIMARY*, B2 PRIMARY*, B3 IDLE",
        "C1 PRIMARY*, C2 IDLE");
    var off = System.nanoTime();
    lan.host(manager).powerOff();
    var others = lan.seenFrom(lan.without(manager));
    awaitStatuses(
        others,
        "A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*",
        "B1 PRIMARY*, B2 IDLE, B3 PRIMARY*",
        "C1 PRIMARY*, C2 IDLE");
    assertThat(others.manager()).isNotEqualTo(manager).isIn(lan.managers());
    trio.assertOneAfterTheOther("power loss of the manager", off, List.of("A"));
  }

  @Test
  @Order(4)
  @DisplayName(
      "{M1, H3} | {M2, M3, H1, H4}, journal reachable: the majority goes on, after M1's end")
  void managerOnTheSmallSide() {
    var manager = lan.seen().manager();
    trio.register("H3", manager);
    var smaller = List.of(manager, "H3");
    var larger = lan.without(manager, "H3");
    var cut = System.nanoTime();
    smaller.forEach(one -> larger.forEach(other -> lan.net().cut(one, other)));
    trio.assertAllMoveTo(larger, "1|2", cut);
    assertThat(lan.seenFrom(larger).manager()).isNotEqualTo(manager);
    trio.heal(larger, "1|2");
  }

  @Test
  @Order(5)
  @DisplayName("{M1, M2, H1, H3} | {M3, H4}, journal with the majority: M1 goes on")
  void managerOnTheLargeSide() {
    var manager = lan.seen().manager();
    var other = lan.managers().stream().filter(it -> !it.equals(manager)).toList().getLast();
    trio.register("H4", other);
    var larger = lan.without(other, "H4");
    var cut = System.nanoTime();
    lan.net().aside(List.of(other, "H4"));
    trio.assertAllMoveTo(larger, "2|1", cut);
    assertThat(lan.seenFrom(larger).manager()).isEqualTo(manager);
    trio.heal(larger, "2|1");
  }

  @Test
  @Order(6)
  @DisplayName("{H1} | all others: its primaries end before their successors begin")
  void workerCutOffFromAll() {
    trio.register("H1", "H1");
    var larger = lan.without("H1");
    var cut = System.nanoTime();
    lan.net().pull("H1");
    trio.assertAllMoveTo(larger, "worker cut off", cut);
    trio.heal(larger, "worker cut off");
  }

  @Test
  @Order(7)
  @DisplayName("H3 hears, and is not heard: replaced, after its primaries have ended")
  void mute() {
    lan.assumeLossy();
    trio.register("H3", "H3");
    var larger = lan.without("H3");
    var cut = System.nanoTime();
    lan.net().mute("H3");
    trio.assertAllMoveTo(larger, "worker mute", cut);
    trio.heal(larger, "worker mute");
  }

  @Test
  @Order(8)
  @DisplayName("H4 is heard, and does not hear: replaced, after its primaries have ended")
  void deaf() {
    lan.assumeLossy();
    trio.register("H4", "H4");
    var larger = lan.without("H4");
    var cut = System.nanoTime();
    lan.net().deafen("H4");
    trio.assertAllMoveTo(larger, "worker deaf", cut);
    trio.heal(larger, "worker deaf");
  }

  @Test
  @Order(9)
  @DisplayName(
      "H1 x M1, both reach all others: nobody is declared dead, nothing moves, and a copy that"
          + " crashes there is replaced")
  void workerCutOffFromManagerOnly() {
    trio.register("H1", "H1");
    var seen = lan.seenFrom(lan.without("H1"));
    var events = seen.lastEvent();
    var rows = trio.rows(seen);
    lan.net().cut("H1", seen.manager());
    Await.throughout(LONG_ENOUGH, () -> assertThat(seen.declaredDead(events)).isEmpty());
    assertThat(trio.rows(seen)).isEqualTo(rows);
    Fig1Test.kill(rows.get("P1").pid());
    Await.within(
        Lan.PATIENCE,
        () -> assertThat(seen.statuses("P")).isEqualTo("P1 IDLE, P2 PRIMARY*, P3 BACKUP*"));
    Await.within(
        Lan.PATIENCE,
        () ->
            assertThat(lan.seenFrom(List.of("H1")).statuses("P"))
                .as("as H1 shows it")
                .isEqualTo("P1 IDLE, P2 PRIMARY*, P3 BACKUP*"));
    lan.register("S", "cold 2", "H1", "H3");
    Await.within(
        Lan.PATIENCE, () -> assertThat(seen.statuses("S")).isEqualTo("S1 PRIMARY*, S2 IDLE"));
    lan.heal();
    assertThat(seen.declaredDead(events)).isEmpty();
  }
}
