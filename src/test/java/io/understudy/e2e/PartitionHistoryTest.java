package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.Await;
import io.understudy.history.DistantClients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Modules with state on real hosts, while clients at the switch go on asking and hosts are cut off,
 * lose packets, lose power, die and pause, at random. {@code -Dunderstudy.rounds=50} for so many of
 * them, {@code -Dunderstudy.seed} for the same ones again, {@code -Dunderstudy.fault=LOSS} for one
 * kind only.
 */
@Tag("slow")
@Order(3)
class PartitionHistoryTest {
  private static final int ROUNDS = Integer.getInteger("understudy.rounds", 2);
  private static final Lan.Plan PLAN = Lan.Plan.FIG_1;
  private static final List<String> HOSTS = PLAN.hosts();
  private static final List<String> MANAGERS = PLAN.managers();
  private static final double LOST = 0.2;
  private static final Duration LOSSY = Duration.ofSeconds(8);
  private static final Duration LEASE = Duration.ofSeconds(3); // and some time
  private static final int CLIENTS_MEBIBYTES = 256;

  /** Of every module, while a fault lasts, and after it. */
  private static final int ANSWERS = 100;

  /** What befalls the hosts, of which the first is in the way. */
  private enum Fault {
    /** The host is alone. */
    ALONE {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.net().aside(hosts.subList(0, 1));
      }
    },
    /** A manager's host and a worker's are alone with each other. */
    ASIDE {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        var manager = hosts.stream().filter(MANAGERS::contains).findFirst().orElseThrow();
        var worker = hosts.stream().filter(it -> !MANAGERS.contains(it)).findFirst().orElseThrow();
        lan.net().aside(List.of(manager, worker));
      }
    },
    /** Two hosts do not reach each other, and everybody else reaches both. */
    CUT {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.net().cut(hosts.get(0), hosts.get(1));
      }
    },
    /** As that, and one of the two is the ReplicaManager's. */
    FROM_MANAGER {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        var manager = lan.seen().manager();
        var other = hosts.stream().filter(it -> !it.equals(manager)).findFirst().orElseThrow();
        lan.net().cut(other, manager);
      }
    },
    /** A worker's host is replaced, and clients and other workers go on to reach it. */
    FROM_MANAGERS {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        var worker = hosts.stream().filter(it -> !MANAGERS.contains(it)).findFirst().orElseThrow();
        MANAGERS.forEach(manager -> lan.net().cut(worker, manager));
      }
    },
    DEAF {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.net().deafen(hosts.getFirst());
      }
    },
    MUTE {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.net().mute(hosts.getFirst());
      }
    },
    /** TCP may wait for many seconds before it repeats what was lost: nobody need answer. */
    LOSS {
      @Override
      void last(Lan lan, List<String> hosts, Inhabitant clients) {
        lan.hold(Lan.lasting(LOSSY), HOSTS);
      }

      @Override
      void inflict(Lan lan, List<String> hosts) {
        hosts.forEach(host -> lan.net().lose(host, PartitionHistoryTest.LOST));
      }
    },
    NO_POWER {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.host(hosts.getFirst()).powerOff();
      }
    },
    DEAD {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.host(hosts.getFirst()).crash();
      }
    },
    PAUSED {
      @Override
      void inflict(Lan lan, List<String> hosts) {
        lan.host(hosts.getFirst()).pause();
      }
    };

    abstract void inflict(Lan lan, List<String> hosts);

    /** Until all modules have answered without the host, and its lease is over. */
    void last(Lan lan, List<String> hosts, Inhabitant clients) throws IOException {
      awaitMore(clients);
      lan.hold(LEASE, lan.without(hosts.getFirst()));
    }
  }

  private static final List<Fault> FAULTS =
      Optional.ofNullable(System.getProperty("understudy.fault"))
          .map(name -> List.of(Fault.valueOf(name)))
          .orElse(List.of(Fault.values()));

  @RegisterExtension private static final SharedLan SHARED = new SharedLan();

  @Test
  @DisplayName(
      "[22][23] partitions, loss, deaths at random: no acknowledged update is lost, none is done"
          + " twice, and what clients of registers saw is linearizable, warm and hot")
  void history() throws Exception {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    System.out.println("-Dunderstudy.seed=" + seed);
    var random = new SplittableRandom(seed);
    var lan = SHARED.up(PLAN);
    lan.assumeLossy();
    try (var clients = clients(lan, seed)) {
      assertThat(clients.answer()).isEqualTo(DistantClients.OK);
      awaitWhole(lan);
      for (int round = 0; round < ROUNDS; round++) {
        play(lan, clients, random);
      }
      var end = clients.ask(DistantClients.END);
      assertThat(end).startsWith(DistantClients.OK);
      Figures.say("%d faults: %s".formatted(ROUNDS, end));
    }
  }

  /** At the switch, which all that are not cut off reach. */
  private static Inhabitant clients(Lan lan, long seed) throws IOException {
    return Inhabitant.start(
        lan.net().inside(Namespaces.SWITCH),
        System.getProperty("java.class.path"),
        CLIENTS_MEBIBYTES,
        DistantClients.class,
        Namespaces.SWITCH_ADDRESS,
        MANAGERS.stream()
            .map(host -> Namespaces.address(host) + ":17355")
            .collect(Collectors.joining(",")),
        String.join(",", HOSTS),
        Long.toString(seed));
  }

  private static void play(Lan lan, Inhabitant clients, SplittableRandom random) throws Exception {
    awaitMore(clients);
    var fault = FAULTS.get(random.nextInt(FAULTS.size()));
    var hosts = inTheWay(lan, random);
    lan.say("%s of %s".formatted(fault, hosts));
    var begun = System.nanoTime();
    fault.inflict(lan, hosts);
    fault.last(lan, hosts, clients);
    var answered = System.nanoTime();
    if (fault == Fault.PAUSED) {
      lan.host(hosts.getFirst()).goOn();
    }
    lan.heal();
    awaitWhole(lan);
    Figures.say(
        "%s, first of %s: over after %d ms, all whole %d ms later"
            .formatted(
                fault,
                hosts,
                Duration.ofNanos(answered - begun).toMillis(),
                Duration.ofNanos(System.nanoTime() - answered).toMillis()));
  }

  private static void awaitMore(Inhabitant clients) throws IOException {
    assertThat(clients.ask("%s %d".formatted(DistantClients.MORE, ANSWERS)))
        .isEqualTo(DistantClients.OK);
  }

  /** All hosts in any order, but mostly a primary's first: of others clients notice little. */
  private static List<String> inTheWay(Lan lan, SplittableRandom random) {
    var hosts = new ArrayList<>(HOSTS);
    Collections.shuffle(hosts, new Random(random.nextLong()));
    if (random.nextInt(4) > 0) {
      var rows = rows(lan).filter(row -> row.get("status").asText().equals("PRIMARY")).toList();
      var primary = rows.get(random.nextInt(rows.size())).get("host").asText();
      hosts.remove(primary);
      hosts.addFirst(primary);
    }
    return hosts;
  }

  private static Stream<JsonNode> rows(Lan lan) {
    var modules = lan.seen().table().get("modules");
    return elements(modules).flatMap(module -> elements(module.get("copies")));
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** As many copies of each module run as should, and all of them are in sync. */
  private static void awaitWhole(Lan lan) {
    Await.until(
        () -> {
          var modules = lan.seen().table().get("modules");
          assertThat(modules.findValuesAsText("condition"))
              .as("%s", modules)
              .isNotEmpty()
              .containsOnly("PROTECTED");
          assertThat(rows(lan))
              .filteredOn(row -> row.get("running").asBoolean())
              .as("%s", modules)
              .allMatch(row -> row.path("inSync").asBoolean());
        });
  }
}
