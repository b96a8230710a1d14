package io.understudy.launcher;

import io.understudy.checkpoint.Checkpoints;
import io.understudy.checkpoint.Outcome;
import io.understudy.management.Management;
import io.understudy.management.Metrics;
import io.understudy.manager.Detour;
import io.understudy.manager.ManagerKeeper;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerSettings;
import io.understudy.manager.ManagerSingleton;
import io.understudy.manager.WayToManager;
import io.understudy.model.Epoch;
import io.understudy.model.Incarnation;
import io.understudy.model.ModuleId;
import io.understudy.model.RunningCopy;
import io.understudy.superwatchdog.Hearing;
import io.understudy.superwatchdog.LeaseTerms;
import io.understudy.superwatchdog.Pulse;
import io.understudy.superwatchdog.Seal;
import io.understudy.superwatchdog.SuperWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.watchdog.HostIdentity;
import io.understudy.watchdog.Lease;
import io.understudy.watchdog.SelfRegistration;
import io.understudy.watchdog.StateHost;
import io.understudy.watchdog.StateResources;
import io.understudy.watchdog.WatchDog;
import io.understudy.watchdog.WatchDogProtocol;
import io.understudy.watchdog.WatchDogSettings;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spawns what a node's roles ask for, and ties it together. */
final class NodeActors {
  private static final Logger LOG = LoggerFactory.getLogger(NodeActors.class);
  private static final Duration RESTART_SOONEST = Duration.ofMillis(200);
  private static final Duration RESTART_LATEST = Duration.ofSeconds(5);
  private static final double RESTART_JITTER = 0.1;

  private final ActorContext<?> context;
  private final NodeSettings settings;
  private final JvmGuard guard;
  private final Consumer<String> giveUp;
  private final LeaseTerms terms;
  private final Pulse pulse;
  private final Checkpoints checkpoints;

  /**
   * What there is to talk to.
   *
   * @param way to the manager, from this host
   * @param watchDog on nodes that host copies
   */
  record Parts(
      ActorRef<ManagerProtocol.Command> manager,
      WayToManager way,
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
    this.terms = SuperWatchDogSettings.terms(settings.config().getConfig("understudy"));
    this.pulse = pulse();
    if (settings.hasRole(NodeSettings.WATCHDOG)) {
      Hearing.of(context.getSystem()).watchDog(pulse::touch);
    }
    var blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    this.checkpoints = new Checkpoints(settings.journal(), blocking);
    var unused = context.getSystem().getWhenTerminated().thenRun(this::close);
  }

  private void close() {
    pulse.close();
    checkpoints.close();
  }

  /**
   * The manager's place, here or elsewhere.
   *
   * @param stuck ends the node, when the ReplicaManager here cannot be stopped
   */
  ActorRef<ManagerProtocol.Command> manager(Consumer<String> stuck) {
    if (!settings.hasRole(NodeSettings.MANAGER)) {
      return ManagerSingleton.proxy(context.getSystem());
    }
    var manager = ManagerSingleton.candidate(context.getSystem(), keeper(superWatchDog(), stuck));
    context.spawn(supervised(Detour.create(manager)), Detour.NAME);
    return manager;
  }

  /** Round cuts that the heartbeats tell of, where there are any. */
  WayToManager way(ActorRef<ManagerProtocol.Command> manager) {
    return new WayToManager(context.getSystem(), manager, pulse::misses);
  }

  private ActorRef<SuperWatchDogProtocol.Command> superWatchDog() {
    var own = settings.config().getConfig("understudy");
    return context.spawn(
        supervised(
            SuperWatchDog.create(
                settings.host(),
                new InetSocketAddress(settings.address(), settings.pulsePort()),
                seal(),
                SuperWatchDogSettings.from(own),
                System::nanoTime)),
        SuperWatchDogs.NAME,
        DispatcherSelector.fromConfig("understudy.superwatchdog.dispatcher"));
  }

