package io.understudy.watchdog;

import io.understudy.state.Bytes;
import io.understudy.state.Input;
import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.Replica;
import io.understudy.state.SnapshotHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The snapshots of one run, in a folder of its own. Whatever touches the disk does so on another
 * thread; what writes, one thing after the other.
 */
final class SnapshotFiles {
  private static final String STORING = "storing.part";

  private final Path folder;
  private final Executor blocking;
  private CompletionStage<?> last;

  /**
   * Those of a run; what earlier runs of the copy have left is deleted.
   *
   * @param all of the copy's runs
   */
  SnapshotFiles(Path all, long run, Executor blocking) {
    this.folder = all.resolve(Long.toString(run));
    this.blocking = blocking;
    this.last =
        CompletableFuture.runAsync(
            () -> {
              deleteTree(all);
              createFolder();
            },
            blocking);
  }

  private void createFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SnapshotFile of(Position at) {
    return SnapshotFile.of(folder, at);
  }

  /** The same as {@link #temporary}, when the folder is there. */
  CompletionStage<Path> place(String name) {
    return inOrder(() -> temporary(name));
  }

  /** Where something is put together; nothing else has the name. */
  Path temporary(String name) {
    return folder.resolve(name + ".part");
  }

  private <T> CompletionStage<T> inOrder(Callable<T> work) {
    var done =
        last.handle((before, failure) -> before)
            .thenApplyAsync(
                before -> {
                  try {
                    return work.call();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                },
                blocking);
    last = done;
    return done;
  }

  CompletionStage<Input> write(SnapshotHeader header, Capturing state) {
    var file = of(header.at());
    return inOrder(() -> new Input.SnapshotWritten(header.at(), file.write(header, state)));
  }

  /** Tells of the whole snapshot when the last piece is in its place. */
  CompletionStage<Input> store(Output.StoreChunk chunk) {
    var part = folder.resolve(STORING);
    return inOrder(
        () -> {
          putOrDrop(part, chunk);
          if (!chunk.last()) {
            return new Input.PieceStored(chunk.at(), chunk.end());
          }
          var file = of(chunk.at());
          Files.move(part, file.path(), StandardCopyOption.ATOMIC_MOVE);
          return new Input.SnapshotStored(file.header(), chunk.total());
        });
  }

  /** What fails begins anew: until then it takes no room, which others may need. */
  private static void putOrDrop(Path part, Output.StoreChunk chunk) throws IOException {
    try {
      put(part, chunk);
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  private static void put(Path part, Output.StoreChunk chunk) throws IOException {
    var options =
        chunk.offset() == 0
            ? Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)
            : Set.of(StandardOpenOption.WRITE);
    try (var out = FileChannel.open(part, options)) {
      if (out.size() < chunk.offset()) {
        throw new IOException("the piece before %d is missing".formatted(chunk.offset()));
      }
      var bytes = chunk.bytes().buffer();
      var at = chunk.offset();
      while (bytes.hasRemaining()) {
        at += out.write(bytes, at);
      }
    }
  }

  CompletionStage<Input> read(Output.ReadChunk chunk) {
    var path = of(chunk.at()).path();
    return CompletableFuture.supplyAsync(() -> piece(path, chunk), blocking);
  }

  private static Input piece(Path path, Output.ReadChunk chunk) {
    try (var in = FileChannel.open(path, StandardOpenOption.READ)) {
      var total = in.size();
      var length = Math.min(Replica.CHUNK_BYTES, Math.max(0, total - chunk.offset()));
      var piece = ByteBuffer.allocate((int) length);
      var read = 0;
      while (piece.hasRemaining() && read >= 0) {
        read = in.read(piece, chunk.offset() + piece.position());
      }
      var bytes = Bytes.wrap(piece.array());
      return new Input.ChunkRead(chunk.to(), chunk.at(), chunk.offset(), total, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a file from the Checkpoint Server as the snapshot of this position. */
  CompletionStage<SnapshotHeader> take(Path part, Position at) {
    return inOrder(
        () -> {
          var file = of(at);
          Files.move(part, file.path(), StandardCopyOption.ATOMIC_MOVE);
          return file.header();
        });
  }

  void keep(Set<Position> these) {
    var names = these.stream().map(at -> of(at).path().getFileName()).collect(Collectors.toSet());
    var unused =
        inOrder(
            () -> {
              try (var all = Files.list(folder)) {
                all.filter(path -> path.toString().endsWith(".snapshot"))
                    .filter(path -> !names.contains(path.getFileName()))
                    .forEach(SnapshotFiles::deleteOne);
              }
              return these;
            });
  }

  /** Of what was captured, and will not be written. */
  void discard(Capturing state) {
    var unused =
        inOrder(
            () -> {
              state.discard();
              return state;
            });
  }

  void delete(Path file) {
    var unused = inOrder(() -> Files.deleteIfExists(file));
  }

  void deleteAll() {
    var unused =
        inOrder(
            () -> {
              deleteTree(folder);
              return folder;
            });
  }

  private static void deleteTree(Path tree) {
    try (Stream<Path> all = Files.walk(tree)) {
      all.sorted(Comparator.reverseOrder()).forEach(SnapshotFiles::deleteOne);
    } catch (IOException | UncheckedIOException nothingThere) {
      return;
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }
}
