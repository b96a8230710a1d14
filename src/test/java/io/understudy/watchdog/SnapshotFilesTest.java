package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
import io.understudy.state.Bytes;
import io.understudy.state.Input;
import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.SnapshotHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What snapshots leave in the folder of a run. */
class SnapshotFilesTest {
  private static final Position AT = new Position(new Epoch(1), 7);
  private static final SnapshotHeader HEADER =
      new SnapshotHeader(AT, SnapshotHeader.NONE.clients());

  @TempDir Path folder;

  private SnapshotFiles files() {
    return new SnapshotFiles(folder, 1, Runnable::run);
  }

  private static boolean failed(CompletionStage<?> done) {
    return done.toCompletableFuture().isCompletedExceptionally();
  }

  private Path run() {
    return folder.resolve("1");
  }

  @Test
  @DisplayName("a snapshot is written => it is there under its name, and nothing else")
  void written() {
    var written = files().write(HEADER, out -> out.write(new byte[100]));
    assertThat(written.toCompletableFuture().join())
        .isInstanceOfSatisfying(
            Input.SnapshotWritten.class, it -> assertThat(it.at()).isEqualTo(AT));
    assertThat(run()).isDirectoryContaining("glob:**.snapshot");
    assertThat(run().toFile().list()).hasSize(1);
  }

  @Test
  @DisplayName("the disk is full while a snapshot is written => what there is gives its room back")
  void noRoomToWrite() throws IOException {
    var done =
        files()
            .write(
                HEADER,
                out -> {
                  out.write(new byte[1 << 20]);
                  throw new IOException("No space left on device");
                });
    assertThat(failed(done)).isTrue();
    assertThat(run()).isEmptyDirectory();
  }

  private static ProcessWorker.Uploaded inAFile(SnapshotFiles files) throws IOException {
    return new ProcessWorker.Uploaded(Files.write(files.temporary("put-1"), new byte[100]));
  }

  @Test
  @DisplayName("a state that waits in a file is written => that file is gone")
  void writtenFromAFile() throws IOException {
    var files = files();
    assertThat(failed(files.write(HEADER, inAFile(files)))).isFalse();
    assertThat(run().toFile().list()).containsExactly(files.of(AT).path().getFileName() + "");
  }

  @Test
  @DisplayName("the disk is full before the first byte of it, or nobody wants it => so it is")
  void notWrittenFromAFile() throws IOException {
    var files = files();
    Files.createDirectory(files.of(AT).path().resolveSibling("1-7.snapshot.part"));
    assertThat(failed(files.write(HEADER, inAFile(files)))).isTrue();
    assertThat(run()).isEmptyDirectory();
    files.discard(inAFile(files));
    assertThat(run()).isEmptyDirectory();
  }

  @Test
  @DisplayName("a piece cannot be stored => those before it give their room back")
  void noRoomToStore() throws IOException {
    var files = files();
    assertThat(failed(files.store(piece(0)))).isFalse();
    assertThat(Files.list(run())).hasSize(1);
    assertThat(failed(files.store(piece(900)))).as("a piece is missing").isTrue();
    assertThat(run()).isEmptyDirectory();
  }

  private static Output.StoreChunk piece(long offset) {
    return new Output.StoreChunk(AT, offset, 1_000, Bytes.of(new byte[100]));
  }
}
