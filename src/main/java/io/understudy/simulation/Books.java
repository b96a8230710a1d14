package io.understudy.simulation;

import io.understudy.model.CopyOrder;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** The journal: one sequence of events, and nobody appends a number that is taken (I1). */
final class Books {
  private static final long LEAST = Duration.ofNanos(200_000).toNanos();
  private static final long USUAL = Duration.ofMillis(3).toNanos();
  private static final long SLOW = Duration.ofMillis(700).toNanos();
  private static final long TIMEOUT = Duration.ofSeconds(1).toNanos();

  private final Cluster cluster;
  private final SplittableRandom random;
  private final Set<CopyOrder> justified = new HashSet<>();
  private final int[] cut;
  private int slow;
  private int away;
  ReplicationTable table = ReplicationTable.EMPTY;

  Books(Cluster cluster, SplittableRandom random, int machines) {
    this.cluster = cluster;
    this.random = random;
    this.cut = new int[machines];
  }

  void slow(int change) {
    slow += change;
  }

  void away(int change) {
    away += change;
  }

  void cut(int machine, int change) {
    cut[machine] += change;
  }

  private boolean reachable(Node from) {
    return away == 0 && cut[from.machine.index] == 0;
  }

  private long takes() {
    return random.nextLong(LEAST, slow > 0 ? SLOW : USUAL);
  }

  /** What is durable, or nothing if the journal does not answer. */
  void read(Node by, Consumer<ReplicationTable> then, Runnable failed) {
    cluster.agenda.after(
        takes(),
        () -> {
          if (reachable(by)) {
            var durable = table;
            cluster.agenda.after(takes(), () -> by.receive(() -> then.accept(durable)));
          } else {
            cluster.agenda.after(TIMEOUT, () -> by.receive(failed));
          }
        });
  }

  /** Appends these after so many, or fails; a failure does not tell whether they are durable. */
  void append(Node by, long after, List<TableEvent> events, Runnable done, Runnable failed) {
    cluster.agenda.after(
        takes(),
        () -> {
          var arrives = reachable(by) || random.nextInt(4) == 0;
          var fits = arrives && table.version() == after;
          if (fits) {
            commit(events);
          }
          if (!reachable(by)) {
            cluster.agenda.after(TIMEOUT, () -> by.receive(failed));
          } else {
            cluster.agenda.after(takes(), () -> by.receive(fits ? done : failed));
          }
        });
  }

  private void commit(List<TableEvent> events) {
    for (TableEvent event : events) {
      var before = table;
      table = table.evolve(event);
      cluster.witness.durable(before, event, table);
      cluster.say(() -> "journal %d: %s".formatted(table.version(), event));
    }
    table.hosts().keySet().forEach(host -> table.owed(host).forEach(justified::add));
  }

  /** I2: an order that leaves follows from what is durable. */
  void orderLeaves(CopyOrder order) {
    if (!justified.contains(order)) {
      throw new Violation("I2: %s leaves before its event is durable".formatted(order));
    }
  }
}
