package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.checkpoint.Outcome.Done;
import io.understudy.checkpoint.Outcome.Stale;
import io.understudy.checkpoint.Outcome.Unavailable;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Bytes;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import io.understudy.state.RequestId;
import io.understudy.state.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the Checkpoint Server promises on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CheckpointsSuite {
  static final ModuleId A = new ModuleId("A");
  static final int PATIENCE_SECONDS = 60;

  private final ExecutorService blocking = Executors.newCachedThreadPool();

  JournalSettings journal;
  Checkpoints checkpoints;

  @TempDir Path files;

  abstract JournalSettings startDatabase() throws Exception;

  abstract void stopDatabase() throws Exception;

  @BeforeAll
  final void begin() throws Exception {
    journal = startDatabase();
  }

  @AfterAll
  final void end() throws Exception {
    stopDatabase();
    blocking.shutdown();
  }

  @BeforeEach
  final void fresh() throws SQLException {
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement()) {
      for (var table : List.of("module", "snapshot", "chunk", "update")) {
        statement.execute("DROP TABLE IF EXISTS checkpoint_" + table);
      }
    }
    checkpoints = open();
  }

  @AfterEach
  final void close() {
    checkpoints.close();
  }

  final Checkpoints open() {
    return new Checkpoints(journal, blocking);
  }

  static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static <T> T done(CompletionStage<Outcome<T>> stage) throws Exception {
    return switch (get(stage)) {
      case Done<T>(var value) -> value;
      case Stale<T> stale -> throw new AssertionError(stale);
      case Unavailable<T> unavailable -> throw new AssertionError(unavailable);
    };
  }

  static Epoch epoch(long value) {
    return new Epoch(value);
  }

  static Position at(long epoch, long sequence) {
    return new Position(epoch(epoch), sequence);
  }

  private static Lineage stored(Position snapshot, Position... after) {
    return Lineage.of(snapshot, List.of(after));
  }

  static List<Update> updates(long epoch, long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(
            sequence ->
                new Update(
                    at(epoch, sequence),
                    Optional.of(new RequestId("c", sequence)),
                    Optional.empty(),
                    Bytes.utf8("update %d:%d".formatted(epoch, sequence)),
                    Bytes.utf8("reply " + sequence)))
        .toList();
  }

  @SafeVarargs
  static List<Update> all(List<Update>... parts) {
    return Stream.of(parts).flatMap(List::stream).toList();
  }

  final Path file(byte... bytes) throws IOException {
    return Files.write(Files.createTempFile(files, "snapshot", ""), bytes);
  }

  final Position save(long epoch, Position at, byte... bytes) throws Exception {
    return done(checkpoints.save(A, epoch(epoch), at, file(bytes), progress -> {}));
  }

  final Restored load(long epoch) throws Exception {
    return load(epoch, 0);
  }

  private Restored load(long epoch, long predecessor) throws Exception {
    return done(
        checkpoints.load(
            A, epoch(epoch), epoch(predecessor), files.resolve("loaded"), progress -> {}));
  }

  final long number(String sql) throws SQLException {
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Test
  @DisplayName("[26] nothing stored - load => nothing, and no file")
  void nothingIsStored() throws Exception {
    assertThat(load(1)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
    assertThat(files.resolve("loaded")).doesNotExist();
    assertThat(done(checkpoints.claim(A, epoch(1)))).isEqualTo(stored(Position.NONE));
  }

  @Test
  @DisplayName("[20] a snapshot of many pieces and updates after it => both come back")
  void whatIsStoredComesBack() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    var bytes = new byte[3 * Checkpoints.CHUNK_BYTES + 17];
    new Random(1).nextBytes(bytes);
    Arrays.fill(bytes, 0, Checkpoints.CHUNK_BYTES, (byte) 7); // one that gets shorter
    done(checkpoints.append(A, epoch(1), updates(1, 1, 9)));
    var steps = new ArrayList<Long>();
    done(checkpoints.save(A, epoch(1), at(1, 7), file(bytes), steps::add));
    assertThat(steps).hasSize(4).isSorted().endsWith((long) bytes.length);
    done(checkpoints.append(A, epoch(1), updates(1, 10, 12)));
    assertThat(done(checkpoints.claim(A, epoch(2)))).isEqualTo(stored(at(1, 7), at(1, 12)));
    assertThat(load(2)).isEqualTo(new Restored(at(1, 7), bytes.length, updates(1, 8, 12)));
    assertThat(files.resolve("loaded")).hasBinaryContent(bytes);
  }

  @Test
  @DisplayName("[20] an empty snapshot, and a large update => they come back")
  void extremes() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    save(1, at(1, 1));
    var bytes = new byte[1 << 20];
    new Random(2).nextBytes(bytes);
    var large =
        new Update(at(1, 2), Optional.empty(), Optional.empty(), Bytes.of(bytes), Bytes.EMPTY);
    done(checkpoints.append(A, epoch(1), List.of(large)));
    assertThat(load(1)).isEqualTo(new Restored(at(1, 1), 0, List.of(large)));
  }

  @Test
  @DisplayName("[25] a higher epoch has claimed => the stale writer stores nothing (I4)")
  void staleWritersAreRefused() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    save(1, at(1, 3), (byte) 1);
    done(checkpoints.append(A, epoch(1), updates(1, 4, 5)));
    done(checkpoints.claim(A, epoch(2)));
    var append = checkpoints.append(A, epoch(1), updates(1, 6, 6));
    assertThat(get(append)).isEqualTo(new Stale<>(epoch(2)));
    var save = checkpoints.save(A, epoch(1), at(1, 6), file((byte) 2), progress -> {});
    assertThat(get(save)).isEqualTo(new Stale<>(epoch(2)));
    assertThat(get(checkpoints.claim(A, epoch(1)))).isEqualTo(new Stale<>(epoch(2)));
    assertThat(load(2)).isEqualTo(new Restored(at(1, 3), 1, updates(1, 4, 5)));
  }

  @Test
  @DisplayName("[25] claimed while a snapshot is being stored => nobody ever sees it")
  void claimedWhileStoring() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    var bytes = new byte[3 * Checkpoints.CHUNK_BYTES];
    try (var successor = open()) {
      var save =
          checkpoints.save(
              A,
              epoch(1),
              at(1, 3),
              file(bytes),
              stored -> {
                try {
                  done(successor.claim(A, epoch(2)));
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(get(save)).isEqualTo(new Stale<>(epoch(2)));
      assertThat(load(2)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
    }
    save(2, at(2, 1), (byte) 1);
    assertThat(number("SELECT COUNT(*) FROM checkpoint_chunk")).as("left over").isEqualTo(1);
  }

  @Test
  @DisplayName("[25] a snapshot fails on its way, again and again => one attempt's rows are left")
  void failedSaves() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    var bytes = new byte[3 * Checkpoints.CHUNK_BYTES];
    for (var attempt = 0; attempt < 3; attempt++) {
      breaksOff(bytes);
    }
    assertThat(number("SELECT COUNT(*) FROM checkpoint_snapshot")).isEqualTo(1);
    assertThat(number("SELECT COUNT(*) FROM checkpoint_chunk")).isEqualTo(1);
    save(1, at(1, 3), (byte) 1);
    assertThat(number("SELECT COUNT(*) FROM checkpoint_snapshot")).isEqualTo(1);
  }

  private void breaksOff(byte... bytes) throws IOException {
    var save =
        checkpoints.save(
            A,
            epoch(1),
            at(1, 3),
            file(bytes),
            stored -> {
              throw new IllegalStateException("the connection breaks");
            });
    assertThat(save.toCompletableFuture()).failsWithin(Duration.ofMinutes(1));
  }

  @Test
  @DisplayName("[25] the database has no room left but for what a failed save left => the next has")
  void makesRoomFirst() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement()) {
      statement.execute("CREATE UNIQUE INDEX room_for_one ON checkpoint_snapshot (module)");
    }
    breaksOff((byte) 1);
    save(1, at(1, 3), (byte) 2);
    assertThat(load(1)).isEqualTo(new Restored(at(1, 3), 1, List.of()));
  }

  @Test
  @DisplayName("[25] a later writer's log differs => its updates take the place of the others")
  void laterWritersReplace() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    done(checkpoints.append(A, epoch(1), updates(1, 1, 5)));
    assertThat(done(checkpoints.claim(A, epoch(2)))).isEqualTo(stored(Position.NONE, at(1, 5)));
    var log = all(updates(1, 3, 3), updates(2, 4, 4));
    assertThat(done(checkpoints.append(A, epoch(2), log))).isEqualTo(at(2, 4));
    done(checkpoints.append(A, epoch(2), log)); // sent again
    assertThat(load(2).tail()).isEqualTo(all(updates(1, 1, 3), updates(2, 4, 4)));
    assertThat(done(checkpoints.claim(A, epoch(3))))
        .isEqualTo(stored(Position.NONE, at(1, 3), at(2, 4)));
  }

  @Test
  @DisplayName("[25] updates that leave a gap => refused, not stored")
  void gapsAreRefused() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    done(checkpoints.append(A, epoch(1), updates(1, 1, 2)));
    assertThat(get(checkpoints.append(A, epoch(1), updates(1, 4, 4))))
        .isInstanceOfSatisfying(
            Unavailable.class,
            refused -> assertThat(refused.reason()).contains("update 4 does not follow", "1:2"));
    assertThat(load(1).end()).isEqualTo(at(1, 2));
  }

  @Test
  @DisplayName("[25] five snapshots => the last two are kept, and the updates after the older")
  void prunes() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    for (var sequence = 1; sequence <= 5; sequence++) {
      done(checkpoints.append(A, epoch(1), updates(1, sequence, sequence)));
      save(1, at(1, sequence), (byte) sequence);
    }
    assertThat(number("SELECT COUNT(*) FROM checkpoint_snapshot")).isEqualTo(2);
    assertThat(number("SELECT COUNT(*) FROM checkpoint_chunk")).isEqualTo(2);
    assertThat(number("SELECT COUNT(*) FROM checkpoint_update"))
        .as("the update after the older one, and the one that it ends with")
        .isEqualTo(2);
    assertThat(load(1)).isEqualTo(new Restored(at(1, 5), 1, List.of()));
  }

  @Test
  @DisplayName("[26] the newest snapshot is damaged => the one before it and the updates since")
  void passesOverDamage() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    done(checkpoints.append(A, epoch(1), updates(1, 1, 3)));
    save(1, at(1, 1), (byte) 1);
    save(1, at(1, 3), (byte) 3);
    done(checkpoints.append(A, epoch(1), updates(1, 4, 4)));
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement()) {
      statement.execute(
          "DELETE FROM checkpoint_chunk WHERE snapshot = (SELECT snapshot FROM checkpoint_module)");
    }
    assertThat(load(1)).isEqualTo(new Restored(at(1, 1), 1, updates(1, 2, 4)));
  }

  @Test
  @DisplayName(
      "[26] there is no room for the newest snapshot here => nothing older is taken for it")
  void noRoom() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    save(1, at(1, 1));
    save(1, at(1, 3), (byte) 3);
    var full = checkpoints.load(A, epoch(1), Path.of("/dev/full"), progress -> {});
    assertThat(get(full)).isInstanceOf(Unavailable.class);
    assertThat(load(1)).isEqualTo(new Restored(at(1, 3), 1, List.of()));
  }

  @Test
  @DisplayName("[25] a module is gone => nothing is left to another of its name, nor can it write")
  void forgets() throws Exception {
    done(checkpoints.claim(A, epoch(9)));
    done(checkpoints.append(A, epoch(9), updates(9, 1, 2)));
    save(9, at(9, 1), (byte) 1);
    done(checkpoints.forget(A, epoch(9)));
    for (var table : List.of("snapshot", "chunk", "update")) {
      assertThat(number("SELECT COUNT(*) FROM checkpoint_" + table)).as(table).isZero();
    }
    assertThat(get(checkpoints.append(A, epoch(9), updates(9, 3, 3))))
        .isEqualTo(new Stale<>(epoch(10)));
    assertThat(load(10)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
    done(checkpoints.append(A, epoch(10), updates(10, 1, 1)));
    save(10, at(10, 1), (byte) 2);
    done(checkpoints.forget(A, epoch(9))); // once more, by the next manager
    done(checkpoints.append(A, epoch(10), updates(10, 2, 2)));
    assertThat(load(10)).isEqualTo(new Restored(at(10, 1), 1, updates(10, 2, 2)));
  }

  @Test
  @DisplayName("[25] another of its name is first => it finds nothing, and then loses nothing")
  void forgetsLate() throws Exception {
    leftAt9();
    assertThat(load(10, 9)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
    done(checkpoints.append(A, epoch(10), updates(10, 1, 1)));
    save(10, at(10, 1), (byte) 2);
    done(checkpoints.append(A, epoch(10), updates(10, 2, 2)));
    done(checkpoints.forget(A, epoch(9)));
    done(checkpoints.append(A, epoch(10), updates(10, 3, 3)));
    assertThat(get(checkpoints.append(A, epoch(9), updates(9, 4, 4))))
        .isEqualTo(new Stale<>(epoch(10)));
    assertThat(done(checkpoints.claim(A, epoch(11), epoch(9))))
        .isEqualTo(stored(at(10, 1), at(10, 3)));
    assertThat(load(11, 9)).isEqualTo(new Restored(at(10, 1), 1, updates(10, 2, 3)));
    assertThat(number("SELECT COUNT(*) FROM checkpoint_snapshot")).isOne();
  }

  @Test
  @DisplayName("[25] another of its name claims it, and does not load => it finds nothing either")
  void forgetsAtAClaim() throws Exception {
    leftAt9();
    assertThat(done(checkpoints.claim(A, epoch(10), epoch(9)))).isEqualTo(stored(Position.NONE));
    assertThat(load(10, 9)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
  }

  @Test
  @DisplayName("[25] it was cut short while it was forgotten => another of its name finds nothing")
  void forgetsTheRest() throws Exception {
    leftAt9();
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement()) {
      statement.execute("UPDATE checkpoint_module SET epoch = 10, snapshot = 0, previous = 0");
    }
    assertThat(load(10, 9)).isEqualTo(new Restored(Position.NONE, 0, List.of()));
  }

  /** Of a module that is gone: a snapshot, and an update after it. */
  private void leftAt9() throws Exception {
    done(checkpoints.claim(A, epoch(9)));
    done(checkpoints.append(A, epoch(9), updates(9, 1, 2)));
    save(9, at(9, 1), (byte) 1);
    done(checkpoints.append(A, epoch(9), updates(9, 3, 3)));
  }
}
