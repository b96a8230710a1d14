package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Hosts of FIG. 1 die. Acknowledged means durable (I7) even if every node dies at once, at a random
 * moment; 20 times with {@code -Dunderstudy.kills=20}.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostLossTest {
  /** The common pool has a single thread on two cores, and starting a host blocks. */
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static final int TIMES = Integer.getInteger("understudy.kills", 1);
  private static final int MOST_BEFORE_THE_KILL = 60;

  /** Its hosts do not exist, so that the registration is all that happens. */
  private static final String SPEC =
      """
      module = %s
      style = cold
      copies = [ { host = X1, location = "/nowhere" }, { host = X2, location = "/nowhere" } ]
      """;

  private static final Path DATA = Fig1.folder("hostlosstest");
  private static Fig1 fig1 = Fig1.on(DATA);

  @BeforeAll
  static void up() {
    fig1 = Fig1.up(DATA);
  }

  @AfterAll
  static void down() {
    fig1.close();
  }

  @Test
  @Order(1)
  @DisplayName("[51][50][52] H1's node is killed: as 46, and B3 is primary; H1 returns empty (d)")
  void killH1() {
    var own = DATA.resolve("H1");
    Fig1Test.kill(fig1.pid("H1"));
    Await.until(
        () -> {
          assertThat(fig1.statuses("A")).isEqualTo("A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*");
          assertThat(fig1.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*");
          assertThat(fig1.statuses("C")).isEqualTo("C1 PRIMARY*, C2 IDLE");
        });
    Await.until(() -> assertThat(Fig1Test.processesOn(own)).as("processes of H1").isEmpty());

    var before = fig1.table().get("modules");
    fig1.script("start", "H1").ok();
    Await.until(
        () ->
            assertThat(fig1.get("/understudy/hosts").get("hosts").findValuesAsText("state"))
                .hasSize(6)
                .containsOnly("UP"));
    assertThat(fig1.table().get("modules")).isEqualTo(before);
  }

  @Test
  @Order(2)
  @DisplayName("[14][59] kill -9 of all six nodes while registering: no acknowledged one is lost")
  void nothingAcknowledgedIsLost() throws Exception {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    try {
      for (int time = 0; time < TIMES; time++) {
        var name = "M%d-".formatted(time);
        var enough = new CountDownLatch(1 + random.nextInt(MOST_BEFORE_THE_KILL));
        var dead = new AtomicBoolean();
        var host = Fig1.HOSTS.get(random.nextInt(Fig1.HOSTS.size()));
        var stream =
            CompletableFuture.runAsync(
                () -> register(host, name, acknowledged, enough, dead), THREADS);
        Await.until(() -> assertThat(enough.getCount()).isZero());
        killAll();
        dead.set(true);
        stream.join();
        startAll();
        Await.until(() -> assertThat(registered()).containsAll(acknowledged));
      }
    } catch (AssertionError e) {
      throw new AssertionError("with -Dunderstudy.seed=" + seed, e);
    }
    assertThat(acknowledged).hasSizeGreaterThan(TIMES);
  }

  private static void register(
      String host,
      String name,
      Set<String> acknowledged,
      CountDownLatch enough,
      AtomicBoolean dead) {
    for (int i = 0; !dead.get(); i++) {
      var module = name + i + "x";
      try {
        if (fig1.put(host, module, SPEC.formatted(module)) == 201) {
          acknowledged.add(module);
          enough.countDown();
        }
      } catch (IOException e) {
        assertThat(e).isNotNull(); // the node is dead, or died before it answered: not acknowledged
      }
    }
  }

  private static void killAll() {
    var pids = Fig1.HOSTS.stream().map(fig1::nodePid).map(String::valueOf).toList();
    var command = new ArrayList<>(List.of("kill", "-KILL"));
    command.addAll(pids);
    Shell.run(Map.of(), command).ok();
    Await.until(
        () -> assertThat(pids).noneMatch(pid -> ProcessHandle.of(Long.parseLong(pid)).isPresent()));
  }

  private static void startAll() {
    var starting =
        Fig1.HOSTS.stream()
            .map(host -> CompletableFuture.runAsync(() -> fig1.script("start", host).ok(), THREADS))
            .toList();
    starting.forEach(CompletableFuture::join);
  }

  private static Set<String> registered() {
    return new HashSet<>(fig1.table().get("modules").findValuesAsText("module"));
  }
}
