package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A copy that leaves something which another process undoes when it has died. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class UndoneTest {
  private static final String PROGRAM =
      """
      setsid sh -c '
        trap "" TERM
        exec 8<>"$UNDERSTUDY_ALIVE" 9<>"$UNDERSTUDY_HOLD"
        echo $$ >helper.new
        mv helper.new helper
        until [ -e go ]; do sleep 0.01; done
        echo undone >undone' &
      until [ -e helper ]; do sleep 0.01; done
      exec sleep 1000
      """;

  @TempDir Path folder;
  private Guard guard;
  private CopyFolder copy;
  private Guarded guarded;
  private long helper;

  @BeforeEach
  void start() throws Exception {
    guard = new Guard("/bin/sh", folder);
    copy = CopyFolder.of(folder, new CopyId(new ModuleId("A"), 1));
    copy.create();
    guarded = guard.start(List.of("/bin/sh", "-c", PROGRAM), copy, Map.of());
    var file = copy.work().resolve("helper");
    Rig.eventually("it is held", () -> Files.exists(file));
    helper = Long.parseLong(Files.readString(file).strip());
  }

  @AfterEach
  void stop() throws Exception {
    Files.writeString(copy.work().resolve("go"), "");
    guarded.end();
    guarded.await();
    guard.close();
    Rig.eventually("nobody waits any more", () -> !Rig.alive(helper));
  }

  private CompletableFuture<Boolean> dead() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            guarded.await();
            return Files.exists(copy.work().resolve("undone"));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private void holds(CompletableFuture<Boolean> dead) throws Exception {
    Rig.eventually("its process is dead", () -> !Rig.alive(guarded.id().pid()));
    Await.throughout(Duration.ofMillis(300), () -> assertThat(dead).isNotDone());
    Files.writeString(copy.work().resolve("go"), "");

    assertThat(dead.get()).as("what it left was undone before it counted as dead").isTrue();
    guarded.forget();
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("guard.sh", "copies");
    }
  }

  @Test
  @DisplayName("the copy is killed: it counts as alive until what it left is undone")
  void ended() throws Exception {
    var dead = dead();
    guarded.end();
    holds(dead);
  }

  @Test
  @DisplayName("the copy dies by itself: it counts as alive until what it left is undone")
  void died() throws Exception {
    var dead = dead();
    Rig.kill(guarded.id().pid(), "KILL");
    holds(dead);
  }

  private void killGuard() throws Exception {
    var line = new ArrayList<>(List.of("kill", "-KILL"));
    ProcessHandle.current()
        .descendants()
        .filter(it -> it.info().commandLine().orElse("").contains(folder + "/guard.sh start"))
        .forEach(it -> line.add("" + it.pid()));
    assertThat(line).hasSize(4); // both halves
    new ProcessBuilder(line).start().waitFor();
  }

  @Test
  @DisplayName("its guard is killed, and so it: it counts as alive until what it left is undone")
  void guardKilled() throws Exception {
    var dead = dead();
    killGuard();
    holds(dead);
  }

  @Test
  @DisplayName("it dies, and then its guard that waits: it counts as alive until that is undone")
  void guardKilledMeanwhile() throws Exception {
    var dead = dead();
    Rig.kill(guarded.id().pid(), "KILL");
    Await.until(
        () -> {
          try (var files = Files.newDirectoryStream(folder, "*.pid")) {
            assertThat(files).allSatisfy(file -> assertThat(file).hasContent("gone"));
          }
        });
    killGuard();
    holds(dead);
  }
}
