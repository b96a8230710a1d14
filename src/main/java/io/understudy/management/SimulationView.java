package io.understudy.management;

import io.understudy.management.TableView.ModuleView;
import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.Condition;
import io.understudy.table.CopyRow;
import io.understudy.table.Forecast;
import io.understudy.table.Forecast.Foreseen;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What would happen if hosts and copies failed, as callers see it.
 *
 * @param fail what was asked about
 * @param version of the table that it begins with
 * @param events in order; none where nobody is left to record any
 * @param settled nothing more would happen then
 * @param modules as the table would show them in the end
 * @param changes the same in short, for each module that is registered now
 * @param notes what there is to say about what was asked
 */
record SimulationView(
    List<String> fail,
    long version,
    ManagersAfter managers,
    List<EventView> events,
    boolean settled,
    List<ModuleView> modules,
    List<Change> changes,
    List<String> notes) {

  /**
   * An event that has not happened, and so has neither a number nor a time.
   *
   * @param afterMillis the delays that pass before it, for back-offs; noticing, starting and
   *     stopping take more
   * @param assumed it is not decided, but one of the failures, or the answer to an order
   */
  record EventView(
      long afterMillis,
      boolean assumed,
      Optional<String> module,
      Optional<String> copy,
      Optional<String> host,
      String event,
      String reason) {
    static EventView of(Foreseen foreseen) {
      var event = foreseen.event();
      return new EventView(
          foreseen.after().toMillis(),
          foreseen.assumed(),
          event.module().map(ModuleId::value),
          event.copyId().map(CopyId::toString),
          event.hostId().map(HostId::value),
          event.getClass().getSimpleName(),
          event.reason());
    }

    String text() {
      var subject =
          copy.flatMap(id -> host.map(at -> id + "@" + at)).or(() -> module).or(() -> host);
      return "%10s  %-18s  %-12s  %s%n"
          .formatted("+" + afterMillis + " ms", event, subject.orElse("-"), reason);
    }
  }

  /**
   * A module before and after.
   *
   * @param after absent when the module has left the table
   * @param changed anything that the table shows of it, if only a copy's place
   */
  record Change(String module, Standing before, Optional<Standing> after, boolean changed) {
    String text() {
      return "%s: %s -> %s%n"
          .formatted(module, before.text(), after.map(Standing::text).orElse("gone"));
    }
  }

  /**
   * How a module stands.
   *
   * @param primaries those that run, as copy@host
   */
  record Standing(String condition, Optional<String> reason, List<String> primaries) {
    static Standing of(ModuleRow row, Condition condition) {
      return new Standing(
          condition.level().name(),
          Optional.of(condition.reason()).filter(why -> !why.isEmpty()),
          row.active()
              .filter(copy -> copy.isPrimary() && copy.isRunning())
              .map(copy -> copy.id() + "@" + copy.host())
              .toList());
    }

    String text() {
      return primaries.isEmpty()
          ? condition + ", no primary"
          : condition + ", primary " + String.join(" and ", primaries);
    }
  }

  static SimulationView of(
      Failing failing, ReplicationTable table, ManagersAfter managers, Instant now) {
    var hosts = failing.hosts();
    var copies = failing.copies();
    var forecast =
        managers.recovers()
            ? Forecast.of(table, hosts, copies, managers.leases(), now)
            : Forecast.unattended(table, hosts, copies, managers.leases(), now);
    var then = new Then(forecast.after(), managers.recovers());
    return new SimulationView(
        failing.names(),
        table.version(),
        managers,
        managers.recovers() ? forecast.events().stream().map(EventView::of).toList() : List.of(),
        forecast.settled(),
        then.table().modules().values().stream().map(then::module).toList(),
        table.modules().values().stream().map(row -> change(row, table, then)).toList(),
        failing.notes());
  }

  private static Change change(ModuleRow row, ReplicationTable table, Then then) {
    var after = then.table().module(row.spec().module());
    var shown = TableView.module(row, table); // the row's version changes where nothing else does
    return new Change(
        row.spec().module().value(),
        Standing.of(row, TableView.condition(row, table)),
        after.map(it -> Standing.of(it, then.condition(it))),
        after.filter(it -> TableView.module(it, then.table()).equals(shown)).isEmpty());
  }

  /** The table in the end. */
  private record Then(ReplicationTable table, boolean managed) {
    ModuleView module(ModuleRow row) {
      return TableView.module(row, condition(row));
    }

    Condition condition(ModuleRow row) {
      var condition = TableView.condition(row, table);
      return managed || condition.level() == Condition.Level.PROTECTED
          ? condition
          : new Condition(condition.level(), unmanaged(row));
    }

    /** Without a ReplicaManager nobody tries anything, whatever the core has in mind. */
    private static String unmanaged(ModuleRow row) {
      var running = row.active().filter(CopyRow::isRunning).toList();
      var primaries = running.stream().filter(CopyRow::isPrimary).count();
      return "%d of %d copies run%s, and no ReplicaManager is left to start others"
          .formatted(
              running.size(), row.spec().runningCopies(), primaries == 0 ? ", no primary" : "");
    }
  }

  String text() {
    var out = new StringBuilder();
    out.append("If %s failed now: %s.\n".formatted(String.join(", ", fail), managers.reason()));
    notes.forEach(note -> out.append("Note: ").append(note).append(".\n"));
    if (!settled) {
      out.append("It does not come to rest within as many steps as are played.\n");
    }
    out.append('\n');
    events.forEach(event -> out.append(event.text()));
    if (!events.isEmpty()) {
      out.append('\n');
    }
    appendModules(out);
    return out.toString();
  }

  private void appendModules(StringBuilder out) {
    var changed = changes.stream().filter(Change::changed).toList();
    if (changed.isEmpty()) {
      out.append("No module changes.\n");
      return;
    }
    changed.forEach(change -> out.append(change.text()));
    var rest = changes.size() - changed.size();
    if (rest > 0) {
      out.append("%d other %s not change.\n".formatted(rest, rest == 1 ? "does" : "do"));
    }
    var names = changed.stream().map(Change::module).toList();
    var shown = new ArrayList<>(modules);
    shown.removeIf(module -> !names.contains(module.module()));
    if (!shown.isEmpty()) {
      out.append('\n').append(TableView.text(shown));
    }
  }
}
