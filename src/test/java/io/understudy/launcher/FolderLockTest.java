package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of one JVM; NodeProcessTest has two of two. */
class FolderLockTest {
  @TempDir Path folder;

  @Test
  @DisplayName("the second is refused by whatever name, and the first goes on having it")
  void twice() throws Exception {
    var other = Files.createSymbolicLink(folder.resolve("other"), folder);
    try (var first = FolderLock.of(folder)) {
      for (var name : new Path[] {folder, other}) {
        var refused = catchThrowableOfType(Complaint.class, () -> FolderLock.of(name));
        assertThat(refused)
            .hasMessageContaining("is in use by another node, process %d", own())
            .hasMessageContaining("understudy.data");
      }
      assertThat(locks()).as("what the kernel knows, and %s", first).contains(inode());
    }
    assertThat(locks()).doesNotContain(inode());
    FolderLock.of(folder).close();
  }

  private static String locks() throws IOException {
    return Files.readString(Path.of("/proc/locks"));
  }

  private String inode() throws IOException {
    return ":%s ".formatted(Files.getAttribute(folder.resolve("node.lock"), "unix:ino"));
  }

  private static long own() {
    return ProcessHandle.current().pid();
  }
}
