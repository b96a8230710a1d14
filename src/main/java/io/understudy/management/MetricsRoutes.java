package io.understudy.management;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.understudy.manager.ManagerProtocol;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;

/**
 * {@code GET /metrics} in Prometheus' text format. Every node answers with its own numbers, and the
 * manager's node with those of the table, too.
 */
public final class MetricsRoutes implements ManagementRouteProvider {
  private final ActorSystem<?> system;
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  public MetricsRoutes(ExtendedActorSystem system) {
    this.system = Adapter.toTyped(system);
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    var ports = Management.get(system).ports();
    return Directives.path(
        "metrics", () -> Directives.get(() -> Directives.completeWithFuture(scraped(ports))));
  }

  private CompletionStage<HttpResponse> scraped(Ports ports) {
    var manager = new ManagerLine(system, ports.manager());
    var rendering = system.dispatchers().lookup(DispatcherSelector.blocking());
    var tables =
        manager
            .whereIs()
            .thenCompose(
                where ->
                    where.host().equals(ports.host())
                        ? manager
                            .table()
                            .thenCombineAsync(heard(), MetricsRoutes::ofTable, rendering)
                        : CompletableFuture.completedFuture(List.<MetricSnapshot>of()))
            .exceptionally(nobody -> List.of());
    return tables.thenCombineAsync(
        ports.unready().get(), (table, unready) -> response(table, unready.isEmpty()), rendering);
  }

  private CompletionStage<HostsHeard> heard() {
    return new RingAsk(system, new SuperWatchDogs(system)).hosts();
  }

  private static List<MetricSnapshot> ofTable(ManagerProtocol.Table found, HostsHeard heard) {
    return TableMetrics.of(found.table(), HostsView.of(found.table(), heard, Instant.now()));
  }

  private HttpResponse response(List<MetricSnapshot> table, boolean ready) {
    var metrics = Metrics.get(system);
    var all = new ArrayList<>(table);
    metrics.counted().forEach(all::add);
    all.add(
        TableMetrics.gauge(
            "understudy_is_manager",
            "1 on the node where the ReplicaManager runs.",
            table.isEmpty() ? 0 : 1));
    all.add(TableMetrics.gauge("understudy_ready", "1 on a node that is ready.", ready ? 1 : 0));
    metrics
        .lease()
        .ifPresent(
            left ->
                all.add(
                    TableMetrics.gauge(
                        "understudy_lease_remaining_seconds",
                        "What is left of this host's lease.",
                        seconds(left))));
    return HttpResponse.create()
        .withEntity(
            HttpEntities.create(
                ContentTypes.parse(writer.getContentType()), text(new MetricSnapshots(all))));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private byte[] text(MetricSnapshots snapshots) {
    var out = new ByteArrayOutputStream();
    try {
      writer.write(out, snapshots);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
