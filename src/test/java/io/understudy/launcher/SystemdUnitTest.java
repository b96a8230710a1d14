package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.watchdog.OnPath;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** deploy/systemd/understudy.service, as far as it can be checked without systemd as process 1. */
class SystemdUnitTest {
  private static final Path UNIT = Path.of("deploy/systemd/understudy.service");

  @TempDir private Path folder;

  @Test
  @DisplayName("systemd-analyze verify has nothing to say against the unit")
  void isValid() throws Exception {
    var analyze = OnPath.find("systemd-analyze");
    assumeTrue(analyze.isPresent(), "systemd-analyze is not here");
    var launcher = Path.of("deploy/understudy").toAbsolutePath().toString();
    var copy = folder.resolve("understudy.service");
    Files.writeString(
        copy, Files.readString(UNIT).replace("/opt/understudy/deploy/understudy", launcher));
    var said = folder.resolve("said");
    var verify =
        new ProcessBuilder(analyze.orElseThrow(), "verify", copy.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();

    assertThat(verify.waitFor()).as(Files.readString(said)).isZero();
    assertThat(Files.readString(said)).isEmpty();
  }

  @Test
  @DisplayName("the unit's watchdog gives the guard the time to act first, and kills all")
  void complementsTheGuard() throws Exception {
    assertThat(Files.readAllLines(UNIT))
        .contains(
            "Type=notify",
            "NotifyAccess=main",
            "WatchdogSec=15s",
            "WatchdogSignal=SIGKILL",
            "KillMode=control-group",
            "Restart=always");
    assertThat(Files.readString(Path.of("src/main/resources/reference.conf")))
        .contains("timeout = 10s");
  }
}
