package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.state.Batches;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The reports that the ReplicaManager has not acknowledged: the newest of each copy, kept until
 * some manager has heard it (resolution p).
 *
 * <p>While a message with them is on its way, those that come after it wait for its answer and then
 * go together: each with all before it would be quadratic when many copies start.
 *
 * @param sequence of the newest report
 * @param told the sequence of the newest that was told, and when
 */
public record Unheard(long sequence, PSortedMap<CopyId, Numbered> newest, Optional<Told> told) {
  static final Unheard NOTHING = new Unheard(0, TreePMap.empty(), Optional.empty());

  /** An answer that takes longer is taken for lost, and nothing waits for it. */
  static final Duration ANSWER_WITHIN = Duration.ofMillis(50);

  /** A report and its number. */
  public record Numbered(long sequence, CopyReport report) {}

  /** Some of the reports, and the number that acknowledges them. */
  public record Part(long sequence, List<CopyReport> reports) {
    public Part {
      reports = List.copyOf(reports);
    }
  }

  /** Up to where all reports were told, and when. */
  public record Told(long sequence, Duration at) {}

  Unheard add(CopyReport report) {
    var next = sequence + 1;
    return new Unheard(next, newest.plus(report.copy(), new Numbered(next, report)), told);
  }

  Unheard heard(long upTo) {
    var left = newest;
    for (var numbered : newest.values()) {
      left = numbered.sequence() <= upTo ? left.minus(numbered.report().copy()) : left;
    }
    return new Unheard(sequence, left, told.filter(last -> last.sequence() > upTo));
  }

  /** What is {@link #next} has been told, at this time of a monotonic clock. */
  Unheard told(Duration now) {
    return new Unheard(sequence, newest, Optional.of(new Told(next().sequence(), now)));
  }

  /** Whether there is something to tell, and no answer to wait for before. */
  boolean isDue(Duration now) {
    var waits = told.filter(last -> now.minus(last.at()).compareTo(ANSWER_WITHIN) < 0);
    return !isEmpty() && waits.isEmpty();
  }

  /**
   * What is to be told in one message: all, or the oldest of them if they are too long for that.
   * Hearing its number acknowledges every report up to it, so that none may be left out.
   */
  public Part next() {
    var oldestFirst =
        newest.values().stream().sorted(Comparator.comparingLong(Numbered::sequence)).toList();
    var together = Batches.of(oldestFirst, Unheard::size);
    return together.isEmpty()
        ? new Part(sequence, List.of())
        : new Part(
            together.getFirst().getLast().sequence(),
            together.getFirst().stream().map(Numbered::report).toList());
  }

  private static int size(Numbered numbered) {
    return numbered.report().seen() instanceof CopyReport.Seen.Failed(var kind, var reason)
        ? reason.length()
        : 0;
  }

  public boolean isEmpty() {
    return newest.isEmpty();
  }
}
