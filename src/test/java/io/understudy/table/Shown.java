package io.understudy.table;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table and its events as a scenario file writes them.
 *
 * <p>{@code A e2 PROTECTED: A1@H1 I, A2@H2 P*, A3@H3 B+}: module A at epoch 2 is protected; A1 is
 * idle, A2 the running primary, A3 a backup being started. A dash marks a copy being stopped, a
 * tilde one that waits for its restart. Where a module has state, an equals sign marks a copy in
 * sync, and {@code e2 by A2} says which copy numbers the updates.
 */
final class Shown {
  private Shown() {}

  static String event(TableEvent event, Instant now) {
    var subject =
        switch (event) {
          case TableEvent.OfHost e -> e.host().toString();
          case TableEvent.OfModule e -> e.name().toString();
          case TableEvent.OfCopy e -> "%s@%s".formatted(e.copy(), e.host());
        };
    var name = event.getClass().getSimpleName();
    return "%s %s%s: %s".formatted(subject, name, values(event, now), event.reason());
  }

  static String change(Change change) {
    return switch (change) {
      case Change.Register c -> {
        var s = c.spec();
        var copies =
            s.copies().stream()
                .map(copy -> copy.host() + "=" + copy.location().text())
                .collect(Collectors.joining(" "));
        yield "register %s %s %d on %s threshold %d %s %s"
            .formatted(
                s.module(),
                s.style(),
                s.degree(),
                copies,
                s.failover().threshold(),
                s.restart(),
                c.running());
      }
      case Change.Reported c -> "%s says %s".formatted(c.incarnation(), c.report());
      default -> change.toString();
    };
  }

  private static String values(TableEvent event, Instant now) {
    return switch (event) {
      case TableEvent.CopyOrdered e ->
          " %s run %d epoch %s%s"
              .formatted(
                  e.status(), e.run(), e.epoch(), e.adopt().map(p -> " adopt " + p).orElse(""));
      case TableEvent.CopyPromoted e -> " epoch " + e.epoch();
      case TableEvent.CopyDemoted e -> " epoch " + e.epoch();
      case TableEvent.CopyStarted e -> " run %d as %s".formatted(e.run(), e.status());
      case TableEvent.SequencerChosen e -> " epoch " + e.epoch();
      case TableEvent.SyncJoined e -> " run " + e.run();
      case TableEvent.SyncLeft e -> " run " + e.run();
      case TableEvent.StatusConfirmed e -> " " + e.status();
      case TableEvent.CopyFailed e -> " %s failure %d".formatted(e.kind(), e.failures());
      case TableEvent.RestartDelayed e ->
          " by %d ms".formatted(Duration.between(e.at(), e.notBefore()).toMillis());
      case TableEvent.CopyReleased e when e.coolUntil().isAfter(now) ->
          " cools for %d s".formatted(Duration.between(e.at(), e.coolUntil()).toSeconds());
      default -> "";
    };
  }

  static List<String> changedRows(ReplicationTable before, ReplicationTable after) {
    var old = rows(before).collect(Collectors.toSet());
    return rows(after).filter(row -> !old.contains(row)).toList();
  }

  private static Stream<String> rows(ReplicationTable table) {
    return table.modules().values().stream().map(row -> row(table, row));
  }

  private static String row(ReplicationTable table, ModuleRow row) {
    var copies =
        row.copies().stream()
            .map(copy -> "%s@%s %s%s".formatted(copy.id(), copy.host(), letter(copy), mark(copy)))
            .collect(Collectors.joining(", "));
    var level = Condition.of(row, table).level();
    var by = row.sequencer().map(id -> " by " + id).orElse("");
    return "%s e%s%s %s: %s".formatted(row.spec().module(), row.epoch(), by, level, copies);
  }

  private static char letter(CopyRow copy) {
    return copy.status().name().charAt(0);
  }

  private static String mark(CopyRow copy) {
    return phase(copy) + (copy.inSync() ? "=" : "");
  }

  private static String phase(CopyRow copy) {
    return switch (copy.phase()) {
      case Phase.Running p -> "*";
      case Phase.Starting p -> "+";
      case Phase.Stopping p -> "-";
      case Phase.Waiting p -> "~";
      case Phase.Failed p -> "!";
      case Phase.Idle p -> "";
    };
  }

  static List<String> newOrders(ReplicationTable before, ReplicationTable after) {
    var old = orders(before);
    return orders(after).stream().filter(order -> !old.contains(order)).toList();
  }

  /** What every host that is up is owed; that of a host that is not up would be a fault. */
  static List<String> orders(ReplicationTable table) {
    var orders = new ArrayList<String>();
    for (var host : table.hosts().keySet()) {
      table.owed(host).forEach(order -> orders.add("%s is owed %s".formatted(host, order(order))));
    }
    return orders;
  }

  static String order(CopyOrder order) {
    var state = order.status() == CopyStatus.IDLE ? "stopped" : order.status().toString();
    var adopt = order.launch().adopt().map(pid -> " adopt " + pid).orElse("");
    return "%s run %d %s epoch %s%s%s"
        .formatted(order.copy(), order.run(), state, order.epoch(), adopt, group(order));
  }

  private static String group(CopyOrder order) {
    return order
        .group()
        .map(
            group ->
                " by %s among %s"
                    .formatted(
                        group.sequencer(),
                        group.members().stream()
                            .map(
                                member ->
                                    "%s#%d%s"
                                        .formatted(
                                            member.copy(),
                                            member.run(),
                                            member.inSync() ? "=" : ""))
                            .collect(Collectors.joining(" "))))
        .orElse("");
  }

  /** What a WatchDog is told of how to start and watch its copies. */
  static List<String> launches(ReplicationTable table) {
    return table.hosts().keySet().stream()
        .flatMap(host -> table.owed(host).map(order -> launch(host, order)))
        .toList();
  }

  private static String launch(HostId host, CopyOrder order) {
    var how =
        switch (order.launch().detection()) {
          case Detection.Polling p -> "polling every %d ms".formatted(p.interval().toMillis());
          case Detection.Heartbeat h -> "heartbeat within %d ms".formatted(h.timeout().toMillis());
        };
    return "%s@%s from %s, %s".formatted(order.copy(), host, order.launch().location().text(), how);
  }

  /** As FIG. 2 has it. */
  static List<String> table(ReplicationTable table) {
    return table.modules().values().stream()
        .flatMap(row -> row.copies().stream().map(copy -> line(row, copy)))
        .toList();
  }

  private static String line(ModuleRow row, CopyRow copy) {
    Location where = copy.listed().location();
    return "%s | %s | %d | %s | %s | %s | %s"
        .formatted(
            row.spec().module(),
            row.spec().style(),
            row.spec().degree(),
            copy.host(),
            where.text(),
            copy.id(),
            letter(copy));
  }

  static List<String> conditions(ReplicationTable table) {
    return table.modules().values().stream()
        .map(row -> "%s %s".formatted(row.spec().module(), text(Condition.of(row, table))))
        .toList();
  }

  private static String text(Condition condition) {
    return condition.reason().isEmpty()
        ? condition.level().toString()
        : condition.level() + ", " + condition.reason();
  }
}
