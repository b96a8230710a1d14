package io.understudy.management;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.understudy.management.HostsView.HostView;
import io.understudy.table.Condition;
import io.understudy.table.CopyRow;
import io.understudy.table.ReplicationTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table in numbers, as only the manager's node shows it. */
final class TableMetrics {
  private static final List<String> STATES = List.of("UP", "SUSPECTED", "DOWN");

  private TableMetrics() {}

  static List<MetricSnapshot> of(ReplicationTable table, HostsView hosts) {
    var drained = hosts.hosts().stream().filter(host -> host.drained().isPresent()).count();
    var damped = hosts.hosts().stream().filter(host -> host.dampedMillis().isPresent()).count();
    return List.of(
        gauge("understudy_table_version", "Events that made the table.", (double) table.version()),
        gauge(
            "understudy_modules",
            "Registered modules by how well they are protected.",
            "condition",
            counted(
                Arrays.stream(Condition.Level.values()).map(Condition.Level::name).toList(),
                table.modules().values().stream()
                    .map(row -> Condition.of(row, table).level().name()))),
        gauge(
            "understudy_copies_running",
            "Copies that run, by host.",
            "host",
            counted(
                hosts.hosts().stream().map(HostView::host).toList(),
                table.modules().values().stream()
                    .flatMap(row -> row.copies().stream())
                    .filter(CopyRow::isRunning)
                    .map(copy -> copy.host().value()))),
        gauge(
            "understudy_copies_behind",
            "Copies that run and lack some of their module's state, by host.",
            "host",
            counted(
                hosts.hosts().stream().map(HostView::host).toList(),
                table.modules().values().stream()
                    .filter(row -> row.spec().state().isPresent())
                    .flatMap(row -> row.copies().stream())
                    .filter(copy -> copy.isRunning() && !copy.inSync())
                    .map(copy -> copy.host().value()))),
        gauge(
            "understudy_hosts",
            "Hosts by state.",
            "state",
            counted(STATES, hosts.hosts().stream().map(HostView::state))),
        gauge(
            "understudy_hosts_damped",
            "Hosts that failed repeatedly and get new copies last.",
            (double) damped),
        gauge("understudy_hosts_drained", "Hosts that are drained.", (double) drained));
  }

  /** One number. */
  static MetricSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }

  private static MetricSnapshot gauge(
      String name, String help, String label, Map<String, Long> counts) {
    var snapshot = GaugeSnapshot.builder().name(name).help(help);
    counts.forEach(
        (value, count) ->
            snapshot.dataPoint(
                GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(label, value))
                    .value(count)
                    .build()));
    return snapshot.build();
  }

  /** How often each of them occurs, zeros included: a series that vanishes raises no alert. */
  private static Map<String, Long> counted(List<String> all, Stream<String> seen) {
    var counts = new TreeMap<String, Long>();
    all.forEach(one -> counts.put(one, 0L));
    seen.collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
        .forEach((one, count) -> counts.merge(one, count, Long::sum));
    return counts;
  }
}
