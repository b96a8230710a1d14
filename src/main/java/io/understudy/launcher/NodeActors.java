package io.understudy.launcher;

import io.understudy.management.Management;
import io.understudy.manager.ManagerKeeper;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerSettings;
import io.understudy.manager.ManagerSingleton;
import io.understudy.model.RunningCopy;
import io.understudy.superwatchdog.SuperWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.watchdog.HostIdentity;
import io.understudy.watchdog.SelfRegistration;
import io.understudy.watchdog.WatchDog;
import io.understudy.watchdog.WatchDogProtocol;
import io.understudy.watchdog.WatchDogSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;

/** Spawns what a node's roles ask for, and ties it together. */
final class NodeActors {
  private static final Duration RESTART_SOONEST = Duration.ofMillis(200);
  private static final Duration RESTART_LATEST = Duration.ofSeconds(5);
  private static final double RESTART_JITTER = 0.1;

  private final ActorContext<?> context;
  private final NodeSettings settings;
  private final JvmGuard guard;
  private final Consumer<String> giveUp;

  /**
   * What there is to talk to.
   *
   * @param watchDog on nodes that host copies
   */
  record Parts(
      ActorRef<ManagerProtocol.Command> manager,
      Optional<ActorRef<WatchDogProtocol.Command>> watchDog) {}

  /**
   * Ready to spawn.
   *
   * @param guard kills the JVM unless the WatchDog's heartbeats renew
   * @param giveUp ends the node, for this reason
   */
  NodeActors(
      ActorContext<?> context, NodeSettings settings, JvmGuard guard, Consumer<String> giveUp) {
    this.context = context;
    this.settings = settings;
    this.guard = guard;
    this.giveUp = giveUp;
  }

  ActorRef<ManagerProtocol.Command> manager() {
    return settings.hasRole(NodeSettings.MANAGER)
        ? ManagerSingleton.candidate(context.getSystem(), keeper(superWatchDog()))
        : ManagerSingleton.proxy(context.getSystem());
  }

  private ActorRef<SuperWatchDogProtocol.Command> superWatchDog() {
    var own = settings.config().getConfig("understudy");
    return context.spawn(
        supervised(
            SuperWatchDog.create(
                settings.host(), SuperWatchDogSettings.from(own), System::nanoTime)),
        SuperWatchDogs.NAME);
  }

  private ManagerKeeper.Node keeper(ActorRef<SuperWatchDogProtocol.Command> superWatchDog) {
    var system = context.getSystem();
    var management = settings.management();
    return new ManagerKeeper.Node(
        settings.host(),
        "http://%s:%d".formatted(management.address(), management.port()),
        settings.journal(),
        ManagerSettings.from(settings.config().getConfig("understudy")),
        Clock.systemUTC(),
        address -> ManagerSingleton.isMember(system, address),
        superWatchDog,
        giveUp);
  }

  /** The WatchDog, if this node hosts copies. */
  Optional<ActorRef<WatchDogProtocol.Command>> watchDog(
      ActorRef<ManagerProtocol.Command> manager, WatchDogSeat seat) {
    if (!settings.hasRole(NodeSettings.WATCHDOG)) {
      renewWithoutWatchDog();
      return Optional.empty();
    }
    var superWatchDogs = new SuperWatchDogs(context.getSystem());
    var links =
        new WatchDog.Links(
            message -> {
              seat.heard(message);
              manager.tell(new ManagerProtocol.FromWatchDog(message));
            },
            beat -> {
              guard.renew();
              superWatchDogs
                  .byAge()
                  .values()
                  .forEach(one -> one.tell(new SuperWatchDogProtocol.FromWatchDog(beat)));
            },
            giveUp,
            this::register);
    var watchDog = WatchDog.create(identity(), WatchDogSettings.from(settings.config()), links);
    return Optional.of(
        context.spawn(
            seat.overhearing(supervised(watchDog)),
            "watchdog",
            DispatcherSelector.fromConfig("understudy.watchdog.dispatcher")));
  }

  /** Where there are no heartbeats: as long as the actor system works. */
  private void renewWithoutWatchDog() {
    var system = context.getSystem();
    var unused =
        system
            .scheduler()
            .scheduleWithFixedDelay(
                Duration.ZERO,
                settings.config().getDuration("understudy.watchdog.heartbeat-interval"),
                guard::renew,
                system.executionContext());
  }

  private HostIdentity identity() {
    var address = Cluster.get(context.getSystem()).selfMember().address().hostPort();
    return new HostIdentity(
        settings.host(), address.replaceFirst("^.*@", ""), ProcessHandle.current().pid());
  }

  private CompletionStage<SelfRegistration.Answer> register(
      String token, long pid, String moduleFile) {
    var running = new RunningCopy(settings.host(), pid);
    return Management.get(context.getSystem())
        .register(token, running, moduleFile)
        .thenApply(done -> new SelfRegistration.Answer(done.status(), done.body()));
  }

  private static <T> Behavior<T> supervised(Behavior<T> behavior) {
    return Behaviors.supervise(behavior)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(RESTART_SOONEST, RESTART_LATEST, RESTART_JITTER));
  }
}
