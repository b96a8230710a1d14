package io.understudy.watchdog;

import io.understudy.checkpoint.Checkpoints;
import io.understudy.checkpoint.Outcome;
import io.understudy.checkpoint.Restored;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Input;
import io.understudy.state.Position;
import io.understudy.state.Update;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * What a copy has to do with the Checkpoint Server, which never gives it the state of a module that
 * had this one's name before.
 */
final class StateDesk {
  private final ModuleId module;
  private final Epoch predecessor;
  private final Optional<Checkpoints> checkpoints;
  private final SnapshotFiles files;
  private volatile Optional<String> doing = Optional.empty();
  private long loads; // one may still be under way when the next begins

  /**
   * Asks for nothing yet.
   *
   * @param predecessor the last epoch of the module that had this name before; a run does not
   *     outlive its module, so that it stays as it is
   */
  StateDesk(
      ModuleId module, Epoch predecessor, Optional<Checkpoints> checkpoints, SnapshotFiles files) {
    this.module = module;
    this.predecessor = predecessor;
    this.checkpoints = checkpoints;
    this.files = files;
  }

  /** What takes its time just now, and gets on. */
  Optional<String> doing() {
    return doing;
  }

  CompletionStage<Input> claim(Epoch epoch) {
    return at(
        server ->
            server
                .claim(module, epoch, predecessor)
                .thenApply(
                    came -> input(came, stored -> new Input.CheckpointClaimed(epoch, stored))),
        Input.CheckpointFailed::new);
  }

  CompletionStage<Input> load(Epoch epoch) {
    return at(
        server -> files.place("loading-" + ++loads).thenCompose(part -> load(server, epoch, part)),
        Input.CheckpointFailed::new);
  }

  private CompletionStage<Input> load(Checkpoints server, Epoch epoch, Path part) {
    return server
        .load(
            module,
            epoch,
            predecessor,
            part,
            bytes -> doing = Optional.of("%d bytes are loaded".formatted(bytes)))
        .whenComplete((came, failure) -> dropUnless(came instanceof Outcome.Done, part))
        .thenCompose(
            came -> {
              doing = Optional.empty();
              return switch (came) {
                case Outcome.Done<Restored>(var restored) -> loaded(epoch, restored, part);
                case Outcome.Stale<Restored>(var claimed) ->
                    now(new Input.CheckpointStale(claimed));
                case Outcome.Unavailable<Restored>(var reason) ->
                    now(new Input.CheckpointFailed(reason));
              };
            });
  }

  /** It is tried again, into another file: this one may be as large as the state. */
  private void dropUnless(boolean done, Path part) {
    if (!done) {
      files.delete(part);
    }
  }

  private CompletionStage<Input> loaded(Epoch epoch, Restored restored, Path part) {
    if (restored.at().equals(Position.NONE)) {
      return now(new Input.CheckpointLoaded(epoch, Optional.empty(), 0, restored.tail()));
    }
    return files
        .take(part, restored.at())
        .thenApply(
            header ->
                new Input.CheckpointLoaded(
                    epoch, Optional.of(header), restored.bytes(), restored.tail()));
  }

  CompletionStage<Input> save(Epoch epoch, Position at) {
    return at(
        server ->
            server
                .save(module, epoch, at, files.of(at).path(), stored -> {})
                .thenApply(came -> input(came, Input.CheckpointSaved::new, failed(at))),
        failed(at));
  }

  CompletionStage<Input> append(Epoch epoch, List<Update> updates) {
    return at(
        server ->
            server
                .append(module, epoch, updates)
                .thenApply(came -> input(came, Input.CheckpointAppended::new)),
        Input.CheckpointFailed::new);
  }

  /** How it is told that a snapshot was not saved. */
  static Function<String, Input> failed(Position at) {
    return reason -> new Input.SaveFailed(at, reason);
  }

  private CompletionStage<Input> at(
      Function<Checkpoints, CompletionStage<Input>> work, Function<String, Input> failed) {
    return checkpoints
        .map(work)
        .orElseGet(
            () ->
                now(
                    failed.apply(
                        "this node knows of no Checkpoint Server: set understudy.journal.url")));
  }

  private static <T> Input input(Outcome<T> came, Function<T, Input> done) {
    return input(came, done, Input.CheckpointFailed::new);
  }

  private static <T> Input input(
      Outcome<T> came, Function<T, Input> done, Function<String, Input> failed) {
    return switch (came) {
      case Outcome.Done<T>(var value) -> done.apply(value);
      case Outcome.Stale<T>(var claimed) -> new Input.CheckpointStale(claimed);
      case Outcome.Unavailable<T>(var reason) -> failed.apply(reason);
    };
  }

  private static CompletionStage<Input> now(Input input) {
    return CompletableFuture.completedFuture(input);
  }
}
