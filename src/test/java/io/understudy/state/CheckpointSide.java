package io.understudy.state;

import io.understudy.model.Epoch;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** The Checkpoint Server: one snapshot and the updates after it, fenced by epoch. */
final class CheckpointSide {
  private static final int MOST_SAVING = 300_000; // in µs

  private final GroupSimulation world;
  private final TreeMap<Long, Update> tail = new TreeMap<>();
  private Epoch claimed = Epoch.NONE;
  private Position at = Position.NONE;
  private byte[] snapshot = new byte[0];
  private long downUntil;

  CheckpointSide(GroupSimulation world) {
    this.world = world;
  }

  void outage(long time) {
    downUntil = world.micros() + time;
  }

  void claim(CopySide copy, Epoch epoch) {
    transaction(copy, epoch, () -> new Input.CheckpointClaimed(epoch, lineage()));
  }

  void load(CopySide copy, Epoch epoch) {
    transaction(
        copy,
        epoch,
        () -> {
          Optional<SnapshotHeader> header =
              at.equals(Position.NONE) ? Optional.empty() : Optional.of(copy.keep(snapshot));
          var updates = List.copyOf(tail.values());
          return new Input.CheckpointLoaded(epoch, header, snapshot.length, updates);
        });
  }

  /** A large state takes its time, and its file is opened when others have had theirs. */
  void save(CopySide copy, Epoch epoch, Position position) {
    var waits = world.random.nextInt(4) == 0 ? world.random.nextInt(MOST_SAVING) : 0;
    world.after(waits, () -> saveNow(copy, epoch, position));
  }

  private void saveNow(CopySide copy, Epoch epoch, Position position) {
    transaction(
        copy,
        epoch,
        reason -> new Input.SaveFailed(position, reason),
        () -> {
          var file = copy.toSave(position);
          if (file.isEmpty()) {
            return new Input.SaveFailed(position, "its file is gone");
          }
          var here = tail.get(position.sequence());
          if (!position.equals(at) && (here == null || !here.at().equals(position))) {
            tail.clear(); // it followed another log
          }
          at = position;
          snapshot = file.get();
          tail.headMap(position.sequence(), true).clear();
          return new Input.CheckpointSaved(position);
        });
  }

  void append(CopySide copy, Epoch epoch, List<Update> updates) {
    transaction(
        copy,
        epoch,
        () -> {
          tail.tailMap(updates.getFirst().sequence(), true).clear();
          if (updates.getFirst().sequence() > end().sequence() + 1) {
            throw world.violation("the Checkpoint Server has a gap before " + updates.getFirst());
          }
          updates.forEach(update -> tail.put(update.sequence(), update));
          tail.headMap(at.sequence(), true).clear();
          return new Input.CheckpointAppended(updates.getLast().at());
        });
  }

  private Lineage lineage() {
    return Lineage.of(at, tail.values().stream().map(Update::at).toList());
  }

  private Position end() {
    return tail.isEmpty() ? at : tail.lastEntry().getValue().at();
  }

  /** What was done may be reported as failed: the answer was lost. */
  private void transaction(CopySide copy, Epoch epoch, Supplier<Input> work) {
    transaction(copy, epoch, Input.CheckpointFailed::new, work);
  }

  private void transaction(
      CopySide copy, Epoch epoch, Function<String, Input> failed, Supplier<Input> work) {
    world.after(
        200 + world.random.nextInt(4_000),
        () -> {
          var luck = world.calm() ? 99 : world.random.nextInt(100);
          var refused =
              epoch.compareTo(claimed) < 0 && world.sabotage != Sabotage.CHECKPOINTS_UNFENCED;
          if (world.micros() < downUntil || luck < 3) {
            reply(copy, failed.apply("there is no connection"));
          } else if (refused) {
            reply(copy, new Input.CheckpointStale(claimed));
          } else {
            claimed = epoch.compareTo(claimed) > 0 ? epoch : claimed;
            var done = work.get();
            reply(copy, luck < 6 ? failed.apply("the answer was lost") : done);
          }
        });
  }

  private void reply(CopySide copy, Input answer) {
    world.after(100 + world.random.nextInt(2_000), () -> copy.give(answer));
  }
}
