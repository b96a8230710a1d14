package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.checkpoint.Tail.Piece;
import io.understudy.model.Epoch;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Writers follow each other, each with a log that has all that was committed and perhaps more, and
 * die at any moment. What is restored is never made of two logs.
 */
class TailHistoryTest {
  private static final int HISTORIES = 20_000;
  private static final int WRITERS = 6;

  @Test
  @DisplayName(
      "[25] whatever writers left behind, one log is restored, with all that was committed")
  void oneLog() {
    for (int seed = 1; seed <= HISTORIES; seed++) {
      new History(seed).play();
    }
  }

  /** A log: the epoch of each update, from the first on. */
  private record Log(List<Epoch> epochs) {
    Log {
      epochs = List.copyOf(epochs);
    }

    long end() {
      return epochs.size();
    }

    Position at(long sequence) {
      return sequence == 0 ? Position.NONE : new Position(epochs.get((int) sequence - 1), sequence);
    }

    Log upTo(long sequence) {
      return new Log(epochs.subList(0, (int) sequence));
    }

    Log plus(Epoch epoch, int updates) {
      var more = new ArrayList<>(epochs);
      for (int i = 0; i < updates; i++) {
        more.add(epoch);
      }
      return new Log(more);
    }

    boolean startsWith(Log other) {
      return end() >= other.end() && upTo(other.end()).equals(other);
    }

    Lineage lineage() {
      var all = new ArrayList<Position>();
      for (long sequence = 1; sequence <= end(); sequence++) {
        all.add(at(sequence));
      }
      return Lineage.of(Position.NONE, all);
    }

    @Override
    public String toString() {
      return epochs.stream().map(Epoch::toString).collect(Collectors.joining());
    }
  }

  private record Row(long writer, Piece piece) {}

  private record Snapshot(Log log) {
    Position at() {
      return log.at(log.end());
    }
  }

  private static final class History {
    private final int seed;
    private final Random random;
    private final List<Row> rows = new ArrayList<>();
    private final List<Snapshot> snapshots =
        new ArrayList<>(List.of(new Snapshot(new Log(List.of()))));
    private final List<Log> logs = new ArrayList<>(List.of(new Log(List.of())));
    private final StringBuilder told = new StringBuilder();
    private Log committed = new Log(List.of());
    private long ids;

    History(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    void play() {
      for (long writer = 1; writer <= WRITERS; writer++) {
        write(new Epoch(writer));
        check();
      }
    }

    /** From the claim to the death. */
    private void write(Epoch writer) {
      var log = inherited();
      logs.add(log);
      tell("writer %s has %s", writer, log);
      var stored = correct(writer, log);
      for (int step = random.nextInt(5); stored >= 0 && step > 0; step--) {
        log = log.plus(writer, 1 + random.nextInt(3));
        logs.add(log);
        stored = append(writer, log, stored + 1);
        check();
        if (random.nextBoolean()) {
          committed =
              log.upTo(committed.end() + random.nextInt((int) (stored - committed.end()) + 1));
          tell("committed %s", committed);
        }
        if (random.nextInt(3) == 0) {
          save(log.upTo(random.nextInt((int) committed.end() + 1)));
        }
      }
      logs.add(stored < 0 ? log : log.plus(writer, random.nextInt(3))); // not all of it was stored
    }

    /** What is in some copy, or what the Checkpoint Server has when no copy is left. */
    private Log inherited() {
      if (random.nextInt(4) == 0) {
        return restored();
      }
      var possible = logs.stream().filter(log -> log.startsWith(committed)).toList();
      var log = possible.get(random.nextInt(possible.size()));
      var most = (int) (log.end() - committed.end());
      return log.upTo(committed.end() + random.nextInt(most + 1));
    }

    /** Sends what differs; -1 when it dies before it has. */
    private long correct(Epoch writer, Log log) {
      var common = tail().lineage().common(log.lineage());
      if (common.isEmpty()) {
        committed = log;
        save(log);
        return log.end();
      }
      var stored = common.get().sequence();
      while (stored < log.end()) {
        if (random.nextInt(6) == 0) {
          return -1;
        }
        var to = Math.min(log.end(), stored + 1 + random.nextInt(3));
        stored = append(writer, log.upTo(to), stored + 1);
        check();
      }
      return stored;
    }

    private long append(Epoch writer, Log log, long first) {
      var from = first;
      while (from <= log.end()) {
        var to = from;
        while (to < log.end() && log.at(to + 1).epoch().equals(log.at(from).epoch())) {
          to++;
        }
        var piece = new Piece(++ids, log.at(from).epoch(), from, to);
        rows.add(new Row(writer.value(), piece));
        tell("row of %s: %s:%d-%d", writer, piece.epoch(), from, to);
        from = to + 1;
      }
      return log.end();
    }

    private void save(Log log) {
      if (log.end() < snapshots.getLast().log().end()) {
        return;
      }
      tell("snapshot %s", log);
      snapshots.add(new Snapshot(log));
      if (snapshots.size() > 2) {
        snapshots.removeFirst();
        var oldest = snapshots.getFirst().log().end();
        rows.removeIf(row -> row.piece().last() < oldest);
      }
    }

    private Tail tail() {
      return tail(snapshots.getLast().at());
    }

    private Tail tail(Position at) {
      return Tail.of(
          at,
          rows.stream()
              .sorted((a, b) -> Long.compare(a.writer(), b.writer())) // the sort is stable
              .map(Row::piece)
              .toList());
    }

    private Log restored() {
      return restored(snapshots.getLast());
    }

    private Log restored(Snapshot snapshot) {
      var log = snapshot.log();
      for (var piece : tail(snapshot.at()).pieces()) {
        assertThat(piece.first()).as(toString()).isEqualTo(log.end() + 1);
        log = log.plus(piece.epoch(), (int) (piece.last() - piece.first() + 1));
      }
      return log;
    }

    private void check() {
      for (var snapshot : snapshots) {
        var restored = restored(snapshot);
        assertThat(restored.startsWith(committed)).as("%s restores %s", this, restored).isTrue();
        assertThat(logs)
            .as("%s restores %s", this, restored)
            .anyMatch(log -> log.startsWith(restored));
      }
    }

    private void tell(String what, Object... values) {
      told.append('\n').append(what.formatted(values));
    }

    @Override
    public String toString() {
      return "history %d:%s\n".formatted(seed, told);
    }
  }
}
