package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessIdTest {
  @TempDir Path folder;

  @Test
  @DisplayName("[I5] who cannot be looked at is not taken for dead; who is not there is")
  void unknown() {
    var self = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
    assertThat(self.alive()).isTrue();
    assertThat(self.alive(folder.resolve("none"))).isFalse();
    assertThat(self.alive(folder)).as("nothing can be read there").isTrue();
  }
}
