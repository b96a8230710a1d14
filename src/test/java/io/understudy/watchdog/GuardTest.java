package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.Await;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
    assertThat(files()).containsExactlyInAnyOrder("copies", "guard.sh");
    guard.close();
  }

  private Process holder(String script) throws IOException {
    var holder =
        new ProcessBuilder("sh", "-c", "exec 5<>\"$1\"; echo held; " + script, "holder")
            .redirectErrorStream(true);
    holder.command().addAll(List.of(Guard.alive(folder).toString(), folder.toString()));
    var started = holder.start();
    assertThat(started.inputReader().readLine()).isEqualTo("held");
    return started;
  }

  @Test
  @DisplayName("what ran on the folder before is still being undone => who begins there waits")
  void earlier() throws Exception {
    assertThat(Guard.awaitEarlier(folder, Duration.ofMinutes(1))).as("nothing ran").isTrue();
    assertThat(new ProcessBuilder("mkfifo", Guard.alive(folder).toString()).start().waitFor())
        .isZero();
    assertThat(Guard.awaitEarlier(folder, Duration.ofMinutes(1))).as("all has ended").isTrue();

    holder("sleep 0.3; : >\"$2/undone\"");
    assertThat(Guard.awaitEarlier(folder, Duration.ofMinutes(1))).isTrue();
    assertThat(folder.resolve("undone")).exists();

    var stuck = holder("read -r never");
    assertThat(Guard.awaitEarlier(folder, Duration.ofMillis(50))).isFalse();
    stuck.destroyForcibly();
  }

  @Test
  @DisplayName("an adopted process needs its time to die => its guard holds the pipe until then")
  void adopted() throws Exception {
    assertThat(new ProcessBuilder("mkfifo", Guard.alive(folder).toString()).start().waitFor())
        .isZero();
    var big = // to give back its memory takes the kernel longer than a guard to end
        new ProcessBuilder(
                "sh", "-c", "{ head -c 500000000 /dev/zero; sleep 1000; } | tail -c 500000000")
            .start();
    Await.until(() -> assertThat(resident(child(big, "tail").pid())).isGreaterThan(400_000_000L));
    var tail = child(big, "tail");
    var guarded = new Guard("/bin/sh", folder).adopt(ProcessId.of(tail.pid()).orElseThrow());

    guarded.end();
    assertThat(Guard.awaitEarlier(folder, Duration.ofMinutes(1))).isTrue();
    assertThat(ProcessId.of(tail.pid())).as("alive, and no zombie").isEmpty();
    big.descendants().forEach(ProcessHandle::destroyForcibly);
    big.destroyForcibly();
  }

  private static ProcessHandle child(Process of, String name) {
    return of.descendants()
        .filter(it -> it.info().command().orElse("").endsWith("/" + name))
        .findFirst()
        .orElseThrow(AssertionError::new);
  }

  private static long resident(long pid) {
    try {
      var pages = Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ")[1];
      return 4096 * Long.parseLong(pages);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @DisplayName("the guard has ended before it was told anything => what it said is the reason")
  void endsAtOnce() throws Exception {
    var shell = Files.writeString(folder.resolve("sh"), "#!/bin/sh\necho no shell today >&2\n");
    Files.setPosixFilePermissions(shell, PosixFilePermissions.fromString("rwxr-xr-x"));
    var guard = new Guard(shell.toString(), folder);
    var copy = CopyFolder.of(folder, new CopyId(new ModuleId("A"), 1)).create();

    for (int time = 0; time < 20; time++) { // it may end before or after it is told
      assertThatThrownBy(() -> guard.start(List.of("/bin/sleep", "1000"), copy, Map.of()))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("it said: no shell today");
    }
    assertThat(files()).containsExactlyInAnyOrder("copies", "guard.sh", "sh");
  }
}
