package io.understudy.superwatchdog;

import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.RollCall.Silence;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromNeighbour;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetHosts;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetRing;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostDead;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RestartManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ClusterEvent.MemberDowned;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Hears every WatchDog, and while it is the primary tells the ReplicaManager which hosts died
 * ([0022] to [0026]).
 *
 * <p>A verdict is repeated with every look until the ReplicaManager no longer believes the host
 * alive, so that none is lost with a manager.
 */
public final class SuperWatchDog extends AbstractBehavior<Command> {
  /** A look that comes so many intervals late shows that this observer was paused. */
  private static final int LATE = 4;

  private final HostId self;
  private final SuperWatchDogSettings settings;
  private final SuperWatchDogs others;
  private final LongSupplier clock;
  private final Map<HostId, Long> neighbours = new HashMap<>();
  private final Map<String, String> gone = new HashMap<>();
  private final Set<String> suspected = new HashSet<>();
  private final Set<String> knocking = new HashSet<>();
  private final Executor blocking;
  private final Expulsion expel;

  private RollCall rollCall = RollCall.EMPTY;
  private Optional<ManagerHeard> manager = Optional.empty();
  private long lastLook;

  private record ManagerHeard(ActorRef<ToManager> manager, long at) {}

  private record ClusterSaw(MemberEvent event) implements Command {}

  private record Knocked(Heartbeat last, boolean refused) implements Command {}

  private enum Look implements Command {
    TICK
  }

