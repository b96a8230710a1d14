package io.understudy.checkpoint;

import io.understudy.checkpoint.Outcome.Done;
import io.understudy.checkpoint.Outcome.Stale;
import io.understudy.checkpoint.Outcome.Unavailable;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import io.understudy.state.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Checkpoint Server as a host uses it: what it answers as done survives the death of any
 * process. Whoever writes for a module has claimed it; one module has one writer at a time, which
 * waits for an answer before it writes again. Repeating what was not answered is harmless. Safe to
 * use from any thread; no stage fails.
 */
public final class Checkpoints implements AutoCloseable {
  /** Of a snapshot's file in each row, in bytes, before it is compressed. */
  static final int CHUNK_BYTES = Store.ROW_BYTES;

  private static final int ROWS_AT_ONCE = 64;

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final JournalSettings journal;
  private final Store store;
  private final Executor blocking;

  private interface Work<T> {
    Outcome<T> run() throws SQLException, IOException;
  }

  /**
   * Connects to nothing yet.
   *
   * @param journal the database, that of the replication table
   * @param blocking may wait for the database; a snapshot keeps one of its threads as long as it
   *     takes
   */
  public Checkpoints(JournalSettings journal, Executor blocking) {
    this.journal = journal;
    this.store = new Store(journal);
    this.blocking = blocking;
  }

  @Override
  public void close() {
    store.close();
  }

  /**
   * Refuses writers of lower epochs from now on: what they have not been told is durable by then
   * never will be.
   *
   * @param predecessor the last epoch of the module that had this name before: what is stored up to
   *     there is forgotten first, if it is not yet
   * @return which updates are stored, from the newest snapshot on
   */
  public CompletionStage<Outcome<Lineage>> claim(ModuleId module, Epoch epoch, Epoch predecessor) {
    return run(() -> claimed(module, epoch, predecessor, () -> new Done<>(tail(module).lineage())));
  }

  /** Of a name that no module had before. */
  public CompletionStage<Outcome<Lineage>> claim(ModuleId module, Epoch epoch) {
    return claim(module, epoch, Epoch.NONE);
  }

  /**
   * Claims the module, and reads what there is of it. A snapshot that turns out to be damaged is
   * passed over for the one before it.
   *
   * @param predecessor as in {@link #claim(ModuleId, Epoch, Epoch)}
   * @param into the snapshot's file, made anew; there is none if there is no snapshot
   * @param progress hears how many bytes of it have been written
   */
  public CompletionStage<Outcome<Restored>> load(
      ModuleId module, Epoch epoch, Epoch predecessor, Path into, LongConsumer progress) {
    return run(
        () ->
            claimed(module, epoch, predecessor, () -> new Done<>(restore(module, into, progress))));
  }

  /** Of a name that no module had before. */
  public CompletionStage<Outcome<Restored>> load(
      ModuleId module, Epoch epoch, Path into, LongConsumer progress) {
    return load(module, epoch, Epoch.NONE, into, progress);
  }

  /**
   * Stores a snapshot: it is there as a whole or not at all. Of older ones the last is kept.
   *
   * @param at the last update that is in it
   * @param file does not change meanwhile
   * @param progress hears how many bytes of the file are stored
   */
  public CompletionStage<Outcome<Position>> save(
      ModuleId module, Epoch writer, Position at, Path file, LongConsumer progress) {
    return run(
        () -> {
          var written = write(module, writer, at, file, progress);
          if (!written) {
            return stale(module);
          }
          store.prune(module);
          return new Done<>(at);
        });
  }

  /**
   * Stores updates. They take the place of what is there from the first one's sequence on, if that
   * differs, and must follow what is there without a gap.
   *
   * @return the last one's position
   */
  public CompletionStage<Outcome<Position>> append(
      ModuleId module, Epoch writer, List<Update> updates) {
    return run(
        () -> {
          for (var batch : Batch.of(updates)) {
            if (!store.append(module, writer, batch)) {
              return refused(module, writer, batch);
            }
          }
          return new Done<>(updates.isEmpty() ? Position.NONE : updates.getLast().at());
        });
  }

  /**
   * Removes what is stored of a module that is gone, and refuses its writers from now on. Another
   * one of its name has higher epochs, and what it has stored by now stays; it does not depend on
   * this, since who claims that one says up to which epoch nothing is its own.
   *
   * @param last the last epoch of the module that is gone
   */
  public CompletionStage<Outcome<ModuleId>> forget(ModuleId module, Epoch last) {
    return run(
        () -> {
          store.forget(module, last);
          return new Done<>(module);
        });
  }

