package io.understudy.management;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.understudy.model.Certainty;
import io.understudy.model.FailureKind;
import io.understudy.table.TableEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/**
 * What one node counts from its start on, for {@code GET /metrics}. What the table knows is not
 * counted but looked up at each scrape, see {@link TableMetrics}.
 */
public final class Metrics implements Extension {
  private static final Id ID = new Id();

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter hostFailures =
      Counter.builder()
          .withoutExemplars()
          .name("understudy_host_failures_total")
          .help("Hosts declared dead by the ReplicaManager while it was on this node.")
          .labelNames("certainty")
          .register(registry);
  private final Counter copyFailures =
      Counter.builder()
          .withoutExemplars()
          .name("understudy_copy_failures_total")
          .help("Copies that failed, as told to the ReplicaManager while it was on this node.")
          .labelNames("kind")
          .register(registry);
  private final Counter heartbeatsSent =
      Counter.builder()
          .withoutExemplars()
          .name("understudy_heartbeats_sent_total")
          .help("Heartbeats of this node's WatchDog, each to all SuperWatchDogs.")
          .register(registry);

  private volatile Supplier<Optional<Duration>> lease = Optional::empty;

  private Metrics() {
    for (Certainty certainty : Certainty.values()) {
      hostFailures.initLabelValues(certainty.name());
    }
    for (FailureKind kind : FailureKind.values()) {
      copyFailures.initLabelValues(kind.name());
    }
  }

  /** Those of this actor system. */
  public static Metrics get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /** Where to ask, at each scrape, what is left of this host's lease; empty while there is none. */
  public void lease(Supplier<Optional<Duration>> remaining) {
    lease = remaining;
  }

  /** This node's WatchDog has sent a heartbeat. */
  public void heartbeatSent() {
    heartbeatsSent.inc();
  }

  /** The ReplicaManager on this node has persisted an event. */
  void happened(TableEvent event) {
    switch (event) {
      case TableEvent.HostFailed e -> hostFailures.labelValues(e.certainty().name()).inc();
      case TableEvent.CopyFailed e -> copyFailures.labelValues(e.kind().name()).inc();
      case TableEvent.OfHost other -> {}
      case TableEvent.OfModule other -> {}
      case TableEvent.OfCopy other -> {}
    }
  }

  Optional<Duration> lease() {
    return lease.get();
  }

  MetricSnapshots counted() {
    return registry.scrape();
  }

  private static final class Id extends ExtensionId<Metrics> {
    @Override
    public Metrics createExtension(ActorSystem<?> system) {
      return new Metrics();
    }
  }
}
