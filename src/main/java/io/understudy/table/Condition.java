package io.understudy.table;

import io.understudy.model.HostId;
import io.understudy.model.ReplicationStyle;
import java.util.function.Predicate;
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

  /** The condition of a module among these hosts. */
  public static Condition of(ModuleRow row, Predicate<HostId> up) {
    var running = row.active().filter(CopyRow::isRunning).count();
    var serving = row.active().anyMatch(copy -> copy.isRunning() && copy.isPrimary());
    if (!serving) {
      return new Condition(Level.DOWN, "no primary runs: " + details(row, up));
    }
    if (running < row.spec().runningCopies()) {
      var counts = "%d of %d copies run: ".formatted(running, row.spec().runningCopies());
      return new Condition(Level.DEGRADED, counts + details(row, up));
    }
    var inSync = row.active().filter(CopyRow::inSync).count();
    if (row.spec().state().isPresent() && inSync < row.spec().runningCopies()) {
      var counts = "%d of %d copies are in sync: ".formatted(inSync, row.spec().runningCopies());
      return new Condition(Level.DEGRADED, counts + behind(row));
    }
    var hosts = row.copies().stream().filter(copy -> copy.wanted() && up.test(copy.host())).count();
    if (row.spec().style() == ReplicationStyle.COLD && hosts < row.spec().degree()) {
      var counts = "%d of %d hosts are up: ".formatted(hosts, row.spec().degree());
      return new Condition(Level.DEGRADED, counts + details(row, up));
    }
    return new Condition(Level.PROTECTED, "");
  }

  private static String behind(ModuleRow row) {
    return row.active()
        .filter(copy -> !copy.inSync())
        .map(copy -> "%s@%s does not have all of the state yet".formatted(copy.id(), copy.host()))
        .collect(Collectors.joining("; "));
  }

  private static String details(ModuleRow row, Predicate<HostId> up) {
    return row.copies().stream()
        .filter(copy -> !copy.isRunning())
        .map(copy -> "%s@%s %s".formatted(copy.id(), copy.host(), detail(row, copy, up)))
        .collect(Collectors.joining("; "));
  }

  private static String detail(ModuleRow row, CopyRow copy, Predicate<HostId> up) {
    var last = copy.lastFailure().map(failure -> ", last failure: " + failure.reason()).orElse("");
    if (!up.test(copy.host())) {
      return "host is not up" + last;
    }
    return switch (copy.phase()) {
          case Phase.Starting s -> "is starting";
          case Phase.Stopping s -> "is stopping";
          case Phase.Waiting w -> "restarts at " + w.notBefore();
          case Phase.Failed f -> "has failed";
          case Phase.Running r -> "runs";
          case Phase.Idle i ->
              Recovery.nextTry(row, up, copy).map(at -> "is tried at " + at).orElse("is idle");
        }
        + last;
  }
}