  private ManagerKeeper.Node keeper(
      ActorRef<SuperWatchDogProtocol.Command> superWatchDog, Consumer<String> stuck) {
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
        this::forgetState,
        stuck);
  }

  /** What is left after a failure is removed when the name is used again. */
  private void forgetState(ModuleId module, Epoch last) {
    checkpoints
        .forget(module, last)
        .thenAccept(
            outcome -> {
              if (outcome instanceof Outcome.Unavailable<ModuleId>(var reason)) {
                LOG.warn(
                    "the state of {} is still stored, until a module of that name is registered:"
                        + " {}",
                    module,
                    reason);
              }
            });
  }

  /** The WatchDog, if this node hosts copies. */
  Optional<ActorRef<WatchDogProtocol.Command>> watchDog(WayToManager way, WatchDogSeat seat) {
    if (!settings.hasRole(NodeSettings.WATCHDOG)) {
      renewWithoutWatchDog();
      return Optional.empty();
    }
    var metrics = Metrics.get(context.getSystem());
    metrics.lease(this::leaseLeft);
    var links =
        new WatchDog.Links(
            seat.overhearing(way),
            beat -> {
              pulse.beat(beat);
              renewGuard();
              metrics.heartbeatSent();
            },
            pulse::lease,
            giveUp,
            this::register,
            guard);
    var watchDog =
        WatchDog.create(
            identity(),
            WatchDogSettings.from(settings.config()),
            links,
            new AtomicInteger(),
            states());
    return Optional.of(
        context.spawn(
            seat.overhearing(supervised(watchDog)),
            "watchdog",
            DispatcherSelector.fromConfig("understudy.watchdog.own-dispatcher")));
  }

  /** Found by other nodes by its name, so it is a child of the guardian. */
  private StateResources states() {
    var here =
        context.spawn(
            StateHost.create(settings.host()),
            StateHost.NAME,
            DispatcherSelector.fromConfig("understudy.watchdog.state-dispatcher"));
    return StateResources.of(context.getSystem(), here, checkpointServer());
  }

  /** A node that is no manager knows of none but the one it was given. */
  private Optional<Checkpoints> checkpointServer() {
    var given = !settings.config().getString("understudy.journal.url").isEmpty();
    return Optional.of(checkpoints)
        .filter(server -> given || settings.hasRole(NodeSettings.MANAGER));
  }

  /** Open for as long as the process lives: that it closes is how its death is heard. */
  private Pulse pulse() {
    return Pulse.open(
        node(),
        settings.address(),
        terms,
        new SuperWatchDogs(context.getSystem())::pulses,
        seal(),
        this::leaseRenewed);
  }

  private Seal seal() {
    return Seal.of(settings.config().getString("understudy.pulse-secret"));
  }

  private String node() {
    return SuperWatchDogs.node(Cluster.get(context.getSystem()).selfMember());
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
                () -> {
                  guard.lastWords(pulse.lastWords());
                  guard.renew();
                },
                system.executionContext());
  }

  /**
   * The JVM must be dead before its lease is over if it cannot even stop its primaries by itself:
   * it gets half of the time that a lease leaves for that.
   */
  private void renewGuard() {
    guard.lastWords(pulse.lastWords());
    leaseLeft().ifPresentOrElse(left -> guard.renew(beyond(left)), guard::renew);
  }

  /**
   * The answer to a beat is worth more than the beat. Less than the beat gave it takes from nobody:
   * a WatchDog that saw no lease runs no primaries until it has beaten again.
   */
  private void leaseRenewed() {
    leaseLeft().ifPresent(left -> guard.extend(beyond(left)));
  }

  private Duration beyond(Duration lease) {
    return lease.plus(terms.stopping().dividedBy(2));
  }

  /** Empty without leases, and when it is over. */
  private Optional<Duration> leaseLeft() {
    var left =
        pulse.lease() instanceof Lease.Until(var end)
            ? Duration.ofNanos(end - System.nanoTime())
            : Duration.ZERO;
    return Optional.of(left).filter(Duration::isPositive);
  }

  private HostIdentity identity() {
    return new HostIdentity(
        settings.host(), node(), Incarnation.addressOf(node()), ProcessHandle.current().pid());
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
