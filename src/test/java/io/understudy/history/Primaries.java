package io.understudy.history;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Where a module's primaries are, as its clients know it together; one of them looks for all. */
final class Primaries {
  private static final long OLD_NANOS = Duration.ofSeconds(1).toNanos();

  private final RealHosts hosts;
  private final String module;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile List<String> known = List.of();
  private volatile long lookedAt;

  Primaries(RealHosts hosts, String module) {
    this.hosts = hosts;
    this.module = module;
  }

  String module() {
    return module;
  }

  /** The last that was heard; who cannot wait finds out anew when none is left. */
  List<String> now() {
    var due = known.isEmpty() || System.nanoTime() - lookedAt > OLD_NANOS;
    if (due && looking.tryLock()) {
      try {
        var found = whereTheyAre();
        known = found.isEmpty() ? known : found;
        lookedAt = System.nanoTime();
      } finally {
        looking.unlock();
      }
    }
    return known;
  }

  /** This one does not serve. */
  synchronized void without(String host) {
    known = known.stream().filter(other -> !other.equals(host)).toList();
  }

  String address(String host) {
    return hosts.address(host);
  }

  private List<String> whereTheyAre() {
    try {
      return RealHosts.rows(hosts.module(module)).stream()
          .filter(row -> row.running() && row.status().equals("PRIMARY"))
          .map(RealHosts.Row::host)
          .toList();
    } catch (AssertionError | RuntimeException e) {
      return List.of(); // no manager answers yet
    }
  }
}
