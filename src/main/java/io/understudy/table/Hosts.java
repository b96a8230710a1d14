package io.understudy.table;

import io.understudy.model.HostId;
import java.time.Duration;
import java.time.Instant;

/** What a module's recovery asks about hosts, at this time. */
record Hosts(ReplicationTable table, Instant now) {
  boolean isUp(HostId host) {
    return table.isUp(host);
  }

  /** It failed so often that other hosts are preferred. */
  boolean isDamped(HostId host) {
    return table.isDamped(host, now);
  }

  /** When its quiet time ends; now when it is not damped. */
  Instant dampedUntil(HostId host) {
    return now.plus(table.host(host).map(row -> row.damped(now)).orElse(Duration.ZERO));
  }

  boolean isDrained(HostId host) {
    return table.isDrained(host);
  }
}
