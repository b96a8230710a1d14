package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * FIG. 1 on real processes, killed one after the other and at last all at once; each test goes on
 * from where the one before it left the table. Acknowledged means durable (I7) even if every node
 * dies at a random moment; 20 times with {@code -Dunderstudy.kills=20}.
 */
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Fig1Test {
  private static final String FIG_2 =
      """
      A1 PRIMARY*, A2 BACKUP*, A3 BACKUP*, A4 IDLE
      B1 PRIMARY*, B2 PRIMARY*, B3 IDLE
      C1 PRIMARY*, C2 IDLE
      """;

  private static final long MEMORY_BAR = 2_684_354_560L; // 2.5 GiB

  private static final int DEATHS = Integer.getInteger("understudy.kills", 1);

  private static final Path DATA = Fig1.folder("fig1");
  private static Fig1 fig1 = Fig1.on(DATA);

  /** With A, B and C, from the first test to the last. */
  private static final List<Counting> COUNTING = new ArrayList<>();

  @BeforeAll
  static void up() {
    fig1 = Fig1.up(DATA);
    COUNTING.add(Counting.with("A", 8001));
    COUNTING.add(Counting.with("B", 8002));
    COUNTING.add(Counting.with("C", 8003));
  }

  @AfterAll
  static void down() throws InterruptedException {
    for (var counting : COUNTING) {
      counting.close();
    }
    fig1.close();
    assertThat(processesOn(DATA)).as("processes left behind").isEmpty();
  }

  private static String table() {
    return Stream.of("A", "B", "C").map(fig1::statuses).reduce("", (a, b) -> a + b + "\n");
  }

  @Test
  @Order(1)
  @DisplayName("[11] the six hosts come up as FIG. 1 and FIG. 2 show them")
  void figure2() {
    assertThat(table()).isEqualTo(FIG_2);
    assertThat(hostsOf("A")).containsExactly("H1", "H2", "H3", "H4");
    assertThat(hostsOf("B")).containsExactly("H4", "H1", "H5");
    assertThat(hostsOf("C")).containsExactly("H3", "H6");
    assertThat(fig1.table().get("manager").asText()).isEqualTo("H2");
    var ring = fig1.get("/understudy/ring").get("ring");
    assertThat(ring.findValuesAsText("host")).containsExactly("H2", "H5", "H6");
    assertThat(ring.findValuesAsText("role")).containsExactly("PRIMARY", "BACKUP", "BACKUP");
    assertThat(ring.findValuesAsText("sendsTo")).containsExactly("H5", "H6", "H2");
    assertThat(fig1.get("/understudy/hosts").get("hosts").findValuesAsText("state"))
        .hasSize(6)
        .containsOnly("UP");
  }

  @Test
  @Order(2)
  @DisplayName("[10] every host answers with the same table, and status prints it")
  void everyHostAnswers() throws Exception {
    for (String host : Fig1.HOSTS) {
      assertThat(fig1.get(host, "/understudy/table")).isEqualTo(fig1.table());
    }
    assertThat(fig1.script("status").ok().out()).contains("Primary", "A4", "Idle", "C2");
  }

  @Test
  @Order(3)
  @DisplayName("the whole system with seven running copies stays under 2.5 GiB")
  void memory() {
    var resident = processesOn(DATA).stream().mapToLong(Fig1Test::resident).sum();
    assertThat(resident).isBetween(1L, MEMORY_BAR);
  }

  @Test
  @Order(4)
  @DisplayName("[46][41] A1 crashes: A2 is primary, A4 backup, A1 idle, three run")
  void killA1() {
    kill(fig1.pid("A1"));
    Await.until(
        () ->
            assertThat(fig1.statuses("A"))
                .isEqualTo("A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*"));
    assertThat(fig1.statuses("B")).isEqualTo("B1 PRIMARY*, B2 PRIMARY*, B3 IDLE");
  }

  @Test
  @Order(5)
  @DisplayName("[44] C1 crashes: C2 runs")
  void killC1() {
    kill(fig1.pid("C1"));
    Await.until(() -> assertThat(fig1.statuses("C")).isEqualTo("C1 IDLE, C2 PRIMARY*"));
  }

  @Test
  @Order(6)
  @DisplayName("[43] B2 hangs (SIGSTOP) and heals as from a crash: B3 is primary")
  void hangB2() {
    var pid = fig1.pid("B2");
    signal(pid, "STOP");
    Await.until(
        () -> assertThat(fig1.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*"));
    assertThat(ProcessHandle.of(pid)).as("the hung copy was killed").isEmpty();
  }

  @Test
  @Order(7)
  @DisplayName("[38] threshold 3: it restarts in place twice and moves at the third failure")
  void threshold() throws Exception {
    var file = Files.writeString(DATA.resolve("T.conf"), thresholdModule());
    fig1.understudy("register", file.toString()).ok();
    Await.until(() -> assertThat(fig1.statuses("T")).isEqualTo("T1 PRIMARY*, T2 BACKUP*, T3 IDLE"));
    for (int failure = 1; failure <= 2; failure++) {
      var before = fig1.pid("T1");
      kill(before);
      Await.until(
          () -> {
            var table = fig1.table();
            assertThat(Fig1.statuses(table, "T")).isEqualTo("T1 PRIMARY*, T2 BACKUP*, T3 IDLE");
            assertThat(Fig1.rows(table, "T").get("T1").pid()).isNotEqualTo(before);
          });
    }
    kill(fig1.pid("T1"));
    Await.until(() -> assertThat(fig1.statuses("T")).isEqualTo("T1 IDLE, T2 PRIMARY*, T3 BACKUP*"));
    fig1.understudy("deregister", "T").ok();
    Await.until(() -> assertThat(fig1.rows("T")).isEmpty());
  }

  @Test
  @Order(8)
  @DisplayName("[21] the Checkpoint Server dies and comes back: copies run on, then it manages on")
  void checkpointServer() {
    var before = fig1.pid("A2");
    var server = fig1.pid("checkpoint-server");
    kill(server);
    Await.until(() -> assertThat(fig1.nodePid("checkpoint-server")).isNotEqualTo(server));
    var killed = fig1.pid("A3");
    kill(killed);
    Await.until(
        () ->
            assertThat(fig1.rows("A").values().stream().filter(Fig1.Row::running))
                .hasSize(3)
                .noneMatch(row -> row.pid() == killed));
    assertThat(fig1.pid("A2")).isEqualTo(before);
  }

  @Test
  @Order(9)
  @DisplayName("[58][59] the manager's host dies: another manages, with the same table")
  void killManager() {
    var untouched = Await.until(() -> pidsOutside("H2"));
    kill(fig1.pid("H2"));
    Await.until(
        () -> {
          assertThat(fig1.table().get("manager").asText()).isIn("H5", "H6");
          assertThat(running("A")).isEqualTo(3);
          assertThat(running("B")).isEqualTo(2);
          assertThat(running("C")).isEqualTo(1);
          assertThat(fig1.rows("A").get("A2").status()).isEqualTo("IDLE");
        });
    assertThat(pidsOutside("H2")).containsAllEntriesOf(untouched);
    fig1.script("start", "H2").ok();
  }

  @Test
  @Order(10)
  @DisplayName("[s][d] A's work is moved, and C's host is drained: nothing fails, and all count on")
  void moves() {
    var failures = Await.until(Fig1Test::failures);
    var before = primary("A");
    fig1.understudy("switchover", "A").ok();
    Await.until(
        () -> {
          assertThat(primary("A")).isNotEmpty().isNotEqualTo(before);
          assertThat(running("A")).isEqualTo(3);
        });
    var host = fig1.rows("C").get(primary("C")).host();
    assertThat(fig1.understudy("drain", host).ok().out()).startsWith("host %s is".formatted(host));
    Await.until(() -> assertThat(hostsOfRunning()).doesNotContain(host).hasSize(6));
    COUNTING.forEach(Counting::goesOn);
    fig1.understudy("resume", host).ok();
    assertThat(hostsOfRunning()).doesNotContain(host).hasSize(6);
    assertThat(failures()).isEqualTo(failures);
  }

  private static String primary(String module) {
    return fig1.rows(module).entrySet().stream()
        .filter(row -> row.getValue().running() && row.getValue().status().equals("PRIMARY"))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  private static List<String> hostsOfRunning() {
    return Stream.of("A", "B", "C")
        .flatMap(module -> fig1.rows(module).values().stream())
        .filter(Fig1.Row::running)
        .map(Fig1.Row::host)
        .toList();
  }

  private static long failures() {
    return fig1
        .get("/understudy/events?limit=100000")
        .get("events")
        .findValuesAsText("event")
        .stream()
        .filter("CopyFailed"::equals)
        .count();
  }

  @Test
  @Order(11)
  @DisplayName("[20][21][22][23] A, B and C have counted on through all of it, each request once")
  void counters() throws Exception {
    COUNTING.forEach(Counting::goesOn);
    for (var counting : COUNTING) {
      counting.verify();
    }
    assertThat(fig1.script("count", "A").ok().out()).matches("A\\d on H\\d counts 1\\n");
    assertThat(fig1.script("count", "--times", "5", "B").ok().out())
        .contains("5 times, from 1 to 5, by B");
    assertThat(fig1.script("count", "--read", "C").ok().out()).matches("C\\d on H\\d has 0\\n");
  }

  @Test
  @Order(12)
  @DisplayName(
      "[22][24][20] the counter in Python, warm, hot and cold: its process and its host die")
  void python() throws Exception {
    assumeTrue(Shell.run(Map.of(), "sh", "-c", "python3 --version").code() == 0, "no python3 here");
    var modules = Map.of("P", "warm", "Q", "hot", "R", "cold");
    var ports = Map.of("P", 8011, "Q", 8012, "R", 8013);
    var register = new ArrayList<>(List.of("register"));
    for (var module : ports.keySet()) {
      var text = pythonModule(module, modules.get(module), ports.get(module));
      register.add(Files.writeString(DATA.resolve(module + ".conf"), text).toString());
    }
    fig1.understudy(register.toArray(String[]::new)).ok();
    var counting = new ArrayList<Counting>();
    ports.forEach((module, port) -> counting.add(Counting.with(module, port)));
    COUNTING.addAll(counting);
    counting.forEach(Counting::goesOn);
    Await.until(() -> assertThat(List.of(running("P"), running("Q"))).containsOnly(2L));
    modules.keySet().forEach(module -> kill(fig1.pid(module + 1)));
    counting.forEach(Counting::goesOn);
    Await.until(() -> assertThat(List.of(running("P"), running("Q"))).containsOnly(2L));
    kill(fig1.pid("H3")); // where the second copies run
    counting.forEach(Counting::goesOn);
    for (var one : counting) {
      one.verify();
    }
    fig1.script("start", "H3").ok();
    fig1.understudy("deregister", "P", "Q", "R").ok();
  }

  @Test
  @Order(13)
  @DisplayName("[51][50][52] H1's node is killed: as 46, and B3 is primary; H1 returns empty (d)")
  void killH1() {
    registerAnew();
    var own = DATA.resolve("H1");
    kill(fig1.pid("H1"));
    Await.until(
        () -> {
          assertThat(fig1.statuses("A")).isEqualTo("A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*");
          assertThat(fig1.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*");
          assertThat(fig1.statuses("C")).isEqualTo("C1 PRIMARY*, C2 IDLE");
        });
    Await.until(() -> assertThat(processesOn(own)).as("processes of H1").isEmpty());

    var before = fig1.table().get("modules");
    fig1.script("start", "H1").ok();
    Await.until(
        () ->
            assertThat(fig1.get("/understudy/hosts").get("hosts").findValuesAsText("state"))
                .hasSize(6)
                .containsOnly("UP"));
    assertThat(fig1.table().get("modules")).isEqualTo(before);
  }

  /** As they were at first: table, copies and counts. */
  private static void registerAnew() {
    fig1.understudy("deregister", "A", "B", "C").ok();
    var files = Stream.of("A", "B", "C").map(module -> DATA.resolve("modules/" + module + ".conf"));
    fig1.understudy(
            Stream.concat(Stream.of("register"), files.map(Path::toString)).toArray(String[]::new))
        .ok();
    Await.until(() -> assertThat(table()).isEqualTo(FIG_2));
  }

  @Test
  @Order(14)
  @DisplayName("[14][59] kill -9 of all six nodes while registering: no acknowledged one is lost")
  void nothingAcknowledgedIsLost() {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    var death = new MassDeath(fig1, new SplittableRandom(seed));
    var acknowledged = new HashSet<String>();
    try {
      for (int time = 0; time < DEATHS; time++) {
        acknowledged.addAll(death.amidRegistrations("M%d-".formatted(time)));
        Await.until(() -> assertThat(death.registered()).containsAll(acknowledged));
      }
    } catch (AssertionError e) {
      throw new AssertionError("with -Dunderstudy.seed=" + seed, e);
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(DEATHS);
  }

  private static String pythonModule(String name, String style, int port) {
    var program = Shell.PROJECT.resolve("deploy/examples/counter.py");
    var copies =
        Stream.of("H4", "H3", "H5")
            .map(
                host ->
                    "{ host = %s, location = \"%s\", arguments = [\"%s:%d\"] }"
                        .formatted(host, program, Fig1.address(host), port))
            .collect(Collectors.joining("\n"));
    var checkpoint = style.equals("cold") ? "each-update" : "{ every-updates = 20, interval = 1s }";
    return """
    module = %s
    style = %s
    degree = %s
    ready = api
    state { checkpoint = %s }
    copies = [
      %s
    ]
    """
        .formatted(name, style, style.equals("cold") ? 3 : 2, checkpoint, copies);
  }

  private static Map<String, Long> pidsOutside(String host) {
    return Stream.of("A", "B", "C")
        .flatMap(module -> fig1.rows(module).entrySet().stream())
        .filter(entry -> entry.getValue().running() && !entry.getValue().host().equals(host))
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().pid()));
  }

  private static long running(String module) {
    return fig1.rows(module).values().stream().filter(Fig1.Row::running).count();
  }

  private static List<String> hostsOf(String module) {
    return fig1.rows(module).values().stream().map(Fig1.Row::host).toList();
  }

  private static String thresholdModule() {
    var location = Shell.PROJECT.resolve("deploy/examples/counter");
    return """
    module = T
    style = warm
    degree = 2
    failover = { on-over-threshold = 3 }
    state = sync
    copies = [
      { host = H3, location = "%1$s", arguments = ["127.0.0.3:8004"] }
      { host = H4, location = "%1$s", arguments = ["127.0.0.4:8004"] }
      { host = H5, location = "%1$s", arguments = ["127.0.0.5:8004"] }
    ]
    """
        .formatted(location);
  }

  static void kill(long pid) {
    signal(pid, "KILL");
  }

  static void signal(long pid, String name) {
    Shell.run(Map.of(), "kill", "-" + name, Long.toString(pid)).ok();
  }

  /** The processes that were started on the data folder, or work in it. */
  static List<Long> processesOn(Path data) {
    try (var entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .filter(pid -> pid != ProcessHandle.current().pid())
          .filter(pid -> names(pid, data) || worksIn(pid, data))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean names(long pid, Path data) {
    try {
      var file = Path.of("/proc", Long.toString(pid), "cmdline");
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(data.toString());
    } catch (IOException e) {
      return false; // it has just ended, or is not ours
    }
  }

  private static boolean worksIn(long pid, Path data) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).startsWith(data);
    } catch (IOException e) {
      return false; // it has just ended, or is not ours
    }
  }

  private static long resident(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .sum();
    } catch (IOException e) {
      return 0; // it has just ended
    }
  }
}
