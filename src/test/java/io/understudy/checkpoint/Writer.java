package io.understudy.checkpoint;

import io.understudy.checkpoint.Outcome.Done;
import io.understudy.checkpoint.Outcome.Stale;
import io.understudy.checkpoint.Outcome.Unavailable;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import java.util.concurrent.Executors;

/**
 * A program that stores one update after the other, and prints the sequence of each that was
 * acknowledged, until it is stale. Arguments: the database, its epoch.
 */
final class Writer {
  private Writer() {}

  public static void main(String[] arguments) {
    var epoch = Long.parseLong(arguments[1]);
    try (var blocking = Executors.newCachedThreadPool();
        var checkpoints = new Checkpoints(new JournalSettings(arguments[0], "sa", ""), blocking)) {
      var claim = checkpoints.claim(CheckpointsSuite.A, CheckpointsSuite.epoch(epoch));
      var next = ((Done<Lineage>) claim.toCompletableFuture().join()).value().end().sequence() + 1;
      while (write(checkpoints, epoch, next)) {
        System.out.println(next++);
      }
    }
  }

  private static boolean write(Checkpoints checkpoints, long epoch, long next) {
    var updates = CheckpointsSuite.updates(epoch, next, next);
    var stored = checkpoints.append(CheckpointsSuite.A, CheckpointsSuite.epoch(epoch), updates);
    return switch (stored.toCompletableFuture().join()) {
      case Done<Position> done -> true;
      case Unavailable<Position> again -> write(checkpoints, epoch, next);
      case Stale<Position>(var claimed) -> {
        System.out.println("stale " + claimed);
        yield false;
      }
    };
  }
}
