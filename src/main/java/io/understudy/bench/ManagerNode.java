package io.understudy.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerKeeper;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerSettings;
import io.understudy.manager.ManagerSingleton;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import io.understudy.superwatchdog.SuperWatchDogs;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.japi.function.Function;
import org.jspecify.annotations.Nullable;

/** A node with nothing but the ReplicaManager, whose hosts are pretended in the same JVM. */
final class ManagerNode implements AutoCloseable {
  private static final HostId HOST = new HostId("M1");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(2);

  private final ActorSystem<Void> system;
  private final ActorRef<ManagerProtocol.Command> manager;
  private final AtomicReference<@Nullable ActorRef<ToManager>> toManager = new AtomicReference<>();
  private final Map<HostId, ActorRef<PretendWatchDog.Message>> hosts = new HashMap<>();

  private ManagerNode(JournalSettings journal) {
    var config = config(journal);
    system = ActorSystem.create(Behaviors.empty(), "bench", config);
    var cluster = Cluster.get(system);
    cluster.manager().tell(new Join(cluster.selfMember().address()));
    manager =
        ManagerSingleton.candidate(
            system,
            new ManagerKeeper.Node(
                HOST,
                "http://127.0.0.1:7626",
                journal,
                ManagerSettings.from(config.getConfig("understudy")),
                Clock.systemUTC(),
                address -> true,
                system.systemActorOf(superWatchDog(), SuperWatchDogs.NAME, Props.empty()),
                reason -> System.err.println(reason)));
  }

  /** Starts the node; it has begun to read the journal. */
  static ManagerNode start(JournalSettings journal) {
    return new ManagerNode(journal);
  }

  private static Config config(JournalSettings journal) {
    return ConfigFactory.parseResources("bench-scale.conf")
        .withFallback(journal.pekkoConfig())
        .withFallback(ConfigFactory.parseResources("understudy-manager.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  /** Keeps the address at which the ReplicaManager hears of dead hosts. */
  private Behavior<SuperWatchDogProtocol.Command> superWatchDog() {
    return Behaviors.receiveMessage(
        message -> {
          if (message instanceof SuperWatchDogProtocol.FromManager heartbeat) {
            toManager.set(heartbeat.manager());
          }
          return Behaviors.same();
        });
  }

  /** Lets a pretended host register. */
  void start(HostId host, AtomicLong lastNews) {
    hosts.put(
        host,
        system.systemActorOf(
            PretendWatchDog.create(host, manager, lastNews), "watchdog-" + host, Props.empty()));
  }

  /** The pretended host falls silent. */
  void kill(HostId host) {
    var watchDog = hosts.remove(host);
    if (watchDog != null) {
      watchDog.tell(PretendWatchDog.Die.NOW);
    }
  }

  CompletionStage<ManagerProtocol.Reply> request(
      Function<ActorRef<ManagerProtocol.Reply>, ManagerProtocol.Command> request) {
    return AskPattern.ask(manager, request, PATIENCE, system.scheduler());
  }

  /** The table, as soon as the ReplicaManager has one. */
  ManagerProtocol.Table table() {
    return Until.seen("the ReplicaManager's table", PATIENCE, PAUSE, this::tableNow);
  }

  private Optional<ManagerProtocol.Table> tableNow() {
    var answer =
        AskPattern.ask(manager, ManagerProtocol.GetTable::new, PATIENCE, system.scheduler());
    var table = answer.toCompletableFuture().join();
    return Optional.of(table).filter(given -> given.unavailable().isEmpty());
  }

  /** What the SuperWatchDog says; it takes its turn before what is asked next. */
  void superWatchDogSays(ToManager message) {
    Until.seen(
            "the ReplicaManager's heartbeat",
            PATIENCE,
            PAUSE,
            () -> Optional.ofNullable(toManager.get()))
        .tell(message);
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