  private <T> CompletionStage<Outcome<T>> run(Work<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.run();
          } catch (SQLException e) {
            store.doubt();
            return unavailable(e);
          } catch (IOException e) { // of a file here, or of what is stored: no connection failed
            return unavailable(e);
          }
        },
        blocking);
  }

  private <T> Outcome<T> unavailable(Exception e) {
    return new Unavailable<>(
        "the Checkpoint Server at %s: %s".formatted(journal.shown(), reason(e)));
  }

  private static String reason(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }

  /**
   * Each claim forgets what is not the module's, and not the first one alone: that one may have
   * been cut short, when the predecessor's updates were still there and its epoch was not.
   */
  private <T> Outcome<T> claimed(ModuleId module, Epoch epoch, Epoch predecessor, Work<T> then)
      throws SQLException, IOException {
    if (!predecessor.equals(Epoch.NONE)) {
      store.forget(module, predecessor);
    }
    var claimed =
        store.raise(module, epoch)
            || (store.module(module).isEmpty() && store.create(module, epoch))
            || store.raise(module, epoch); // another one has just created it
    return claimed ? then.run() : stale(module);
  }

  private <T> Outcome<T> stale(ModuleId module) throws SQLException {
    return new Stale<>(store.module(module).map(Store.Module::epoch).orElse(Epoch.NONE));
  }

  private <T> Outcome<T> refused(ModuleId module, Epoch writer, Batch batch) throws SQLException {
    var claimed = store.module(module).map(Store.Module::epoch).orElse(Epoch.NONE);
    return claimed.equals(writer)
        ? new Unavailable<>(
            "module %s: update %d does not follow what the Checkpoint Server has, up to %s"
                .formatted(module, batch.first(), tail(module).end()))
        : new Stale<>(claimed);
  }

  private boolean write(
      ModuleId module, Epoch writer, Position at, Path file, LongConsumer progress)
      throws SQLException, IOException {
    store.dropUnfinished(module, writer); // before anything needs room
    var id = store.begin(module, writer, at, Files.size(file));
    if (id.isEmpty()) {
      return false;
    }
    var buffer = new byte[CHUNK_BYTES];
    var stored = 0L;
    try (var in = Files.newInputStream(file)) {
      var number = 0;
      for (var length = in.readNBytes(buffer, 0, CHUNK_BYTES);
          length > 0;
          length = in.readNBytes(buffer, 0, CHUNK_BYTES)) {
        if (!store.chunk(id.get(), writer, number++, Packed.pack(buffer, length))) {
          return false;
        }
        stored += length;
        progress.accept(stored);
      }
    }
    return store.publish(module, writer, id.get());
  }

  private Tail tail(ModuleId module) throws SQLException {
    for (long id : store.module(module).map(Store.Module::snapshots).orElse(List.of())) {
      var snapshot = store.snapshot(module, id);
      if (snapshot.isPresent()) {
        return tail(module, snapshot.get().at());
      }
    }
    return tail(module, Position.NONE);
  }

  private Tail tail(ModuleId module, Position at) throws SQLException {
    return Tail.of(at, store.rows(module));
  }

  private Restored restore(ModuleId module, Path into, LongConsumer progress)
      throws SQLException, IOException {
    var ids = store.module(module).map(Store.Module::snapshots).orElse(List.of());
    var damage = Optional.<Damage>empty();
    for (long id : ids) {
      try {
        return restore(module, id, into, progress);
      } catch (Damage e) {
        LOG.error("module {}: snapshot {} cannot be restored: {}", module, id, e.getMessage());
        damage = Optional.of(e);
      }
    }
    if (damage.isPresent()) {
      throw damage.get();
    }
    Files.deleteIfExists(into);
    return new Restored(Position.NONE, 0, updates(module, tail(module, Position.NONE)));
  }

  private Restored restore(ModuleId module, long id, Path into, LongConsumer progress)
      throws SQLException, IOException {
    var snapshot =
        store
            .snapshot(module, id)
            .orElseThrow(() -> new Damage("snapshot %d is not there".formatted(id)));
    var written = 0L;
    try (var out = Files.newOutputStream(into)) {
      for (var number = 0; written < snapshot.bytes(); number++) {
        var bytes = chunk(snapshot, number);
        out.write(bytes);
        written += bytes.length;
        progress.accept(written);
      }
    }
    return new Restored(
        snapshot.at(), snapshot.bytes(), updates(module, tail(module, snapshot.at())));
  }

  private byte[] chunk(Store.Snapshot snapshot, int number) throws SQLException, Damage {
    var packed = store.chunk(snapshot.id(), number);
    if (packed.isEmpty()) {
      throw new Damage("snapshot %d lacks its piece %d".formatted(snapshot.id(), number));
    }
    try {
      return Packed.unpack(packed.get());
    } catch (IOException e) {
      throw new Damage(e);
    }
  }

  private List<Update> updates(ModuleId module, Tail tail) throws SQLException, Damage {
    var updates = new ArrayList<Update>();
    for (var from = 0; from < tail.pieces().size(); from += ROWS_AT_ONCE) {
      var to = Math.min(from + ROWS_AT_ONCE, tail.pieces().size());
      var pieces = tail.pieces().subList(from, to);
      var payloads = store.payloads(module, pieces);
      for (var piece : pieces) {
        updates.addAll(updates(piece, Optional.ofNullable(payloads.get(piece.row()))));
      }
    }
    return updates;
  }

  private static List<Update> updates(Tail.Piece piece, Optional<byte[]> payload) throws Damage {
    if (payload.isEmpty()) {
      throw new Damage("row %d is not there".formatted(piece.row()));
    }
    try {
      return Batch.fromBytes(payload.get()).updates().stream()
          .filter(update -> update.sequence() >= piece.first())
          .filter(update -> update.sequence() <= piece.last())
          .toList();
    } catch (IOException e) {
      throw new Damage(e);
    }
  }

  /**
   * What is stored is not as it was. Nothing else is a reason to restore less: a file that cannot
   * be written here may be written a moment later.
   */
  private static final class Damage extends IOException {
    private static final long serialVersionUID = 1L;

    Damage(String what) {
      super(what);
    }

    Damage(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
