package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.checkpoint.Checkpoints;
import io.understudy.checkpoint.Database;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Input;
import io.understudy.state.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a copy has to do with the Checkpoint Server. */
class StateDeskTest {
  private static final ModuleId A = new ModuleId("A");
  private static final Epoch EPOCH = new Epoch(1);

  @TempDir Path folder;

  @Test
  @DisplayName("[27] a load breaks off half way => it fails, and leaves nothing of the state here")
  void brokenOff() throws Exception {
    var journal = new JournalSettings("jdbc:h2:file:%s/journal".formatted(folder), "sa", "");
    try (var blocking = Executors.newCachedThreadPool();
        var checkpoints = new Checkpoints(journal, blocking)) {
      var state = Files.write(folder.resolve("state"), new byte[200_000]);
      checkpoints.claim(A, EPOCH).toCompletableFuture().join();
      var at = new Position(EPOCH, 7);
      checkpoints.save(A, EPOCH, at, state, stored -> {}).toCompletableFuture().join();
      try (var connection = Database.connect(journal);
          var statement = connection.createStatement()) {
        assertThat(statement.executeUpdate("DELETE FROM checkpoint_chunk WHERE number = 1"))
            .isEqualTo(1);
      }
      var copies = folder.resolve("copies");
      var desk =
          new StateDesk(
              A, Epoch.NONE, Optional.of(checkpoints), new SnapshotFiles(copies, 1, blocking));
      assertThat(desk.load(EPOCH).toCompletableFuture().join())
          .isInstanceOf(Input.CheckpointFailed.class);
      Await.until(() -> assertThat(files(copies.resolve("1"))).isEmpty());
    }
  }

  private static List<Path> files(Path folder) {
    try (var all = Files.list(folder)) {
      return all.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
