package io.understudy.checkpoint;

import io.understudy.model.Epoch;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which of the stored updates follow a snapshot. Nothing is deleted when a writer of a later epoch
 * has another log than the one before it: the later writer's rows take the place of those of the
 * earlier one here.
 *
 * @param pieces without a gap, the first one follows {@code at}
 */
record Tail(Position at, List<Piece> pieces) {
  /** The updates of one row, or some of them. */
  record Piece(long row, Epoch epoch, long first, long last) {
    Piece from(long sequence) {
      return new Piece(row, epoch, Math.max(first, sequence), last);
    }

    Piece upTo(long sequence) {
      return new Piece(row, epoch, first, Math.min(last, sequence));
    }

    boolean isEmpty() {
      return first > last;
    }

    Position end() {
      return new Position(epoch, last);
    }
  }

  Tail {
    pieces = List.copyOf(pieces);
  }

  /**
   * What follows the snapshot.
   *
   * @param rows all there are, those before the snapshot too, since they say which of the later
   *     ones have been replaced; in the order of their writers' epochs, and of one writer in that
   *     of their writing
   */
  static Tail of(Position at, List<Piece> rows) {
    var log = new Log(at);
    rows.forEach(log::add);
    return new Tail(at, log.after());
  }

  Position end() {
    return pieces.isEmpty() ? at : pieces.getLast().end();
  }

  Lineage lineage() {
    return Lineage.of(at, pieces.stream().map(Piece::end).toList());
  }

  /** The log that the rows make, as the last of their writers left it. */
  private static final class Log {
    private final Position at;

    /** In order; up to the snapshot there may be gaps, since what is older is dropped. */
    private final List<Piece> pieces = new ArrayList<>();

    Log(Position at) {
      this.at = at;
    }

    void add(Piece row) {
      var fresh = row.from(differs(row));
      if (!fresh.isEmpty() && follows(fresh)) {
        cut(fresh.first());
        pieces.add(fresh);
      }
    }

    /** The row's first sequence that is not here under the same epoch. */
    private long differs(Piece row) {
      var next = row.first();
      while (next <= row.last()) {
        var here = with(next).filter(piece -> piece.epoch().equals(row.epoch()));
        if (here.isEmpty()) {
          return next;
        }
        next = here.get().last() + 1;
      }
      return next;
    }

    /**
     * Whether it goes on from what is here, and not from what has been replaced. Before the
     * snapshot what is here may have been replaced itself, by rows that have been dropped.
     */
    private boolean follows(Piece row) {
      var last = pieces.isEmpty() ? 0 : pieces.getLast().last();
      var before = row.first() - 1;
      if (before > Math.max(last, at.sequence())) {
        return false;
      }
      var epoch = with(before).map(Piece::epoch);
      return before < at.sequence()
          || (before == at.sequence()
              ? followsSnapshot(row, epoch)
              : epoch.filter(it -> it.compareTo(row.epoch()) > 0).isEmpty());
    }

    /** Not if it goes on from a row that has another update in the place of the snapshot's last. */
    private boolean followsSnapshot(Piece row, Optional<Epoch> here) {
      var goesOn = here.filter(row.epoch()::equals).isPresent();
      return row.epoch().equals(at.epoch()) || (row.epoch().compareTo(at.epoch()) > 0 && !goesOn);
    }

    /** From the end, since most rows go on there. */
    private Optional<Piece> with(long sequence) {
      for (var piece : pieces.reversed()) {
        if (piece.last() < sequence) {
          return Optional.empty();
        }
        if (piece.first() <= sequence) {
          return Optional.of(piece);
        }
      }
      return Optional.empty();
    }

    /** Removes what stands from this sequence on. */
    private void cut(long sequence) {
      while (!pieces.isEmpty() && pieces.getLast().last() >= sequence) {
        var left = pieces.removeLast().upTo(sequence - 1);
        if (!left.isEmpty()) {
          pieces.add(left);
        }
      }
    }

    /** Nothing, if the snapshot is of a later log than what there is at its place. */
    List<Piece> after() {
      var next = at.sequence() + 1;
      var across = with(next).filter(piece -> piece.first() < next);
      return across.filter(piece -> !piece.epoch().equals(at.epoch())).isPresent()
          ? List.of()
          : pieces.stream().map(piece -> piece.from(next)).filter(p -> !p.isEmpty()).toList();
    }
  }
}
