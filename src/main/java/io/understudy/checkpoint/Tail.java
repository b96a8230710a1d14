package io.understudy.checkpoint;

import io.understudy.model.Epoch;
import io.understudy.state.Lineage;
import io.understudy.state.Position;
import java.util.ArrayList;
import java.util.List;

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
   * @param rows in the order of their writers' epochs, and of one writer in that of their writing
   */
  static Tail of(Position at, List<Piece> rows) {
    var pieces = new ArrayList<Piece>();
    for (var row : rows) {
      add(at, pieces, row.from(at.sequence() + 1));
    }
    return new Tail(at, pieces);
  }

  Position end() {
    return end(at, pieces);
  }

  Lineage lineage() {
    return Lineage.of(at, pieces.stream().map(Piece::end).toList());
  }

  private static Position end(Position at, List<Piece> pieces) {
    return pieces.isEmpty() ? at : pieces.getLast().end();
  }

  private static void add(Position at, List<Piece> pieces, Piece row) {
    if (row.isEmpty() || row.first() > end(at, pieces).sequence() + 1) {
      return; // older than the snapshot; or it goes on from what has been replaced
    }
    var fresh = row.from(differs(pieces, row));
    if (fresh.isEmpty()) {
      return; // a batch that was sent again
    }
    if (fresh.epoch().compareTo(epochBefore(at, pieces, fresh.first())) >= 0) {
      cut(pieces, fresh.first());
      pieces.add(fresh);
    }
  }

  /** The row's first sequence that is not here under the same epoch. */
  private static long differs(List<Piece> pieces, Piece row) {
    var next = row.first();
    for (var i = firstWithin(pieces, row.first()); i < pieces.size(); i++) {
      if (!pieces.get(i).epoch().equals(row.epoch())) {
        return next;
      }
      next = pieces.get(i).last() + 1;
    }
    return next;
  }

  /** The index of the piece that has this sequence, from the end, since most rows go on there. */
  private static int firstWithin(List<Piece> pieces, long sequence) {
    var index = pieces.size();
    while (index > 0 && pieces.get(index - 1).last() >= sequence) {
      index--;
    }
    return index;
  }

  private static Epoch epochBefore(Position at, List<Piece> pieces, long sequence) {
    var index = firstWithin(pieces, sequence - 1);
    return index < pieces.size() ? pieces.get(index).epoch() : at.epoch();
  }

  /** Removes what stands from this sequence on. */
  private static void cut(List<Piece> pieces, long sequence) {
    while (!pieces.isEmpty() && pieces.getLast().last() >= sequence) {
      var left = pieces.removeLast().upTo(sequence - 1);
      if (!left.isEmpty()) {
        pieces.add(left);
      }
    }
  }
}
