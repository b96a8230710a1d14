package io.understudy.checkpoint;

import io.understudy.checkpoint.Outcome.Done;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Position;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;

/**
 * A program that stores a state and restores it, as two hosts with small heaps would. Arguments:
 * the database, a folder, bytes.
 */
final class LargeState {
  private LargeState() {}

  public static void main(String[] arguments) throws Exception {
    var folder = Path.of(arguments[1]);
    var file = write(folder.resolve("state"), Long.parseLong(arguments[2]));
    var into = folder.resolve("restored");
    var module = new ModuleId("large");
    var at = new Position(new Epoch(1), 7);
    try (var blocking = Executors.newCachedThreadPool();
        var checkpoints = new Checkpoints(new JournalSettings(arguments[0], "sa", ""), blocking)) {
      done(checkpoints.claim(module, new Epoch(1)));
      for (var round = 0; round < 3; round++) { // the third one prunes the first
        var begun = System.nanoTime();
        done(checkpoints.save(module, new Epoch(1), at, file, bytes -> {}));
        say("stored", begun);
      }
      var begun = System.nanoTime();
      done(checkpoints.load(module, new Epoch(2), into, bytes -> {}));
      say("restored", begun);
    }
    if (Files.mismatch(file, into) != -1) {
      throw new IllegalStateException("what was restored differs from what was stored");
    }
  }

  private static void say(String what, long begun) {
    System.out.printf("%s in %d ms%n", what, (System.nanoTime() - begun) / 1_000_000);
  }

  private static <T> void done(java.util.concurrent.CompletionStage<Outcome<T>> stage) {
    if (!(stage.toCompletableFuture().join() instanceof Done<T>)) {
      throw new IllegalStateException(stage.toString());
    }
  }

  /** Half of it can be compressed. */
  private static Path write(Path file, long bytes) throws IOException {
    var random = new SplittableRandom(1);
    try (var out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
      for (var left = bytes; left > 0; left -= 2 * Long.BYTES) {
        out.writeLong(random.nextLong());
        out.writeLong(0);
      }
    }
    return file;
  }
}
