package io.understudy.management;

import io.understudy.model.CopyId;
import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.table.Condition;
import io.understudy.table.CopyRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.Phase;
import io.understudy.table.ReplicationTable;
import io.understudy.wire.ModuleFile;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The replication table as callers see it (DESIGN.md, section 6; FIG. 2). */
record TableView(long version, String manager, List<ModuleView> modules) {
  private static final List<String> HEADINGS =
      List.of(
          "MODULE",
          "STYLE",
          "DEGREE",
          "HOST",
          "LOCATION",
          "COPY",
          "STATUS",
          "RUNNING",
          "PID",
          "FAILURES");

  /**
   * One module.
   *
   * @param reason why it is not protected
   * @param replication SYNC or ASYNC, of a module with state
   * @param sequencer the copy that numbers the updates, of a module with state
   * @param spec what reads back to its registration; only where one module is asked for
   */
  record ModuleView(
      String module,
      String style,
      int degree,
      String failover,
      int threshold,
      String detection,
      long epoch,
      String condition,
      Optional<String> reason,
      Optional<String> replication,
      Optional<String> sequencer,
      List<CopyView> copies,
      Optional<Map<String, Object>> spec) {}

  /**
   * One row of FIG. 2.
   *
   * @param pid while it runs; absent of a run that is only foreseen
   * @param inSync whether it has all of the state, of a module with state
   */
  record CopyView(
      String id,
      String host,
      String location,
      String status,
      boolean running,
      OptionalLong pid,
      int failures,
      Optional<Boolean> inSync) {}

  static TableView of(HostId manager, ReplicationTable table) {
    var modules = table.modules().values().stream().map(row -> module(row, table)).toList();
    return new TableView(table.version(), manager.value(), modules);
  }

  /** One module with its registration, if it is in the table. */
  static Optional<ModuleView> one(ModuleId id, ReplicationTable table) {
    return table.module(id).map(row -> withSpec(module(row, table), ModuleFile.view(row.spec())));
  }

  static ModuleView module(ModuleRow row, ReplicationTable table) {
    return module(row, condition(row, table));
  }

  static ModuleView module(ModuleRow row, Condition condition) {
    var spec = row.spec();
    return new ModuleView(
        spec.module().value(),
        spec.style().name(),
        spec.degree(),
        switch (spec.failover()) {
          case FailoverStrategy.OnEachFailure each -> "ON_EACH_FAILURE";
          case FailoverStrategy.OnOverThreshold over -> "ON_OVER_THRESHOLD";
        },
        spec.failover().threshold(),
        switch (spec.detection()) {
          case Detection.Polling polling -> "POLLING";
          case Detection.Heartbeat heartbeat -> "HEARTBEAT";
        },
        row.epoch().value(),
        condition.level().name(),
        Optional.of(condition.reason()).filter(reason -> !reason.isEmpty()),
        spec.state().map(state -> state.replication().name()),
        row.sequencer().map(CopyId::toString),
        row.copies().stream().map(copy -> copy(spec, copy)).toList(),
        Optional.empty());
  }

  private static ModuleView withSpec(ModuleView view, Map<String, Object> spec) {
    return new ModuleView(
        view.module(),
        view.style(),
        view.degree(),
        view.failover(),
        view.threshold(),
        view.detection(),
        view.epoch(),
        view.condition(),
        view.reason(),
        view.replication(),
        view.sequencer(),
        view.copies(),
        Optional.of(spec));
  }

  static Condition condition(ModuleRow row, ReplicationTable table) {
    return row.registered()
        ? Condition.of(row, table)
        : new Condition(Condition.Level.DOWN, "deregistered, its last copies are being stopped");
  }

  private static CopyView copy(ModuleSpec spec, CopyRow row) {
    var pid =
        row.phase() instanceof Phase.Running running && running.pid() > 0
            ? OptionalLong.of(running.pid())
            : OptionalLong.empty();
    return new CopyView(
        row.id().toString(),
        row.host().value(),
        row.listed().location().text(),
        row.status().name(),
        row.isRunning(),
        pid,
        row.failures(),
        spec.state().map(state -> row.inSync()));
  }

  /** FIG. 2, and what there is to say about each module. */
  String text() {
    var out = new StringBuilder();
    out.append("version %d, manager %s\n\n".formatted(version, manager));
    if (modules.isEmpty()) {
      return out.append("No module is registered.\n").toString();
    }
    append(out, modules);
    return out.toString();
  }

  static String text(ModuleView module) {
    return text(List.of(module));
  }

  static String text(List<ModuleView> modules) {
    var out = new StringBuilder();
    append(out, modules);
    return out.toString();
  }

  private static void append(StringBuilder out, List<ModuleView> modules) {
    var stateful = modules.stream().anyMatch(module -> module.replication().isPresent());
    var headings = stateful ? with(HEADINGS, "IN SYNC") : HEADINGS;
    var rows = new TextTable(headings.toArray(String[]::new));
    for (ModuleView module : modules) {
      for (CopyView copy : module.copies()) {
        var cells = stateful ? with(cells(module, copy), inSync(copy)) : cells(module, copy);
        rows.row(cells.toArray(String[]::new));
      }
    }
    rows.appendTo(out);
    out.append('\n');
    for (ModuleView module : modules) {
      out.append(module.module()).append(" is ").append(module.condition());
      module.reason().ifPresent(reason -> out.append(": ").append(reason));
      out.append('\n');
    }
  }

  private static String inSync(CopyView copy) {
    return copy.inSync().map(yes -> yes ? "yes" : "no").orElse("-");
  }

  private static List<String> with(List<String> cells, String last) {
    return Stream.concat(cells.stream(), Stream.of(last)).toList();
  }

  private static List<String> cells(ModuleView module, CopyView copy) {
    return List.of(
        module.module(),
        module.style().toLowerCase(Locale.ROOT),
        Integer.toString(module.degree()),
        copy.host(),
        copy.location(),
        copy.id(),
        copy.status().charAt(0) + copy.status().substring(1).toLowerCase(Locale.ROOT),
        copy.running() ? "yes" : "no",
        copy.pid().isPresent() ? Long.toString(copy.pid().getAsLong()) : "-",
        Integer.toString(copy.failures()));
  }
}
