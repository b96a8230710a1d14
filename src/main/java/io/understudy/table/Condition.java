package io.understudy.table;

import io.understudy.model.ReplicationStyle;
import java.util.stream.Collectors;

/**
 * How well a module is protected (I6).
 *
 * @param reason empty when it is protected
 */
public record Condition(Level level, String reason) {
  /** From good to bad. */
  public enum Level {
    /**
     * As many copies run, with all of the state, as were registered, and a cold module has
     * somewhere to go.
     */
    PROTECTED,
    /** It serves, with fewer copies than were registered. */
    DEGRADED,
    /** No primary runs. */
    DOWN
  }

  /** The condition of a module among the hosts of a table. */
  public static Condition of(ModuleRow row, ReplicationTable table) {
    var running = row.active().filter(CopyRow::isRunning).count();
    var serving = row.active().anyMatch(copy -> copy.isRunning() && copy.isPrimary());
    if (!serving) {
      return new Condition(Level.DOWN, "no primary runs: " + details(row, table));
    }
    if (running < row.spec().runningCopies()) {
      var counts = "%d of %d copies run: ".formatted(running, row.spec().runningCopies());
      return new Condition(Level.DEGRADED, counts + details(row, table));
    }
    var inSync = row.active().filter(CopyRow::inSync).count();
    if (row.spec().state().isPresent() && inSync < row.spec().runningCopies()) {
      var counts = "%d of %d copies are in sync: ".formatted(inSync, row.spec().runningCopies());
      return new Condition(Level.DEGRADED, counts + behind(row));
    }
    var hosts =
        row.copies().stream().filter(copy -> copy.wanted() && table.isUp(copy.host())).count();
    if (row.spec().style() == ReplicationStyle.COLD && hosts < row.spec().degree()) {
      var counts = "%d of %d hosts are up: ".formatted(hosts, row.spec().degree());
      return new Condition(Level.DEGRADED, counts + details(row, table));
    }
    return new Condition(Level.PROTECTED, "");
  }

  private static String behind(ModuleRow row) {
    return row.active()
        .filter(copy -> !copy.inSync())
        .map(copy -> "%s@%s does not have all of the state yet".formatted(copy.id(), copy.host()))
        .collect(Collectors.joining("; "));
  }

  private static String details(ModuleRow row, ReplicationTable table) {
    return row.copies().stream()
        .filter(copy -> !copy.isRunning())
        .map(copy -> "%s@%s %s".formatted(copy.id(), copy.host(), detail(row, copy, table)))
        .collect(Collectors.joining("; "));
  }

  private static String detail(ModuleRow row, CopyRow copy, ReplicationTable table) {
    var last = copy.lastFailure().map(failure -> ", last failure: " + failure.reason()).orElse("");
    if (!table.isUp(copy.host())) {
      return "host is not up" + last;
    }
    if (copy.phase() instanceof Phase.Idle && table.isDrained(copy.host())) {
      return "host is drained" + last;
    }
    return switch (copy.phase()) {
          case Phase.Starting s -> "is starting";
          case Phase.Stopping s -> "is stopping";
          case Phase.Waiting w -> "restarts at " + w.notBefore();
          case Phase.Failed f -> "has failed";
          case Phase.Running r -> "runs";
          case Phase.Idle i ->
              Recovery.nextTry(row, table, copy).map(at -> "is tried at " + at).orElse("is idle");
        }
        + last;
  }
}
