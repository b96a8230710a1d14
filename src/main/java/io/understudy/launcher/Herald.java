package io.understudy.launcher;

import io.understudy.manager.ManagerProtocol;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what a starting node waits for, every few seconds, and that it is ready, once. */
final class Herald extends AbstractBehavior<Herald.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(Herald.class);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int LOOKS_BEFORE_WORDS = 12;
  private static final int LOOKS_BETWEEN_WORDS = 20;

  private final NodeSettings settings;
  private final ActorRef<ManagerProtocol.Command> manager;
  private final Readiness readiness;
  private final Supplier<String> readyLine;
  private final Consumer<String> out;
  private int looks;

  interface Message {}

  /** The WatchDog was welcomed. */
  enum Welcomed implements Message {
    INSTANCE
  }

  private enum Look implements Message {
    TICK
  }

  private record Located(Optional<ManagerProtocol.Location> location) implements Message {}

  static Behavior<Message> create(
      NodeSettings settings,
      ActorRef<ManagerProtocol.Command> manager,
      Readiness readiness,
      Supplier<String> readyLine,
      Consumer<String> out) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Look.TICK, LOOK);
                  return new Herald(context, settings, manager, readiness, readyLine, out);
                }));
  }

  private Herald(
      ActorContext<Message> context,
      NodeSettings settings,
      ActorRef<ManagerProtocol.Command> manager,
      Readiness readiness,
      Supplier<String> readyLine,
      Consumer<String> out) {
    super(context);
    this.settings = settings;
    this.manager = manager;
    this.readiness = readiness;
    this.readyLine = readyLine;
    this.out = out;
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Welcomed.class, welcomed -> ready())
        .onMessage(Look.class, tick -> look())
        .onMessage(Located.class, this::located)
        .build();
  }

  private Behavior<Message> look() {
    looks++;
    getContext()
        .ask(
            ManagerProtocol.Location.class,
            manager,
            PATIENCE,
            ManagerProtocol.WhereIs::new,
            (location, failure) -> new Located(Optional.ofNullable(location)));
    return this;
  }

  /** A node without a WatchDog is ready when it can reach a ReplicaManager that serves. */
  private Behavior<Message> located(Located located) {
    var serving = located.location().filter(at -> at.unavailable().isEmpty());
    if (serving.isPresent() && !settings.hasRole(NodeSettings.WATCHDOG)) {
      return ready();
    }
    var reason = waitingFor(located.location());
    readiness.waitsFor(reason);
    if (looks >= LOOKS_BEFORE_WORDS) {
      looks = LOOKS_BEFORE_WORDS - LOOKS_BETWEEN_WORDS;
      LOG.info("{}", reason);
    }
    return this;
  }

  private Behavior<Message> ready() {
    readiness.ready();
    out.accept(readyLine.get());
    return Behaviors.stopped();
  }

  private String waitingFor(Optional<ManagerProtocol.Location> manager) {
    var self = Cluster.get(getContext().getSystem()).selfMember();
    if (!self.status().equals(MemberStatus.up()) && settings.seeds().isEmpty()) {
      return "%s finds out whether a cluster runs on its journal already"
          .formatted(settings.host());
    }
    if (!self.status().equals(MemberStatus.up())) {
      return "%s waits for one of its seeds to let it in: %s; start one, or correct %s"
          .formatted(
              settings.host(),
              String.join(", ", settings.seeds()),
              settings.tls().isPresent()
                  ? "understudy.seeds, or understudy.tls so that it fits theirs"
                  : "understudy.seeds");
    }
    return manager
        .map(
            at ->
                at.unavailable()
                    .map(
                        why ->
                            "%s waits for its ReplicaManager: %s".formatted(settings.host(), why))
                    .orElse(
                        "%s waits to be registered by the ReplicaManager on %s"
                            .formatted(settings.host(), at.host())))
        .orElseGet(
            () ->
                "%s waits for a ReplicaManager; start a node with the role manager"
                    .formatted(settings.host()));
  }
}
