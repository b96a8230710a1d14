package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs with state, as processes on hosts that are processes, while clients count with them over
 * HTTP. Minutes long, so it runs where it is asked for: {@code -Dunderstudy.rounds=3}, or more.
 */
@Tag("slow")
@EnabledIfSystemProperty(named = "understudy.rounds", matches = "[0-9]+")
class ProgramsOnRealHostsTest {
  private static final int ROUNDS = Integer.getInteger("understudy.rounds", 3);
  private static final int CLIENTS = Integer.getInteger("understudy.clients", 4);
  private static final List<String> HOSTS = List.of("H1", "H2", "H3", "H4");
  private static final Path PROGRAM = Path.of("deploy/examples/counter").toAbsolutePath();
  private static final Map<String, Integer> PORTS =
      Map.of("W", 9001, "H", 9002, "C", 9003, "A", 9004);

  private static final Duration PAUSE = Duration.ofMillis(15);

  /** Requests per second of programs, over HTTP; the rest of 1,000 goes to copies in the nodes. */
  private static final int PER_SECOND = Integer.getInteger("understudy.per-second", 100);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path folder;

  private static RealHosts hosts;

  @BeforeAll
  static void start() throws Exception {
    var allowed = "understudy.watchdog.allowed-paths=[\"%s\"]".formatted(PROGRAM.getParent());
    hosts = RealHosts.start(folder, "127.0.63", HOSTS, allowed);
  }

  @AfterAll
  static void stop() {
    hosts.close();
  }

  private static ModuleSpec spec(String name, ReplicationStyle style, int degree, StateSpec state) {
    return hosts.programs(name, PROGRAM, PORTS.get(name), style, degree, state);
  }

  /** What fails in a round. */
  private enum Fault {
    PROCESS,
    ITS_NODE,
    MANAGERS_NODE
  }

  @Test
  @DisplayName(
      "[20][22][24] a primary's process, its node and the manager's node are killed: programs"
          + " count on, warm, hot and cold, each request once")
  void killed() throws Exception {
    var each = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate());
    var specs =
        List.of(
            spec("W", ReplicationStyle.WARM, 3, StateSpec.DEFAULT),
            spec("H", ReplicationStyle.HOT, 2, StateSpec.DEFAULT),
            spec("C", ReplicationStyle.COLD, 4, each));
    specs.forEach(hosts::register);
    var clients = new ArrayList<ProgramClient>();
    var repeats = new TreeMap<String, List<Integer>>();
    for (var spec : specs) {
      var name = spec.module().value();
      clients.addAll(start(name, CLIENTS, PAUSE));
    }
    for (int round = 0; round < ROUNDS; round++) {
      var fault = Fault.values()[round % Fault.values().length];
      for (var spec : specs) {
        goOn(clients);
        clients.forEach(ProgramClient::repeats);
        var name = spec.module().value();
        switch (fault) {
          case PROCESS -> RealHost.signal("KILL", hosts.pid(name, hosts.sequencer(name)));
          case ITS_NODE -> dies(hosts.sequencer(name), clients);
          case MANAGERS_NODE -> dies(hosts.manager(), clients);
        }
        goOn(clients);
        specs.forEach(hosts::awaitWhole);
        var all = of(name, clients).map(ProgramClient::repeats).toList();
        repeats.computeIfAbsent(name + " " + fault, first -> new ArrayList<>()).addAll(all);
      }
    }
    for (var client : clients) {
      assertThat(client.end()).as("%s", client).isEmpty();
    }
    Figures.say("%d fail-overs of programs: %s", ROUNDS * specs.size(), clients);
    Figures.say("repeats per client and fail-over: %s", repeats);
  }

  @Test
  @DisplayName(
      "[22][24] kill -9 of the primary's process, of its node, of the manager's node in turn, at"
          + " 1,000 requests per second: what was acknowledged is counted, once each")
  void again() throws Exception {
    var programs = spec("A", ReplicationStyle.WARM, 3, StateSpec.DEFAULT);
    var actors = hosts.spec("T", Tally.class, ReplicationStyle.WARM, 3, StateSpec.DEFAULT);
    hosts.register(programs);
    hosts.register(actors);
    var begun = System.nanoTime();
    var clients = start("A", CLIENTS, Duration.ofSeconds(CLIENTS).dividedBy(PER_SECOND));
    var load = Load.start(hosts.client().module(actors.module(), Tally.CODEC), 1_000 - PER_SECOND);
    var waits = new Gaps();
    int unasked = 0;
    int failovers = 0;
    while (failovers < ROUNDS) {
      goOn(clients);
      load.awaitMore(100);
      longestWait(clients);
      load.longestGap();
      var fault = Fault.values()[failovers % Fault.values().length];
      var before = Reign.now();
      var killed = before.hit(fault);
      goOn(clients);
      load.awaitMore(100);
      unasked += hosts.awaitAllUp() - killed;
      List.of(programs, actors).forEach(hosts::awaitWhole);
      var what = fault + (before.both() ? " of primary and manager on one host" : "");
      if (before.isOver(fault)) {
        failovers++;
        waits.add(what + ", programs", longestWait(clients));
        waits.add(what + ", actors", load.longestGap());
      }
      Figures.say("%d: %s, %s, %s", failovers, what, before, load);
    }
    var seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    for (var client : clients) {
      assertThat(client.end()).as("%s", client).isEmpty();
    }
    assertThat(load.end()).as("%s", load).isEmpty();
    Figures.say(
        "%d fail-overs in %d s: %s, %s; nodes that ended unasked: %d; without an answer: %s",
        failovers, seconds, clients, load, unasked, waits);
  }

  /** Who serves and who manages. */
  private record Reign(String primary, long pid, String manager) {
    static Reign now() {
      var primary = hosts.sequencer("A");
      return new Reign(primary, hosts.pid("A", primary), hosts.manager());
    }

    boolean both() {
      return primary.equals(manager);
    }

    /** How many nodes were killed. */
    int hit(Fault fault) throws Exception {
      switch (fault) {
        case PROCESS -> RealHost.signal("KILL", pid);
        case ITS_NODE -> hosts.host(primary).kill();
        case MANAGERS_NODE -> hosts.host(manager).kill();
      }
      return fault == Fault.PROCESS ? 0 : 1;
    }

    boolean isOver(Fault fault) {
      var now = now();
      return fault == Fault.MANAGERS_NODE ? !now.manager.equals(manager) : now.pid != pid;
    }
  }

  private static Duration longestWait(List<ProgramClient> clients) {
    return clients.stream()
        .map(ProgramClient::longestWait)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static List<ProgramClient> start(String module, int clients, Duration every) {
    var primaries = new Primaries(hosts, module);
    return IntStream.range(0, clients)
        .mapToObj(it -> ProgramClient.start(primaries, PORTS.get(module), "key" + it, every))
        .toList();
  }

  private static Stream<ProgramClient> of(String module, List<ProgramClient> clients) {
    return clients.stream().filter(client -> client.module().equals(module));
  }

  private static void goOn(List<ProgramClient> clients) {
    var before = clients.stream().map(ProgramClient::counted).toList();
    Await.until(
        () -> {
          for (int i = 0; i < before.size(); i++) {
            assertThat(clients.get(i).counted())
                .as("%s", clients.get(i))
                .isGreaterThan(before.get(i) + 10);
          }
        });
  }

  private static void dies(String host, List<ProgramClient> clients) throws Exception {
    hosts.host(host).kill();
    goOn(clients);
    hosts.host(host).startAgain();
    hosts.awaitUp(host);
    hosts.awaitRing();
  }
}
