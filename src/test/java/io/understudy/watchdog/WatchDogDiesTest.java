package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.alive;
import static io.understudy.watchdog.Rig.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The WatchDog's JVM is killed for real: no copy outlives it. */
@Tag("slow")
class WatchDogDiesTest {
  @TempDir Path folder;
  private Process watchDog;
  private final List<Long> toKill = new ArrayList<>();

  @AfterEach
  void stop() {
    watchDog.destroyForcibly();
    toKill.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
  }

  private long start(String... arguments) throws IOException {
    var line =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StandAlone.class.getName(),
                folder.toString()));
    line.addAll(List.of(arguments));
    var output = folder.resolve("jvm.log").toFile();
    watchDog = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output).start();
    var pid = folder.resolve("pid");
    eventually("the copy runs", () -> Files.exists(pid));
    toKill.add(Long.parseLong(Files.readString(pid).strip()));
    return toKill.getLast();
  }

  private void program(String... lines) throws IOException {
    var path = folder.resolve("a.sh");
    Files.writeString(path, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private long child() throws IOException {
    var file = folder.resolve("copies/A1/work/child");
    eventually("the child runs", () -> Files.exists(file));
    toKill.add(Long.parseLong(Files.readString(file).strip()));
    return toKill.getLast();
  }

  @Test
  @DisplayName("[k] the WatchDog is killed -9: its copy dies with it, children and all")
  void killed() throws IOException {
    program(
        "trap '' HUP INT TERM", "sleep 1000 &", "echo $! >child.new", "mv child.new child", "wait");
    var copy = start();
    var child = child();
    watchDog.destroyForcibly();
    eventually("all are dead", () -> !alive(copy) && !alive(child));
  }

  @Test
  @DisplayName("[k] the WatchDog is killed -9 together with every guard: the copy still dies")
  void guardsToo() throws IOException, InterruptedException {
    program("exec sleep 1000");
    var copy = start();
    var line = new ArrayList<>(List.of("kill", "-KILL"));
    watchDog
        .descendants()
        .map(ProcessHandle::pid)
        .filter(pid -> pid != copy)
        .forEach(pid -> line.add("" + pid));
    line.add("" + watchDog.pid());
    assertThat(new ProcessBuilder(line).start().waitFor()).isZero();
    eventually("it is dead", () -> !alive(copy));
  }

  @Test
  @DisplayName("[k] an adopted copy dies with its WatchDog's JVM too")
  void adopted() throws IOException {
    var process = new ProcessBuilder("setsid", "sleep", "1000").start();
    var copy = start("" + process.pid());
    assertThat(copy).isEqualTo(process.pid());
    watchDog.destroyForcibly();
    eventually("it is dead", () -> !alive(copy));
  }
}
