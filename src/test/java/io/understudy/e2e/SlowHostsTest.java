package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.e2e.Witness.Reign;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Hosts that are slow, or hard to hear, and not dead: nobody declares them so, or what ran there
 * has ended before it runs elsewhere.
 *
 * <p>Packets are lost and processors starved for {@code -Dunderstudy.hosts.seconds=600}, or 20.
 */
@Tag("hosts")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlowHostsTest {
  private static final Path DATA = Fig1.folder("slowhosts");
  private static final Duration HARDSHIP =
      Duration.ofSeconds(Long.getLong("understudy.hosts.seconds", 20));
  private static final Duration LESS_THAN_LEASE = Duration.ofSeconds(1);
  private static final Duration MORE_THAN_LEASE = Duration.ofSeconds(4);

  private static final double LOSS = 0.2;
  private static final int HUNGRY = 4; // for each processor

  private static Lan lan;
  private static Trio trio;

  @BeforeAll
  static void up() {
    Lan.assumePermitted();
    lan = Lan.up(DATA, Fig1.HOSTS);
    trio = new Trio(lan);
  }

  @AfterAll
  static void down() {
    if (lan != null) {
      lan.close();
      Lan.assertNothingLeft(DATA);
    }
  }

  @BeforeEach
  void allIsWell() {
    lan.heal();
    lan.deregister("P", "Q", "R");
    trio.register("H1", lan.seen().manager());
  }

  @AfterEach
  void neverTwoPrimaries() {
    Trio.assertOnePrimary(lan.witness(), Trio.MODULES);
  }

  /** Nothing is declared dead nor moves, neither meanwhile nor in consequence. */
  private static void assertNothingHappens(Runnable hardship) {
    var seen = lan.seen();
    var events = seen.lastEvent();
    var rows = trio.rows(seen);
    var begun = System.nanoTime();
    hardship.run();
    lan.heal();
    assertThat(lan.seen().declaredDead(events)).as("declared dead").isEmpty();
    assertThat(trio.rows(lan.seen())).isEqualTo(rows);
    for (String module : Trio.MODULES) {
      assertThat(lan.witness().of(module).since(begun).reigns())
          .as("who acted as primary of %s", module)
          .hasSize(1)
          .allMatch(reign -> reign.from() - begun < 0);
    }
  }

  /** The condition is that no node ends; all else is read from journal and witness afterwards. */
  private static void hold(Duration time) {
    var nodes = lan.names().stream().map(name -> lan.host(name).node()).toList();
    Await.throughout(
        time, () -> assertThat(nodes).as("nodes of %s", lan.names()).allMatch(Process::isAlive));
  }

  @Test
  @Order(1)
  @DisplayName("each node in turn is stopped for less than the lease: nothing happens")
  void pausedBriefly() {
    assertNothingHappens(
        () -> {
          for (String name : lan.names()) {
            lan.host(name).pause();
            hold(LESS_THAN_LEASE);
            lan.host(name).goOn();
          }
          hold(MORE_THAN_LEASE); // for what was suspected meanwhile
        });
  }

  @Test
  @Order(2)
  @DisplayName("every host loses 20 % of the packets: no false fail-over")
  void loss() {
    lan.assumeLossy();
    assertNothingHappens(
        () -> {
          lan.names().forEach(name -> lan.net().lose(name, LOSS));
          hold(HARDSHIP);
        });
  }

  @Test
  @Order(3)
  @DisplayName("all processors are starved: no false fail-over")
  void starvation() {
    assertNothingHappens(
        () -> {
          try (var starvation = Starvation.begin(HUNGRY)) {
            assertThat(starvation.processes()).isNotEmpty();
            hold(HARDSHIP);
          }
        });
  }

  @Test
  @Order(4)
  @DisplayName("H1's node is stopped for more than the lease: replaced after it was killed")
  void workerPausedLong() {
    var stopped = pauseLong("H1");
    trio.awaitWorkersMoved(lan.seenFrom(lan.without("H1")));
    trio.assertOneAfterTheOther("worker stopped for 4 s", stopped, List.of("P", "Q"));
    assertReturns("H1");
  }

  @Test
  @Order(5)
  @DisplayName(
      "the manager's node is stopped for more than the lease: replaced after it was killed")
  void managerPausedLong() {
    var manager = lan.seen().manager();
    var stopped = pauseLong(manager);
    var others = lan.seenFrom(lan.without(manager));
    trio.awaitOtherMoved(others);
    assertThat(others.manager()).isNotEqualTo(manager);
    trio.assertOneAfterTheOther("manager stopped for 4 s", stopped, List.of("R"));
    assertReturns(manager);
  }

  /** When it was. */
  private static long pauseLong(String name) {
    var node = lan.host(name).node();
    var others = lan.without(name).stream().map(other -> lan.host(other).node()).toList();
    var stopped = System.nanoTime();
    lan.host(name).pause();
    Await.throughout(MORE_THAN_LEASE, () -> assertThat(others).allMatch(Process::isAlive));
    assertThat(node.isAlive()).as("the guard kills what does not renew").isFalse();
    lan.host(name).goOn();
    return stopped;
  }

  /** With nothing of what it was running. */
  private static void assertReturns(String name) {
    lan.awaitAllUp();
    Predicate<Reign> alive = reign -> ProcessHandle.of(reign.process().pid()).isPresent();
    assertThat(lan.witness().reigns())
        .filteredOn(reign -> reign.process().host().equals(name))
        .noneMatch(alive);
  }
}
