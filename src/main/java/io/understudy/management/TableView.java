package io.understudy.management;

import io.understudy.model.Detection;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
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

/** The replication table as callers see it (DESIGN.md, section 6; FIG. 2). */
record TableView(long version, String manager, List<ModuleView> modules) {
  /**
   * One module.
   *
   * @param reason why it is not protected
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
      List<CopyView> copies,
      Optional<Map<String, Object>> spec) {}

  /**
   * One row of FIG. 2.
   *
   * @param pid while it runs
   */
  record CopyView(
      String id,
      String host,
      String location,
      String status,
      boolean running,
      OptionalLong pid,
      int failures) {}

  static TableView of(HostId manager, ReplicationTable table) {
    var modules = table.modules().values().stream().map(row -> module(row, table)).toList();
    return new TableView(table.version(), manager.value(), modules);
  }

  /** One module with its registration, if it is in the table. */
  static Optional<ModuleView> one(ModuleId id, ReplicationTable table) {
    return table.module(id).map(row -> withSpec(module(row, table), ModuleFile.view(row.spec())));
  }

  private static ModuleView module(ModuleRow row, ReplicationTable table) {
    var spec = row.spec();
    var condition = condition(row, table);
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
        row.copies().stream().map(TableView::copy).toList(),
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
        view.copies(),
        Optional.of(spec));
  }

  private static Condition condition(ModuleRow row, ReplicationTable table) {
    return row.registered()
        ? Condition.of(row, table::isUp)
        : new Condition(Condition.Level.DOWN, "deregistered, its last copies are being stopped");
  }

  private static CopyView copy(CopyRow row) {
    var pid =
        row.phase() instanceof Phase.Running running
            ? OptionalLong.of(running.pid())
            : OptionalLong.empty();
    return new CopyView(
        row.id().toString(),
        row.host().value(),
        row.listed().location().text(),
        row.status().name(),
        row.isRunning(),
        pid,
        row.failures());
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
    var out = new StringBuilder();
    append(out, List.of(module));
    return out.toString();
  }

  private static void append(StringBuilder out, List<ModuleView> modules) {
    var rows =
        new TextTable(
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
    modules.forEach(module -> module.copies().forEach(copy -> append(rows, module, copy)));
    rows.appendTo(out);
    out.append('\n');
    for (ModuleView module : modules) {
      out.append(module.module()).append(" is ").append(module.condition());
      module.reason().ifPresent(reason -> out.append(": ").append(reason));
      out.append('\n');
    }
  }

  private static void append(TextTable rows, ModuleView module, CopyView copy) {
    rows.row(
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
