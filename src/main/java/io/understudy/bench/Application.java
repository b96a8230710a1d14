package io.understudy.bench;

import com.typesafe.config.ConfigFactory;
import io.understudy.client.ModuleRef;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.ModuleSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** Speaks to modules as any application does: from this JVM, a member of the cluster. */
final class Application implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final ActorSystem<Void> system;
  private final UnderstudyClient client;

  private Application(ActorSystem<Void> system) {
    this.system = system;
    this.client = UnderstudyClient.create(system);
  }

  /** Joins, and waits until it is a member. */
  static Application joining(BenchCluster cluster) {
    var own =
        Map.of(
            "pekko.remote.artery.canonical.hostname",
            cluster.freeAddress(),
            "pekko.remote.artery.canonical.port",
            0,
            "pekko.cluster.seed-nodes",
            cluster.seeds().stream().map("pekko://understudy@%s"::formatted).toList(),
            "pekko.coordinated-shutdown.exit-jvm",
            false);
    var config =
        ConfigFactory.parseMap(own)
            .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
            .withFallback(ConfigFactory.load())
            .resolve();
    var system = ActorSystem.<Void>create(Behaviors.empty(), "understudy", config);
    var self = Cluster.get(system);
    Until.seen(
        "the application to be a member",
        PATIENCE,
        PAUSE,
        () -> Optional.of(self.selfMember().status()).filter(MemberStatus.up()::equals));
    return new Application(system);
  }

  ModuleRef<CounterModule.Command, Long> counter(ModuleSpec spec) {
    return client.module(spec.module(), new CounterCodec());
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
