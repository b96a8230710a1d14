package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.Detection;
import io.understudy.model.SanityCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that can open no more files: it is not its copies' failure. The node is a JVM of its own,
 * since one that needs a class then, and cannot read it, ends.
 */
class NoMoreFilesTest {
  private static final int HEARTBEATS = 10;

  @TempDir Path folder;

  @Test
  @DisplayName("[I5] no more files can be opened => no copy is taken for dead, or for insane")
  void isNotTheCopysFailure() throws Exception {
    assumeTrue(OnPath.find("prlimit").isPresent());
    var said = folder.resolve("said");
    var node =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Djava.net.preferIPv4Stack=true",
                "-Dsun.misc.unsafe.memory.access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                NoMoreFilesTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(node.waitFor()).as("%s", Files.readString(said)).isZero();
  }

  /** The node; its argument is the folder to work in. */
  public static void main(String[] arguments) throws Exception {
    try (var rig = new Rig(Path.of(arguments[0]));
        var door = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress())) {
      var check = new SanityCheck.TcpConnect(door.getLocalPort());
      var polling = new Detection.Polling(Duration.ofMillis(100), Rig.LONG, Optional.of(check));
      var launch = Rig.with(Rig.launch(rig.script("a.sh", "exec sleep 1000")), polling);
      rig.order(Rig.primary(1, launch));
      var pid = rig.seen(1, Seen.Running.class).pid();
      awaitHeartbeats(rig); // each class that a poll needs is there now
      var limit = new ProcessBuilder("sh", "-c", limits()).start();
      assertThat(limit.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("low");
      try {
        awaitHeartbeats(rig);
      } finally {
        limit.getOutputStream().close();
        limit.waitFor();
      }
      rig.told.clear();
      rig.order(Rig.primary(1, launch));
      assertThat(rig.report(report -> report.run() == 1))
          .extracting(CopyReport::seen)
          .isEqualTo(new Seen.Running(pid));
    }
    Runtime.getRuntime().halt(0); // whatever else this JVM has begun
  }

  private static void awaitHeartbeats(Rig rig) throws InterruptedException {
    rig.heartbeats.clear();
    for (int beat = 0; beat < HEARTBEATS; beat++) {
      assertThat(rig.heartbeats.poll(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  /** Lowers the limit of this JVM until the shell's input ends. */
  private static String limits() throws IOException {
    var pid = ProcessHandle.current().pid();
    var soft =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .findFirst()
            .orElseThrow()
            .split(" +", -1)[3];
    return "prlimit --pid %d --nofile=16: && echo low; read x; prlimit --pid %d --nofile=%s:"
        .formatted(pid, pid, soft);
  }
}
