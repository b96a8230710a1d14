package io.understudy.table;

import io.understudy.model.HostId;
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

  boolean isDrained(HostId host) {
    return table.isDrained(host);
  }
}
