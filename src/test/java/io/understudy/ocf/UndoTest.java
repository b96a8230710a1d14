package io.understudy.ocf;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stops the resource of a copy that cannot do so any more. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class UndoTest {
  /** Fails the first time. */
  private static final String STOP =
      "echo stop >>log; [ -e again ] || { echo no; touch again; exit 1; }";

  @TempDir private Path folder;

  private final List<Process> all = new ArrayList<>();

  @AfterEach
  void end() {
    all.forEach(Process::destroyForcibly);
  }

  private Process start(String... command) throws IOException {
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    all.add(process);
    return process;
  }

  private Process undo(Process copy) throws IOException {
    try (var script = Undo.class.getResourceAsStream("undo.sh")) {
      var text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      var builder =
          new ProcessBuilder("sh", "-c", text, "undo", "" + copy.pid(), "sh", "-c", STOP)
              .directory(folder.toFile())
              .redirectErrorStream(true);
      builder.environment().put("UNDERSTUDY_HOLD", folder.resolve("hold").toString());
      var undo = builder.start();
      all.add(undo);
      var ready = new byte["ready\n".length()];
      assertThat(undo.getInputStream().read(ready)).isEqualTo(ready.length);
      return undo;
    }
  }

  private List<String> done() throws IOException {
    var log = folder.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  @Test
  @DisplayName("the copy dies amid an action: that is ended first, then stop repeated until it can")
  void dies() throws Exception {
    var copy =
        start("setsid", "sh", "-c", "(touch acts; sleep 0.7; echo start >>log) & exec sleep 1000");
    Await.until(() -> assertThat(folder.resolve("acts")).exists());
    var undo = undo(copy);
    copy.destroyForcibly().waitFor();
    undo.getOutputStream().close();

    assertThat(undo.waitFor()).isZero();
    assertThat(new String(undo.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("undo: code 1 from sh -c")
        .contains("until it succeeds this copy counts as alive; again in 1 s");
    assertThat(done()).containsExactly("stop", "stop");
  }

  @Test
  @DisplayName("the copy has stopped its resource: nothing is done")
  void stopped() throws Exception {
    var undo = undo(start("setsid", "sleep", "1000"));
    undo.getOutputStream().write("stopped\n".getBytes(StandardCharsets.US_ASCII));
    undo.getOutputStream().close();

    assertThat(undo.waitFor()).isZero();
    assertThat(done()).isEmpty();
  }
}
