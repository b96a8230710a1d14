package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.e2e.Witness.Reign;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Hosts that are slow, or hard to hear, and not dead: nobody declares them so, or what ran there
 * has ended before it runs elsewhere. With {@code -Dunderstudy.minutes=10} for so long.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(2)
class SlowHostsTest {
  private static final Duration HARDSHIP = Lan.lasting(Duration.ofSeconds(8));
  private static final Duration LESS_THAN_LEASE = Duration.ofSeconds(1);
  private static final Duration MORE_THAN_LEASE = Duration.ofSeconds(4);

  private static final double LOSS = 0.2;
  private static final int HUNGRY = 4; // for each processor

  @RegisterExtension private static final SharedLan SHARED = SharedLan.kept();

  private Lan lan;
  private Trio trio;

  @BeforeEach
  void begin() {
    lan = SHARED.up(Lan.Plan.FIG_1);
    trio = new Trio(lan);
    trio.register("H1", lan.seen().manager());
  }

  @Test
  @Order(1)
  @DisplayName("each node in turn is stopped for less than the lease: nothing happens")
  void pausedBriefly() {
    trio.assertNothingHappens(
        "each node stopped for 1 s",
        () -> {
          for (String name : lan.names()) {
            lan.host(name).pause();
            lan.hold(LESS_THAN_LEASE, lan.names());
            lan.host(name).goOn();
          }
          lan.hold(MORE_THAN_LEASE, lan.names()); // for what was suspected meanwhile
        });
  }

  @Test
  @Order(2)
  @DisplayName("every host loses 20 % of the packets: no false fail-over")
  void loss() {
    lan.assumeLossy();
    trio.assertNothingHappens(
        "20 % of the packets lost",
        () -> {
          lan.names().forEach(name -> lan.net().lose(name, LOSS));
          lan.hold(HARDSHIP, lan.names());
        });
  }

  @Test
  @Order(3)
  @DisplayName("all processors are starved: no false fail-over")
  void starvation() {
    trio.assertNothingHappens(
        "all processors starved",
        () -> {
          try (var starvation = Starvation.begin(HUNGRY)) {
            assertThat(starvation.processes()).isNotEmpty();
            lan.hold(HARDSHIP, lan.names());
          }
        });
  }

  @Test
  @Order(4)
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

  /** The last one: three failures within ten minutes, and H1 would get no copies for a while. */
  @Test
  @Order(5)
  @DisplayName("H1's node is stopped for more than the lease: replaced after it was killed")
  void workerPausedLong() {
    var stopped = pauseLong("H1");
    trio.awaitWorkersMoved(lan.seenFrom(lan.without("H1")));
    trio.assertOneAfterTheOther("worker stopped for 4 s", stopped, List.of("P", "Q"));
    assertReturns("H1");
  }

  /** When it was. */
  private long pauseLong(String name) {
    var node = lan.host(name).node();
    var stopped = System.nanoTime();
    lan.host(name).pause();
    lan.hold(MORE_THAN_LEASE, lan.without(name));
    assertThat(node.isAlive()).as("the guard kills what does not renew").isFalse();
    lan.host(name).goOn();
    return stopped;
  }

  /** With nothing of what it was running. */
  private void assertReturns(String name) {
    lan.awaitAllUp();
    Predicate<Reign> alive = reign -> ProcessHandle.of(reign.process().pid()).isPresent();
    assertThat(lan.witness().reigns())
        .filteredOn(reign -> reign.process().host().equals(name))
        .noneMatch(alive);
  }
}
