package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardPlanTest {
  @TempDir Path temp;

  @Test
  @DisplayName("[36] whatever an argument or a value holds, sh passes it on as it is")
  void quotes() throws IOException, InterruptedException {
    var odd = "a'b \"c\" $(reboot) `x` \\ *\n;é";
    var folder = new CopyFolder(temp.resolve("it's a copy")).create();
    var plan = new GuardPlan(folder, List.of("printf", "%s", odd), Map.of("K", odd)).write();
    var process =
        new ProcessBuilder("sh", "-c", ". \"$1\"; pwd; printf '%s|' \"$K\"; \"$@\"", "-", "" + plan)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(said).isEqualTo(folder.work() + "\n" + odd + "|" + odd);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(plan)))
        .isEqualTo("rw-------");
  }
}
