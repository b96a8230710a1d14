package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards that wait for a copy which does not come. */
class GuardTest {
  @TempDir Path folder;

  @AfterEach
  void end() {
    waiting().forEach(ProcessHandle::destroyForcibly);
  }

  private Stream<ProcessHandle> waiting() {
    return ProcessHandle.current()
        .children()
        .filter(it -> it.info().commandLine().orElse("").contains(folder.toString()));
  }

  private Stream<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  @Test
  @DisplayName("the WatchDog has stopped => no guard waits, and none writes to its folder")
  void closed() throws Exception {
    for (int time = 0; time < 20; time++) {
      var guard = new Guard("/bin/sh", folder);
      var preparing = new Thread(guard::prepare);
      preparing.start();
      guard.close();
      preparing.join();
      guard.prepare(); // as is due a little after the start of a copy

      assertThat(waiting()).isEmpty();
      assertThat(files()).containsExactly("guard.sh");
    }
  }

  @Test
  @DisplayName("the pipe that it was to hold is gone => it starts nothing, makes no file, says so")
  void pipeGone() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", Guard.alive(folder).toString()).start().waitFor())
        .isZero();
    var guard = new Guard("/bin/sh", folder);
    guard.prepare();
    Files.delete(Guard.alive(folder));
    var copy = CopyFolder.of(folder, new CopyId(new ModuleId("A"), 1)).create();

    assertThatThrownBy(() -> guard.start(List.of("/bin/sleep", "1000"), copy, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("alive is gone: start the node again");
    assertThat(Guard.alive(folder)).doesNotExist();
    guard.close();
  }
}
