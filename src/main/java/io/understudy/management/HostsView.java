package io.understudy.management;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.table.CopyRow;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.Stay;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The hosts as callers see them. */
record HostsView(List<HostView> hosts) {
  /**
   * One host.
   *
   * @param state UP, SUSPECTED or DOWN
   * @param pid of the node's JVM
   * @param leaseMillis until it is declared dead if it stays silent; absent while nobody knows
   * @param dampedMillis for which it gets new copies only if no other host can take them; absent
   *     unless it failed repeatedly
   * @param copies that run there, or are to
   * @param drained it gets no new copies, and its own go where they can; absent unless so
   * @param staying of a drained host: those that no other host can take, and why
   */
  record HostView(
      String host,
      String address,
      String state,
      long pid,
      String incarnation,
      OptionalLong leaseMillis,
      OptionalLong dampedMillis,
      List<String> copies,
      Optional<Boolean> drained,
      Optional<List<Staying>> staying) {}

  /** A copy that does not leave its drained host, and why. */
  record Staying(String copy, String reason) {
    static List<Staying> on(HostId host, ReplicationTable table, Instant now) {
      return Stay.on(host, table, now).stream()
          .map(stay -> new Staying(stay.copy().toString(), stay.reason()))
          .toList();
    }
  }

  static HostsView of(ReplicationTable table, HostsHeard heard, Instant now) {
    var rows = table.hosts().values().stream().map(row -> host(row, table, heard, now));
    return new HostsView(rows.toList());
  }

  private static HostView host(HostRow row, ReplicationTable table, HostsHeard heard, Instant now) {
    var last = last(row, heard);
    var suspected = last.filter(HostHeard::suspected).isPresent();
    return new HostView(
        row.host().value(),
        row.address(),
        !row.up() ? "DOWN" : suspected ? "SUSPECTED" : "UP",
        row.pid(),
        row.incarnation(),
        last.map(it -> OptionalLong.of(it.millisLeft())).orElseGet(OptionalLong::empty),
        damped(row, now),
        copies(row.host(), table),
        Optional.of(true).filter(yes -> row.drained()),
        Optional.of(Staying.on(row.host(), table, now)).filter(stays -> !stays.isEmpty()));
  }

  private static OptionalLong damped(HostRow row, Instant now) {
    var left = row.damped(now).toMillis();
    return row.up() && left > 0 ? OptionalLong.of(left) : OptionalLong.empty();
  }

  private static Optional<HostHeard> last(HostRow row, HostsHeard heard) {
    return heard.hosts().stream()
        .filter(it -> row.up())
        .filter(it -> it.host().equals(row.host()))
        .filter(it -> it.incarnation().equals(row.incarnation()))
        .findFirst();
  }

  static List<String> copies(HostId host, ReplicationTable table) {
    return table
        .modulesOn(host)
        .flatMap(module -> module.active())
        .filter(copy -> copy.host().equals(host))
        .map(CopyRow::id)
        .map(Object::toString)
        .toList();
  }

  String text() {
    var rows = new TextTable("HOST", "STATE", "ADDRESS", "PID", "LEASE", "COPIES");
    for (HostView host : hosts) {
      var lease = host.leaseMillis();
      rows.row(
          host.host(),
          state(host),
          host.address(),
          Long.toString(host.pid()),
          lease.isPresent() ? lease.getAsLong() + " ms" : "-",
          host.copies().isEmpty() ? "-" : String.join(" ", host.copies()));
    }
    var out = new StringBuilder();
    rows.appendTo(out);
    for (HostView host : hosts) {
      host.staying()
          .orElse(List.of())
          .forEach(
              stay ->
                  out.append(
                      "%s stays on %s: %s%n".formatted(stay.copy(), host.host(), stay.reason())));
    }
    return out.toString();
  }

  private static String state(HostView host) {
    var damped = host.dampedMillis().isPresent() ? ", damped" : "";
    return host.state() + damped + (host.drained().isPresent() ? ", drained" : "");
  }
}
