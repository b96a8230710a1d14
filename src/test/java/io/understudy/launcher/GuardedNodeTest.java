package io.understudy.launcher;

import static io.understudy.launcher.NodeProcesses.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.understudy.launcher.NodeProcesses.Started;
import io.understudy.watchdog.OnPath;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** What becomes of a node whose JVM is stopped for real, and of one that loses its guard. */
@Tag("slow")
class GuardedNodeTest {
  private static final int KILLED = 128 + 9;

  @RegisterExtension private final NodeProcesses nodes = new NodeProcesses();

  private Started node(String address, String timeout) throws IOException {
    var node = nodes.node("H1", address, "--set", "understudy.guard.timeout=" + timeout);
    node.awaitSaying("H1 is ready");
    return node;
  }

  private static ProcessHandle guardOf(Started node) {
    return node.process()
        .children()
        .filter(it -> it.info().command().filter(path -> path.endsWith("/bash")).isPresent())
        .findAny()
        .orElseThrow();
  }

  private static void pause(long millis, Started node) throws Exception {
    node.signal("STOP");
    node.process().waitFor(millis, TimeUnit.MILLISECONDS);
    node.signal("CONT");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the JVM is stopped beyond the guard's time: it is killed, and its copies with it")
  void stoppedForLong() throws Exception {
    var node = node("127.0.45.1", "2s");
    var copy = nodes.copyOn("H1", "127.0.45.1", node);
    node.signal("STOP");

    assertThat(node.exitCode()).isEqualTo(KILLED);
    await(() -> !copy.isAlive(), node);
    node.awaitSaying("guard: process %d has not renewed within".formatted(node.process().pid()));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the WatchDog is stuck while its JVM runs on: it is killed, and its copies with it")
  void watchDogStuck() throws Exception {
    nodes.export("JAVA_TOOL_OPTIONS", Debugged.OPTION);
    var node = node("127.0.59.1", "2s");
    var copy = nodes.copyOn("H1", "127.0.59.1", node);
    try (var jvm = Debugged.attach(node)) {
      await(
          () -> jvm.suspend("understudy.watchdog.own-dispatcher") || !node.process().isAlive(),
          node);

      assertThat(node.exitCode()).isEqualTo(KILLED);
    }
    await(() -> !copy.isAlive(), node);
    node.awaitSaying("guard: process %d has not renewed within".formatted(node.process().pid()));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the JVM is stopped for less, again and again: nothing happens")
  void stoppedForShort() throws Exception {
    var node = node("127.0.46.1", "4s");
    var copy = nodes.copyOn("H1", "127.0.46.1", node);
    for (int pauses = 0; pauses < 6; pauses++) {
      pause(1000, node);
      assertThat(node.process().waitFor(500, TimeUnit.MILLISECONDS)).as(node.said()).isFalse();
    }

    assertThat(copy.isAlive()).isTrue();
    assertThat(guardOf(node).isAlive()).isTrue();
    node.signal("TERM");
    assertThat(node.exitCode()).isEqualTo(143);
    assertThat(node.said()).doesNotContain("guard");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the guard is killed: the node stops its copies, and itself")
  void guardKilled() throws Exception {
    var node = node("127.0.47.1", "10s");
    var copy = nodes.copyOn("H1", "127.0.47.1", node);
    var guard = guardOf(node);
    guard.destroyForcibly();

    assertThat(node.exitCode()).isEqualTo(Complaint.REFUSED);
    assertThat(copy.isAlive()).isFalse();
    assertThat(node.said())
        .contains("the guard of this node's JVM, process %d, ended".formatted(guard.pid()))
        .doesNotContain("\tat ");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName("the JVM is killed: its guard ends too")
  void nodeKilled() throws Exception {
    var node = node("127.0.48.1", "10s");
    var guard = guardOf(node);
    node.process().destroyForcibly();

    assertThat(node.exitCode()).isEqualTo(KILLED);
    await(() -> !guard.isAlive(), node);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName(
      "[k] the JVM is killed, and the kernel closes nothing yet: its guard kills the copies")
  void nodeKilledPipesOpen() throws Exception {
    assumeThat(OnPath.find("setpriv")).as("setpriv of util-linux").isPresent();
    var node = node("127.0.43.1", "60s");
    var copy = nodes.copyOn("H1", "127.0.43.1", node);
    var guard = guardOf(node);
    var held = new ArrayList<FileOutputStream>();
    try {
      // What the guards read from, which does not end while this test could write there.
      held.add(new FileOutputStream("/proc/%d/fd/0".formatted(guard.pid())));
      for (ProcessHandle other : node.process().descendants().toList()) {
        var pipe = Path.of("/proc/%d/fd/3".formatted(other.pid()));
        if (other.pid() != guard.pid() && isPipe(pipe)) {
          held.add(new FileOutputStream(pipe.toFile()));
        }
      }
      assertThat(held).hasSizeGreaterThan(1);
      node.process().destroyForcibly();

      await(() -> !copy.isAlive(), node);
    } finally {
      for (FileOutputStream pipe : held) {
        pipe.close();
      }
    }
    await(() -> !guard.isAlive(), node);
  }

  private static boolean isPipe(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
    } catch (IOException gone) {
      return false;
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @DisplayName(
      "under systemd the node says READY, WATCHDOG and STOPPING; its copies do not hear of it")
  void underSystemd() throws Exception {
    try (var systemd = AFUNIXDatagramSocket.newInstance()) {
      var path = nodes.folder().resolve("systemd");
      systemd.bind(AFUNIXSocketAddress.of(path));
      nodes.export("NOTIFY_SOCKET", path.toString());
      nodes.export("WATCHDOG_USEC", "2000000");
      var node = nodes.node("H1", "127.0.49.1");

      var first = new AtomicReference<>("WATCHDOG=1");
      await(() -> !first.updateAndGet(before -> hear(systemd)).equals("WATCHDOG=1"), node);
      assertThat(first.get()).startsWith("READY=1\nSTATUS=H1 is ready: ");
      assertThat(hear(systemd)).isEqualTo("WATCHDOG=1");
      assertThat(hear(systemd)).isEqualTo("WATCHDOG=1");
      node.signal("TERM");
      await(() -> hear(systemd).equals("STOPPING=1"), node);
      assertThat(node.exitCode()).isEqualTo(143);
    }
  }

  private static String hear(AFUNIXDatagramSocket systemd) {
    var packet = new DatagramPacket(new byte[4096], 4096);
    try {
      systemd.setSoTimeout(60_000);
      systemd.receive(packet);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }
}
