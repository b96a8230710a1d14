package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process whose guard is killed with both its halves, as a killer of memory does. */
class GuardedTest {
  @TempDir Path folder;
  private Process copy;
  private Process guard;
  private Guarded guarded;

  @BeforeEach
  void start() throws IOException {
    copy = new ProcessBuilder("setsid", "sleep", "1000").start();
    Rig.eventually("it leads", () -> ProcessId.of(copy.pid()).orElseThrow().leadsGroup());
    guard = new ProcessBuilder("sleep", "1000").start();
    guarded = new Guarded(guard, ProcessId.of(copy.pid()).orElseThrow(), Optional.empty());
  }

  @AfterEach
  void stop() {
    copy.destroyForcibly();
    guard.destroyForcibly();
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  @DisplayName("[I5] the guard is dead, and the copy is to end => it ends")
  void endsWithoutGuard() throws Exception {
    Rig.kill(guard.pid(), "KILL");
    guarded.end();
    guarded.await();
    assertThat(Rig.alive(copy.pid())).isFalse();
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  @DisplayName("[k] the guard is dead => the copy, which would outlive its JVM, is killed")
  void killedWithItsGuard() throws Exception {
    Rig.kill(guard.pid(), "KILL");
    guard.waitFor();
    guarded.await();
    assertThat(Rig.alive(copy.pid())).isFalse();
  }
}
