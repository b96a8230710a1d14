package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.primary;
import static io.understudy.watchdog.Rig.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import io.understudy.model.Detection;
import io.understudy.model.Detection.Heartbeat.Source;
import io.understudy.model.Readiness.When;
import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** The test speaks sd_notify for the copy. */
class NotifySocketTest {
  @TempDir Path folder;

  private void say(String text) {
    var socketPath = folder.resolve("copies/A1/notify");
    try (var socket = AFUNIXDatagramSocket.newInstance()) {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      socket.connect(AFUNIXSocketAddress.of(socketPath));
      socket.send(new DatagramPacket(bytes, bytes.length));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("[32] READY=1 makes a copy ready, WATCHDOG=1 is its heartbeat; silence is a hang")
  void speaks() throws Exception {
    try (var rig = new Rig(folder)) {
      var program = rig.script("a.sh", "env >env.new", "mv env.new env", "exec sleep 1000");
      var heartbeat = new Detection.Heartbeat(Duration.ofMillis(500), Source.PERIOD);
      var launch = with(launch(program), heartbeat);
      rig.order(primary(1, with(launch, When.MODULE_API, Duration.ofSeconds(20))));
      rig.seen(1, Seen.Starting.class);
      var env = folder.resolve("copies/A1/work/env");
      Rig.eventually("the copy runs", () -> Files.exists(env));
      assertThat(Files.readAllLines(env))
          .contains("NOTIFY_SOCKET=" + folder.resolve("copies/A1/notify"), "WATCHDOG_USEC=500000");
      say("STATUS=warming up\nREADY=1");
      var pid = rig.seen(1, Seen.Running.class).pid();
      try (var beats = Executors.newScheduledThreadPool(1)) {
        for (var beat = 0; beat < 10; beat++) {
          beats.schedule(() -> say("WATCHDOG=1"), 100, TimeUnit.MILLISECONDS).get();
        }
      }
      assertThat(Rig.alive(pid)).isTrue();
      assertThat(rig.seen(1, Seen.Failed.class).reason()).isEqualTo("no heartbeat for 500 ms");
    }
  }

  @Test
  @DisplayName("[36] a data folder too deep for a socket costs a copy sd_notify, and no more")
  void tooLong() throws IOException {
    var deep = Files.createDirectories(folder.resolve("x".repeat(NotifySocket.LONGEST_PATH)));
    try (var rig = new Rig(deep)) {
      var program = rig.script("a.sh", "env", "exec sleep 1000");
      rig.order(primary(1, launch(program)));
      rig.seen(1, Seen.Running.class);
      Rig.eventually(
          "the copy has said all",
          () -> {
            try {
              return Files.readString(deep.resolve("copies/A1/copy.log")).contains("TOKEN");
            } catch (IOException e) {
              return false;
            }
          });
      assertThat(Files.readString(deep.resolve("copies/A1/copy.log")))
          .doesNotContain("NOTIFY_SOCKET");
    }
  }
}
