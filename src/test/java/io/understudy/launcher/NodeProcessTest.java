package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nodes as operating-system processes, started from the packaged jar on addresses of this test. */
@Tag("slow")
class NodeProcessTest {
  @RegisterExtension private final NodeProcesses nodes = new NodeProcesses();

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("[65] SIGTERM stops the copies first, and then the node")
  void sigterm() throws Exception {
    var node = nodes.node("H1", "127.0.41.1");
    node.awaitSaying("H1 is ready: manager and watchdog, 127.0.41.1:17355, http://127.0.41.1:7626");
    var copy = nodes.copyOn("H1", "127.0.41.1", node);
    node.signal("TERM");

    assertThat(node.exitCode()).isEqualTo(143);
    assertThat(copy.isAlive()).isFalse();
    assertThat(node.said()).doesNotContain("Exception");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("nobody reads what a node logs, as of a stopped terminal => it works all the same")
  void nobodyReadsTheLog() throws Exception {
    var pipe = nodes.folder().resolve("terminal");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (var terminal = new RandomAccessFile(pipe.toFile(), "rw")) {
      var node = nodes.nodeLoggingTo(pipe, "H1", "127.0.45.1");
      node.awaitSaying("H1 is ready");
      fill(pipe);
      var copy = nodes.copyOn("H1", "127.0.45.1", node);
      copy.destroyForcibly();
      NodeProcesses.await(
          () -> NodeProcesses.sleeping(node).anyMatch(it -> it.pid() != copy.pid()), node);
      var url = "http://127.0.45.1:7626";
      var token = nodes.folder().resolve("H1127.0.45.1").toString();
      var gone = nodes.understudy("deregister", "-n", url, "--data", token, "S");
      assertThat(gone.exitCode()).as(gone.said()).isZero();
      NodeProcesses.await(() -> NodeProcesses.sleeping(node).findAny().isEmpty(), node);
      nodes.copyOn("H1", "127.0.45.1", node);
      assertThat(node.process().isAlive()).isTrue();
    }
  }

  /** To the last byte. */
  private static void fill(Path pipe) throws Exception {
    var command = "dd if=/dev/zero of=%s oflag=nonblock bs=1 count=1000000".formatted(pipe);
    var dd = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
    assertThat(new String(dd.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("temporarily unavailable");
    dd.waitFor();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aSecondNodeOfTheSameNameExitsWith1() throws Exception {
    nodes.node("H1", "127.0.42.1").awaitSaying("H1 is ready");
    var second =
        nodes.node("H1", "127.0.42.2", "--roles", "watchdog", "--seeds", "127.0.42.1:17355");

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.said())
        .contains(
            "host name H1 is in use by the node at 127.0.42.1:17355; give the node at"
                + " 127.0.42.2:17355 another understudy.host")
        .doesNotContain("is ready")
        .doesNotContain("\tat ");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aSecondNodeOnTheSameFolderExitsWith1() throws Exception {
    var first = nodes.node("H1", "127.0.40.1");
    first.awaitSaying("H1 is ready");
    var copy = nodes.copyOn("H1", "127.0.40.1", first);
    var folder = nodes.folder().resolve("H1127.0.40.1").toString();
    var second =
        nodes.understudy("node", "--host", "H2", "--address", "127.0.40.3", "--data", folder);

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.said())
        .contains(
            "folder %s is in use by another node, process %d; stop that, or set understudy.data"
                .formatted(folder, first.process().pid()))
        .doesNotContain("\tat ");
    assertThat(copy.isAlive()).isTrue();
    assertThat(first.process().isAlive()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aNodeWaitsForACheckpointServerThatIsDownAtItsStart() throws Exception {
    var url = "jdbc:h2:tcp://127.0.43.9:9092/./understudy";
    var node = nodes.node("H1", "127.0.43.1", "--journal", url);
    node.awaitSaying("begins no cluster: it cannot read who ran on its journal last: " + url);
    assertThat(node.said()).doesNotContain("is ready").doesNotContain("\tat ");
    var server =
        nodes.understudy(
            "checkpoint-server",
            "--address",
            "127.0.43.9",
            "--data",
            nodes.folder().resolve("server").toString());
    server.awaitSaying("the Checkpoint Server is ready: " + url);
    node.awaitSaying("H1 is ready");
    try (var elsewhere = new ServerSocket()) {
      elsewhere.bind(new InetSocketAddress("127.0.43.10", 9092));
    }

    var second = nodes.understudy("checkpoint-server", "--address", "127.0.43.9", "--data", "/tmp");
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.said())
        .contains("port 9092 of 127.0.43.9 is in use by another program")
        .doesNotContain("\tat ");
    server.signal("TERM");
    assertThat(server.exitCode()).isEqualTo(143);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName(
      "[k][d] a node that was put out of the cluster kills its copies and joins again, empty")
  void aNodeThatIsPutOut() throws Exception {
    var manager = nodes.node("H1", "127.0.44.1", "--roles", "manager");
    manager.awaitSaying("H1 is ready: manager, 127.0.44.1:17355");
    var host = nodes.node("H2", "127.0.44.2", "--roles", "watchdog", "--seeds", "127.0.44.1:17355");
    host.awaitSaying("H2 is ready: watchdog");
    var copy = nodes.copyOn("H2", "127.0.44.1", host);
    host.signal("STOP");
    manager.awaitSaying("HostFailed on H2");
    host.signal("CONT");

    host.awaitSaying("H2 was put out of the cluster");
    manager.awaitSaying("HostJoined on H2", 2);
    assertThat(copy.isAlive()).isFalse();
    assertThat(host.said()).doesNotContain("\tat ");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName(
      "[j] the only seed is killed, another manages, the seed starts again => it begins no second"
          + " cluster on the journal")
  void theOnlySeedStartsAgain() throws Exception {
    var url = checkpointServer("127.0.48.9");
    var alone = List.of("--journal", url, "--seeds", "127.0.48.1:17355").toArray(String[]::new);
    var seed = nodes.node("H1", "127.0.48.1", alone);
    seed.awaitSaying("the ReplicaManager on H1 manages");
    var other = nodes.node("H2", "127.0.48.2", alone);
    other.awaitSaying("H2 is ready");
    seed.signal("KILL");
    other.awaitSaying("the ReplicaManager on H2 manages");

    var again = nodes.node("H1", "127.0.48.1", alone);
    again.awaitSaying("H1 is ready");
    assertThat(again.said())
        .contains(
            "begins no cluster: by the table of its journal one runs already, with"
                + " 127.0.48.2:17355")
        .doesNotContain("the ReplicaManager on H1 manages");
  }

  private String checkpointServer(String address) throws IOException {
    var url = "jdbc:h2:tcp://%s:9092/./understudy".formatted(address);
    var data = nodes.folder().resolve("server").toString();
    nodes
        .understudy("checkpoint-server", "--address", address, "--data", data)
        .awaitSaying("the Checkpoint Server is ready: " + url);
    return url;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the only manager is killed, a worker runs on, it starts again => it manages again")
  void theOnlyManagerStartsAgain() throws Exception {
    var url = checkpointServer("127.0.50.9");
    var settings = List.of("--roles", "manager", "--journal", url).toArray(String[]::new);
    var manager = nodes.node("H1", "127.0.50.1", settings);
    manager.awaitSaying("H1 is ready");
    var worker =
        nodes.node("H2", "127.0.50.2", "--roles", "watchdog", "--seeds", "127.0.50.1:17355");
    worker.awaitSaying("H2 is ready");
    manager.awaitSaying("HostJoined on H2");
    manager.signal("KILL");
    manager.exitCode();

    var again = nodes.node("H1", "127.0.50.1", settings);
    again.awaitSaying("the ReplicaManager on H1 manages");
    again.awaitSaying("HostJoined on H2");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void anOlderJavaSaysWhatIsNeeded() throws Exception {
    var older = Path.of("/usr/lib/jvm/java-17-openjdk-amd64/bin/java");
    assumeTrue(Files.isExecutable(older), "no older Java is here to be tried");
    var node = nodes.start(older.toString(), "-jar", System.getProperty("understudy.jar"), "node");

    assertThat(node.exitCode()).isEqualTo(2);
    assertThat(node.said().strip()).isEqualTo(Main.refusal(17));
  }
}
