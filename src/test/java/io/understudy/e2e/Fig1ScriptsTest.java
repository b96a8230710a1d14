package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the scripts of deploy/fig1 do with what they are given. */
@Tag("slow")
class Fig1ScriptsTest {
  @Test
  @DisplayName("FIG. 1 runs on x; stop --data ./x => it is stopped, not forgotten")
  void theFolderByAnotherName(@TempDir Path folder) throws Exception {
    var data = folder.toRealPath().resolve("x");
    var pids = Files.createDirectories(data.resolve("pids"));
    var host =
        new ProcessBuilder("tail", "-F", data.resolve("H1").resolve("node.log").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    try {
      Files.writeString(pids.resolve("H1.pid"), host.pid() + "\n");
      var other = data.getParent() + "/./x";
      var stop = new ProcessBuilder("deploy/fig1/stop", "--data", other).inheritIO().start();

      assertThat(stop.waitFor()).isZero();
      assertThat(host.isAlive()).isFalse();
      assertThat(pids).doesNotExist();
    } finally {
      host.destroyForcibly();
    }
  }
}
