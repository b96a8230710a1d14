package io.understudy.table;

import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A copy that goes on where it is though its host is drained.
 *
 * @param reason in words for an operator
 */
public record Stay(CopyId copy, String reason) {
  /** Those on a host that no other host can take as it seems now; none unless it is drained. */
  public static List<Stay> on(HostId host, ReplicationTable table, Instant now) {
    var rows = table.isDrained(host) ? table.modulesOn(host) : Stream.<ModuleRow>empty();
    return rows.filter(ModuleRow::registered)
        .flatMap(row -> row.on(host).stream().flatMap(copy -> of(copy, row, table, now)))
        .toList();
  }

  private static Stream<Stay> of(CopyRow copy, ModuleRow row, ReplicationTable table, Instant now) {
    return copy.isActive() && copy.wanted()
        ? new Draining(row, new Hosts(table, now))
            .staying(copy).stream().map(reason -> new Stay(copy.id(), reason))
        : Stream.empty();
  }
}
