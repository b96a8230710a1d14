package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.adopting;
import static io.understudy.watchdog.Rig.alive;
import static io.understudy.watchdog.Rig.eventually;
import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.order;
import static io.understudy.watchdog.Rig.primary;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that ran before they were registered. */
class AdoptedCopyTest {
  @TempDir Path folder;
  private Rig rig;
  private Process process;
  private Launch launch;

  @BeforeEach
  void start() throws IOException {
    rig = new Rig(folder);
    process = new ProcessBuilder("setsid", "sleep", "1000").start();
    launch = launch(rig.script("a.sh", "exec sleep 1000"));
    eventually("it leads its group", () -> ProcessId.of(process.pid()).orElseThrow().leadsGroup());
  }

  @AfterEach
  void stop() {
    process.destroyForcibly();
    rig.close();
  }

  private void adopt() {
    rig.order(primary(1, adopting(launch, process.pid())));
    assertThat(rig.seen(1, Seen.Running.class).pid()).isEqualTo(process.pid());
  }

  @Test
  @DisplayName("[2] a copy that already runs is adopted, not started twice; its death is a failure")
  void dies() {
    adopt();
    process.destroyForcibly();
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(
            new Seen.Failed(FailureKind.CRASHED, "process %d is gone".formatted(process.pid())));
    assertThat(folder.resolve("copies/A1/copy.log")).doesNotExist();
  }

  @Test
  @DisplayName("[2] an adopted copy that failed is executed at its location")
  void restarts() {
    adopt();
    process.destroyForcibly();
    rig.seen(1, Seen.Failed.class);
    rig.order(primary(2, launch));
    assertThat(rig.seen(2, Seen.Running.class).pid()).isNotEqualTo(process.pid());
  }

  @Test
  @DisplayName("[2] an adopted copy that is ordered idle is stopped like any other")
  void stops() {
    adopt();
    rig.order(order(1, CopyStatus.IDLE, 1, 2, launch));
    rig.seen(1, Seen.Stopped.class);
    assertThat(alive(process.pid())).isFalse();
  }

  @Test
  @DisplayName("[k] an adopted copy dies with its WatchDog, as all copies do")
  void diesWithTheWatchDog() {
    adopt();
    rig.kit.stop(rig.watchDog);
    eventually("it is dead", () -> !alive(process.pid()));
    rig = new Rig(folder);
  }

  @Test
  @DisplayName("[2] the guard of an adopted copy is killed: the copy lives, and is guarded again")
  void guardKilled() {
    adopt();
    var guard = guardOf();
    Rig.kill(guard.pid(), "KILL");
    eventually("it is guarded again", () -> guardOf().pid() != guard.pid());
    assertThat(alive(process.pid())).isTrue();
  }

  @Test
  @DisplayName("[I5] an adopted copy that cannot be guarded again is dead when its failure is told")
  void cannotBeGuardedAgain() throws IOException {
    adopt();
    Files.delete(folder.resolve("guard.sh"));
    Rig.kill(guardOf().pid(), "KILL");
    rig.seen(1, Seen.Failed.class);
    assertThat(alive(process.pid())).isFalse();
  }

  private ProcessHandle guardOf() {
    eventually("there is a guard", () -> guards().findFirst().isPresent());
    return guards().findFirst().orElseThrow();
  }

  private java.util.stream.Stream<ProcessHandle> guards() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.pid() != process.pid() && child.isAlive())
        .filter(child -> commandLine(child).contains("adopt"));
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  @Test
  @DisplayName("[2] a pid that does not run, or is the node's own, cannot be adopted")
  void unknown() {
    process.destroyForcibly();
    eventually("it is dead", () -> !alive(process.pid()));
    rig.order(primary(1, adopting(launch, process.pid())));
    var failed = rig.seen(1, Seen.Failed.class);
    assertThat(failed.kind()).isEqualTo(FailureKind.CANNOT_START);
    assertThat(failed.reason()).startsWith("no process %d runs on H1".formatted(process.pid()));
    rig.order(primary(2, adopting(launch, ProcessHandle.current().pid())));
    assertThat(rig.seen(2, Seen.Failed.class).reason()).contains("is not a module's");
  }
}
