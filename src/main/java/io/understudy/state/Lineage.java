package io.understudy.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which epochs a log has: its base, and the last position of each epoch in it, in order.
 *
 * @param marks at least one; the last one is the log's end. An epoch that goes on after the base
 *     has one mark, its last
 * @param base the sequence before the log's first update; the log cannot go back beyond it
 */
public record Lineage(long base, List<Position> marks) {
  public Lineage {
    marks = List.copyOf(marks);
    if (marks.isEmpty()) {
      throw new IllegalArgumentException("a lineage has at least the base of its log");
    }
  }

  /**
   * Of a log.
   *
   * @param base before its first update
   * @param updates positions of updates after it, in order; of each epoch at least the last
   */
  public static Lineage of(Position base, List<Position> updates) {
    var marks = new ArrayList<Position>();
    marks.add(base);
    for (var at : updates) {
      if (at.epoch().equals(marks.getLast().epoch())) {
        marks.removeLast();
      }
      marks.add(at);
    }
    return new Lineage(base.sequence(), marks);
  }

  public Position end() {
    return marks.getLast();
  }

  /** The last position that both logs have; empty when one of them no longer reaches back to it. */
  public Optional<Position> common(Lineage other) {
    for (var mark : marks.reversed()) {
      for (var theirs : other.marks.reversed()) {
        if (theirs.epoch().equals(mark.epoch())) {
          var last = Math.min(mark.sequence(), theirs.sequence());
          return last < base || last < other.base
              ? Optional.empty()
              : Optional.of(new Position(mark.epoch(), last));
        }
      }
    }
    return Optional.empty();
  }
}
