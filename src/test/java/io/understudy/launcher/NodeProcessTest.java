package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes as operating-system processes, started from the packaged jar on addresses of this test. */
@Tag("slow")
class NodeProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path folder;
  private final List<Started> all = new ArrayList<>();

  /** A process, and the file that holds all it says. */
  private record Started(Process process, Path log) {
    String said() {
      try {
        return Files.readString(log, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void awaitSaying(String what) {
      await(() -> said().contains(what), this);
    }

    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(said()).isTrue();
      return process.exitValue();
    }

    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }
  }

  private static void await(BooleanSupplier condition, Started at) {
    var until = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(at.said()).isLessThan(until);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Started start(String... command) throws IOException {
    var log = folder.resolve("log" + all.size());
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    var started = new Started(process, log);
    all.add(started);
    return started;
  }

  private Started understudy(String... arguments) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var fixed =
        Stream.of(
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx192m",
            "-jar",
            System.getProperty("understudy.jar"));
    return start(Stream.concat(fixed, Stream.of(arguments)).toArray(String[]::new));
  }

  private Started node(String host, String address, String... more) throws IOException {
    var fixed =
        Stream.of(
            "node",
            "--host",
            host,
            "--address",
            address,
            "--data",
            folder.resolve(host + address).toString(),
            "--set",
            "understudy.watchdog.allowed-paths=[/bin,/usr/bin]");
    return understudy(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  /** Registers a cold module of one copy, and gives the process that runs it. */
  private ProcessHandle copyOn(String host, String address, Started node) throws Exception {
    var file =
        Files.writeString(
            folder.resolve("S.conf"),
            """
            module = S, style = cold
            copies = [ { host = %s, location = /bin/sleep, arguments = ["3600"] } ]
            """
                .formatted(host));
    var token = folder.resolve("H1" + address).toString();
    var url = "http://" + address + ":7626";
    var registered = understudy("register", "-n", url, "--data", token, file.toString());
    assertThat(registered.exitCode()).as(registered.said()).isZero();
    await(() -> sleeping(node).findAny().isPresent(), node);
    return sleeping(node).findAny().orElseThrow();
  }

  private static Stream<ProcessHandle> sleeping(Started node) {
    return node.process()
        .descendants()
        .filter(it -> it.info().command().filter(path -> path.endsWith("/sleep")).isPresent());
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Started started : all) {
      started.process().destroyForcibly().waitFor();
    }
  }

  @Test
  @DisplayName("[65] SIGTERM stops the copies first, and then the node")
  void sigterm() throws Exception {
    var node = node("H1", "127.0.41.1");
    node.awaitSaying("H1 is ready: manager and watchdog, 127.0.41.1:17355, http://127.0.41.1:7626");
    var copy = copyOn("H1", "127.0.41.1", node);
    node.signal("TERM");

    assertThat(node.exitCode()).isEqualTo(143);
    assertThat(copy.isAlive()).isFalse();
    assertThat(node.said()).doesNotContain("Exception");
  }

  @Test
  void aSecondNodeOfTheSameNameExitsWith1() throws Exception {
    node("H1", "127.0.42.1").awaitSaying("H1 is ready");
    var second = node("H1", "127.0.42.2", "--roles", "watchdog", "--seeds", "127.0.42.1:17355");

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.said())
        .contains(
            "host name H1 is in use by the node at 127.0.42.1:17355; give the node at"
                + " 127.0.42.2:17355 another understudy.host")
        .doesNotContain("is ready")
        .doesNotContain("\tat ");
  }

  @Test
  void aNodeWaitsForACheckpointServerThatIsDownAtItsStart() throws Exception {
    var url = "jdbc:h2:tcp://127.0.43.9:9092/./understudy";
    var node = node("H1", "127.0.43.1", "--journal", url);
    node.awaitSaying("the ReplicaManager on H1 cannot reach its journal " + url);
    node.awaitSaying("H1 waits for its ReplicaManager: ");
    assertThat(node.said()).doesNotContain("is ready").doesNotContain("\tat ");
    var server =
        understudy(
            "checkpoint-server",
            "--address",
            "127.0.43.9",
            "--data",
            folder.resolve("server").toString());
    server.awaitSaying("the Checkpoint Server is ready: " + url);
    node.awaitSaying("H1 is ready");

    var second = understudy("checkpoint-server", "--address", "127.0.43.9", "--data", "/tmp");
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.said())
        .contains("port 9092 of 127.0.43.9 is in use by another program")
        .doesNotContain("\tat ");
    server.signal("TERM");
    assertThat(server.exitCode()).isEqualTo(143);
  }

  @Test
  @DisplayName("[k] a node that was put out of the cluster kills its copies and exits with 1")
  void aNodeThatIsPutOut() throws Exception {
    var manager = node("H1", "127.0.44.1", "--roles", "manager");
    manager.awaitSaying("H1 is ready: manager, 127.0.44.1:17355");
    var host = node("H2", "127.0.44.2", "--roles", "watchdog", "--seeds", "127.0.44.1:17355");
    host.awaitSaying("H2 is ready: watchdog");
    var copy = copyOn("H2", "127.0.44.1", host);
    host.signal("STOP");
    manager.awaitSaying("HostFailed on H2");
    host.signal("CONT");

    assertThat(host.exitCode()).isEqualTo(1);
    assertThat(copy.isAlive()).isFalse();
    assertThat(host.said()).contains("H2 was put out of the cluster").doesNotContain("\tat ");
  }

  @Test
  void anOlderJavaSaysWhatIsNeeded() throws Exception {
    var older = Path.of("/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
    assumeTrue(Files.isExecutable(older), "no older Java is here to be tried");
    var node = start(older.toString(), "-jar", System.getProperty("understudy.jar"), "node");

    assertThat(node.exitCode()).isEqualTo(2);
    assertThat(node.said().strip()).isEqualTo(Main.refusal(17));
  }
}