  /**
   * One for each manager node, to be spawned as {@link SuperWatchDogs#NAME}.
   *
   * @param clock monotonic, in nanoseconds
   */
  public static Behavior<Command> create(
      HostId self, SuperWatchDogSettings settings, LongSupplier clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Look.TICK, settings.interval());
                  return new SuperWatchDog(context, self, settings, clock);
                }));
  }

  private SuperWatchDog(
      ActorContext<Command> context,
      HostId self,
      SuperWatchDogSettings settings,
      LongSupplier clock) {
    super(context);
    context.setLoggerName(SuperWatchDog.class);
    this.self = self;
    this.settings = settings;
    this.clock = clock;
    this.others = new SuperWatchDogs(context.getSystem());
    this.lastLook = clock.getAsLong();
    this.expel = new Expulsion(context.getSystem());
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    var adapter = context.messageAdapter(MemberEvent.class, ClusterSaw::new);
    Cluster.get(context.getSystem())
        .subscriptions()
        .tell(Subscribe.create(adapter, MemberEvent.class));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Command.class, this::handle).build();
  }

  private Behavior<Command> handle(Command command) {
    var now = clock.getAsLong();
    switch (command) {
      case FromWatchDog m -> rollCall = rollCall.hear(m.heartbeat(), now);
      case FromNeighbour m -> neighbours.put(m.host(), now);
      case FromManager m -> hearManager(m, now);
      case ClusterSaw(MemberDowned event) -> lost(event, "the cluster declared its node dead");
      case ClusterSaw(MemberRemoved event) -> lost(event, "its node left the cluster");
      case ClusterSaw other -> {} // joining and leaving nodes have nothing to recover
      case Knocked m -> knocked(m);
      case Look tick -> look(now);
      case GetRing m -> m.replyTo().tell(view(ring(), now));
      case GetHosts m -> m.replyTo().tell(hosts(now));
      default -> throw new IllegalArgumentException("not a command: " + command);
    }
    return this;
  }

  private Ring ring() {
    return new Ring(new ArrayList<>(others.byAge().keySet()));
  }

  private void hearManager(FromManager heartbeat, long now) {
    manager = Optional.of(new ManagerHeard(heartbeat.manager(), now));
    rollCall = rollCall.expect(heartbeat.hosts(), now);
    gone.keySet().removeIf(incarnation -> !heartbeat.hosts().containsValue(incarnation));
    report();
  }

  /**
   * The cluster's own view of a member makes its host failed at once, or as soon as a manager that
   * begins here asks for it.
   */
  private void lost(MemberEvent event, String reason) {
    var address = event.member().address().hostPort();
    rollCall
        .at(at -> address.endsWith("@" + at))
        .forEach(incarnation -> gone.put(incarnation, reason));
    report();
  }

  private void look(long now) {
    var sinceLast = Duration.ofNanos(now - lastLook);
    lastLook = now;
    if (sinceLast.compareTo(settings.interval().multipliedBy(LATE)) >= 0) {
      rollCall = rollCall.paused(sinceLast, now);
      manager = manager.map(m -> new ManagerHeard(m.manager(), now));
    }
    var peers = others.byAge();
    var ring = new Ring(new ArrayList<>(peers.keySet()));
    ring.successor(self)
        .flatMap(next -> Optional.ofNullable(peers.get(next)))
        .ifPresent(next -> next.tell(new FromNeighbour(self)));
    rollCall.silent(settings.knockAfter(), now).forEach(this::knock);
    if (ring.isPrimary(self)) {
      rollCall
          .silences(now)
          .filter(silence -> silence.silent().compareTo(settings.hostTimeout()) >= 0)
          .forEach(this::presumeDead);
      report();
      watchManager(now);
    }
  }

  /** Silence is a suspicion; a host that refuses a connection is certainly dead. */
  private void knock(Heartbeat last) {
    if (knocking.add(last.incarnation())) {
      getContext()
          .pipeToSelf(
              Knock.refused(last.address(), blocking),
              (refused, failure) -> new Knocked(last, failure == null && refused));
    }
  }

  private void knocked(Knocked answer) {
    var last = answer.last();
    knocking.remove(last.incarnation());
    if (answer.refused()) {
      rollCall = rollCall.forget(last.incarnation());
      gone.put(
          last.incarnation(), "its node is dead: %s refuses connections".formatted(last.address()));
      expel.members(at -> at.endsWith("@" + last.address())).forEach(expel::certainlyDead);
      report();
    }
  }

  /** A node whose WatchDog is silent is put out of the cluster, so that it ends if it lives. */
  private void presumeDead(Silence silence) {
    var reason = "its WatchDog has been silent for %d ms".formatted(silence.silent().toMillis());
    if (gone.putIfAbsent(silence.incarnation(), reason) == null) {
      suspected.add(silence.incarnation());
      getContext().getLog().warn("host {} is presumed dead: {}", silence.host(), reason);
      silence.address().ifPresent(this::down);
    }
  }

  private void down(String address) {
    expel.members(at -> at.endsWith("@" + address)).forEach(expel::down);
  }

  private void report() {
    manager.ifPresent(
        m ->
            rollCall
                .expected()
                .forEach(
                    (host, expected) -> {
                      var reason = gone.get(expected.incarnation());
                      if (reason != null) {
                        m.manager()
                            .tell(
                                new HostDead(
                                    host,
                                    expected.incarnation(),
                                    suspected.contains(expected.incarnation())
                                        ? Certainty.SUSPECTED
                                        : Certainty.CERTAIN,
                                    reason));
                      }
                    }));
  }

  /** [0026]: a silent ReplicaManager is restarted on the same host. */
  private void watchManager(long now) {
    manager
        .filter(m -> Duration.ofNanos(now - m.at()).compareTo(settings.managerTimeout()) >= 0)
        .ifPresent(
            m -> {
              var silent = Duration.ofNanos(now - m.at()).toMillis();
              m.manager()
                  .tell(new RestartManager("it has been silent for %d ms".formatted(silent)));
              manager = Optional.of(new ManagerHeard(m.manager(), now));
            });
  }

  private RingView view(Ring ring, long now) {
    var from = ring.predecessor(self);
    var at = from.flatMap(host -> Optional.ofNullable(neighbours.get(host)));
    return new RingView(
        self,
        ring.isPrimary(self),
        ring.successor(self),
        at.flatMap(heard -> from),
        at.map(heard -> Duration.ofNanos(now - heard).toMillis()).orElse(0L));
  }

  private HostsHeard hosts(long now) {
    return new HostsHeard(
        rollCall
            .silences(now)
            .map(
                silence ->
                    new HostHeard(
                        silence.host(),
                        silence.incarnation(),
                        silence.silent().multipliedBy(2).compareTo(settings.hostTimeout()) > 0,
                        silence.silent().toMillis(),
                        Math.max(0, settings.hostTimeout().minus(silence.silent()).toMillis())))
            .toList());
  }
}
