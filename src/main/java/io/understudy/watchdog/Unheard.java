package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import java.util.List;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The reports that the ReplicaManager has not acknowledged: the newest of each copy, kept until
 * some manager has heard it (resolution p).
 *
 * @param sequence of the newest report
 */
public record Unheard(long sequence, PSortedMap<CopyId, Numbered> newest) {
  static final Unheard NOTHING = new Unheard(0, TreePMap.empty());

  /** A report and its number. */
  public record Numbered(long sequence, CopyReport report) {}

  Unheard add(CopyReport report) {
    var next = sequence + 1;
    return new Unheard(next, newest.plus(report.copy(), new Numbered(next, report)));
  }

  Unheard heard(long upTo) {
    var left = newest;
    for (var numbered : newest.values()) {
      left = numbered.sequence() <= upTo ? left.minus(numbered.report().copy()) : left;
    }
    return new Unheard(sequence, left);
  }

  /** All of them, always: hearing a sequence number acknowledges every report before it too. */
  public List<CopyReport> reports() {
    return newest.values().stream().map(Numbered::report).toList();
  }

  public boolean isEmpty() {
    return newest.isEmpty();
  }
}
