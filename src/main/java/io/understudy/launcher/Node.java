package io.understudy.launcher;

import io.understudy.management.EventsSource;
import io.understudy.management.JournalEvents;
import io.understudy.management.Management;
import io.understudy.management.OperatorToken;
import io.understudy.management.Ports;
import io.understudy.manager.Journal;
import io.understudy.manager.LastHosts;
import io.understudy.superwatchdog.Admission;
import io.understudy.superwatchdog.Knock;
import io.understudy.watchdog.Guard;
import io.understudy.watchdog.WatchDogProtocol;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running node: an actor system with what its roles ask for, and an orderly end. */
final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(2);
  private static final Duration END_PATIENCE = Duration.ofSeconds(15);

  /** What dies takes less, and is not worth a line. */
  private static final Duration AT_ONCE = Duration.ofMillis(200);

  private final NodeSettings settings;
  private final boolean exits;
  private final Consumer<String> out;
  private final Readiness readiness;
  private Optional<String> failure = Optional.empty();
  private final CompletableFuture<String> management = new CompletableFuture<>();
  private final ServiceManager systemd;
  private final JvmGuard guard;
  private volatile boolean putOut;
  private volatile boolean stuck;
  private final ActorSystem<Void> system;
  private final CompletionStage<Done> ended;

  /**
   * Starts a node.
   *
   * @param exits whether the JVM ends with the node
   * @param out gets the line that says it is ready
   */
  static Node start(NodeSettings settings, boolean exits, Consumer<String> out) {
    Preflight.check(settings);
    var token = Preflight.token(settings.management());
    var lock = FolderLock.of(settings.data());
    try {
      return new Node(settings, token, lock, exits, out);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private Node(
      NodeSettings settings,
      OperatorToken token,
      FolderLock lock,
      boolean exits,
      Consumer<String> out) {
    this.settings = settings;
    this.exits = exits;
    this.out = out;
    this.readiness = new Readiness(settings.host() + " is starting");
    this.systemd =
        exits
            ? new ServiceManager(System.getenv(), ProcessHandle.current().pid())
            : ServiceManager.none();
    this.guard = guard();
    var parts = new CompletableFuture<NodeActors.Parts>();
    this.system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  try {
                    parts.complete(spawn(context));
                  } catch (RuntimeException e) {
                    parts.completeExceptionally(e); // else who waits for them waits for ever
                    throw e;
                  }
                  return Behaviors.empty();
                }),
            NodeSettings.SYSTEM,
            settings.pekkoConfig());
    this.ended =
        system
            .getWhenTerminated()
            .thenApply(
                done -> {
                  lock.close();
                  return done;
                });
    begin(parts.join(), token);
  }

  /** A JVM that does not end with its node is not the node's to have killed. */
  private JvmGuard guard() {
    var own = settings.config().getConfig("understudy.guard");
    var timeout = own.getDuration("timeout");
    if (!exits || !own.getBoolean("enabled")) {
      return JvmGuard.none(systemd, timeout);
    }
    awaitEarlier();
    return JvmGuard.start(systemd, timeout, settings.data());
  }

  /**
   * To register is to say that the node before this one is dead, and all that it ran: others take
   * its place at once (I5).
   */
  private void awaitEarlier() {
    var patience = settings.config().getDuration("understudy.superwatchdog.processes-die-within");
    try {
      if (!Guard.awaitEarlier(settings.data(), AT_ONCE)) {
        LOG.info(
            "{} waits until what it ran before has ended, at most {} s",
            settings.host(),
            patience.toSeconds());
        if (!Guard.awaitEarlier(settings.data(), patience)) {
          LOG.warn(
              "what {} ran before has not ended within {} s; it begins all the same",
              settings.host(),
              patience.toSeconds());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("{} cannot tell whether what it ran before has ended: {}", settings.host(), "" + e);
    }
  }

  private NodeActors.Parts spawn(ActorContext<Void> context) {
    var actors = new NodeActors(context, settings, guard, this::giveUp);
    var manager = actors.manager(this::managerStuck);
    var way = actors.way(manager);
    var herald =
        context.spawn(
            Herald.create(settings, manager, readiness, this::readyLine, this::ready), "herald");
    var seat = new WatchDogSeat(readiness, () -> herald.tell(Herald.Welcomed.INSTANCE));
    var watchDog = actors.watchDog(way, seat);
    endWith(context.getSystem(), watchDog, seat);
    return new NodeActors.Parts(manager, way, watchDog);
  }

  private void begin(NodeActors.Parts parts, OperatorToken token) {
    guard.whenLost(this::giveUp);
    OwnModules.register(system, parts.manager(), settings.modules());
    var ports =
        new Ports(
            settings.host(),
            parts.manager(),
            parts.way()::around,
            events(),
            token,
            () -> CompletableFuture.completedFuture(readiness.unready()));
    Management.get(system)
        .start(ports)
        .whenComplete(
            (uri, failed) -> {
              if (failed == null) {
                management.complete(
                    "http://%s:%d".formatted(settings.management().address(), uri.getPort()));
                join();
              } else {
                giveUp("management cannot listen: " + failed.getMessage());
              }
            });
  }

  /** Last of all: a node that is busy starting is easily taken for dead by those it has joined. */
  private void join() {
    var cluster = Cluster.get(system);
    var blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    if (!settings.seeds().isEmpty()) {
      new Joining(settings.at(), settings.seeds(), around(cluster), blocking).begin();
    } else if (mayShareJournal()) {
      var self = remoting();
      new Joining(self, List.of(self), around(cluster), blocking).begin();
    } else {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
  }

  private boolean mayShareJournal() {
    return settings.hasRole(NodeSettings.MANAGER) && settings.journal().mayBeShared();
  }

  private Joining.Surroundings around(Cluster cluster) {
    return new Joining.Surroundings() {
      @Override
      public LastHosts last() throws IOException {
        return mayShareJournal() ? LastHosts.read(system, settings.journal()) : LastHosts.NONE;
      }

      @Override
      public Joining.Seed ask(String address) {
        return switch (Knock.ask(address)) {
          case REFUSED -> Joining.Seed.ABSENT;
          case SILENCE -> Joining.Seed.SILENT;
          case ACCEPTED -> standing(address);
        };
      }

      @Override
      public boolean joined() {
        return !cluster.selfMember().status().equals(MemberStatus.removed())
            || cluster.isTerminated();
      }

      @Override
      public void join(List<String> seeds) {
        cluster.manager().tell(new JoinSeedNodes(NodeSettings.addresses(seeds)));
      }
    };
  }

  /** A node that accepts connections and does not answer is stopped, or only just starts. */
  private Joining.Seed standing(String address) {
    return Admission.ask(system, address)
        .thenApply(
            standing ->
                switch (standing) {
                  case NO_MEMBER -> Joining.Seed.NO_MEMBER;
                  case ADMITS -> Joining.Seed.ADMITS;
                  case OUT_OF_TOUCH -> Joining.Seed.OUT_OF_TOUCH;
                })
        .exceptionally(failure -> Joining.Seed.MUTE)
        .toCompletableFuture()
        .join();
  }

  private Optional<EventsSource> events() {
    return settings.hasRole(NodeSettings.MANAGER)
        ? Optional.of(new JournalEvents(new Journal(system)))
        : Optional.empty();
  }

  private String readyLine() {
    return "%s is ready: %s, %s, %s"
        .formatted(
            settings.host(),
            settings.roles().stream().sorted().collect(Collectors.joining(" and ")),
            remoting(),
            management.join());
  }

  private void ready(String line) {
    systemd.ready(line);
    out.accept(line);
  }

  /**
   * Copies end before the node leaves: at once if the others believe it dead, else with grace. The
   * JVM is guarded until they have.
   */
  private void endWith(
      ActorSystem<?> of, Optional<ActorRef<WatchDogProtocol.Command>> watchDog, WatchDogSeat seat) {
    CoordinatedShutdown.get(of)
        .addTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind(),
            "copies",
            () -> {
              if (CoordinatedShutdown.get(of)
                  .getShutdownReason()
                  .filter(Node::isDowned)
                  .isEmpty()) {
                systemd.stopping();
              }
              return watchDog
                  .map(it -> ended(of, it, seat))
                  .orElseGet(() -> CompletableFuture.completedFuture(done()))
                  .whenComplete((ended, late) -> copiesEnded());
            });
  }

  private void copiesEnded() {
    if (stuck && exits) {
      halt();
    }
    guard.close();
  }

  private CompletionStage<Done> ended(
      ActorSystem<?> of, ActorRef<WatchDogProtocol.Command> watchDog, WatchDogSeat seat) {
    var grace = settings.config().getDuration("understudy.watchdog.shutdown-grace");
    var reason = CoordinatedShutdown.get(of).getShutdownReason();
    return reason.filter(Node::isDowned).isPresent()
        ? killed(seat, watchDog)
        : seat.stop(of, watchDog, grace.plusSeconds(1)).exceptionally(late -> done());
  }

  private CompletionStage<Done> killed(
      WatchDogSeat seat, ActorRef<WatchDogProtocol.Command> watchDog) {
    var reason =
        "%s was put out of the cluster: the others took it for dead, or it is on the smaller side"
                .formatted(settings.host())
            + " of a partition";
    LOG.error("{}; its copies are killed, and it joins again as if it were new", reason);
    putOut = true;
    if (exits) {
      haltLater();
    }
    return seat.kill(watchDog, reason)
        .toCompletableFuture()
        .completeOnTimeout(done(), KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean isDowned(CoordinatedShutdown.Reason reason) {
    return reason.equals(CoordinatedShutdown.clusterDowningReason());
  }

  private static Done done() {
    return Done.getInstance();
  }

  /** Ends the node with this reason and a non-zero exit code, whatever hangs. */
  private synchronized void giveUp(String reason) {
    if (failure.isEmpty()) {
      failure = Optional.of(reason);
      LOG.error("{}", reason);
      if (exits) {
        haltLater();
      }
      var unused = CoordinatedShutdown.get(system).runAll(new NodeFailed(reason));
    }
  }

  /**
   * An orderly end would wait for it in vain, with nobody managing meanwhile: the node ends as soon
   * as its copies have, and its guard tells the others of it.
   */
  private void managerStuck(String reason) {
    stuck = true;
    giveUp(reason);
  }

  private static void halt() {
    NodeLog.flush();
    Runtime.getRuntime().halt(Complaint.REFUSED);
  }

  /** Something may hang for good, and then an orderly end never comes. */
  private void haltLater() {
    var halt =
        new Thread(
            () -> {
              if (!endsWithin(END_PATIENCE)) {
                halt();
              }
            },
            "halt");
    halt.setDaemon(true);
    halt.start();
  }

  private boolean endsWithin(Duration patience) {
    try {
      ended().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.error("the node does not end by itself, and is ended", e);
      return false;
    }
  }

  ActorSystem<Void> system() {
    return system;
  }

  NodeSettings settings() {
    return settings;
  }

  /** Done when nothing of it runs any more. */
  CompletionStage<Done> ended() {
    return ended;
  }

  /** Whether it ended because the others put it out of the cluster, which a new one may join. */
  boolean wasPutOut() {
    return putOut;
  }

  /** Where remoting listens. */
  String remoting() {
    return Cluster.get(system).selfMember().address().hostPort().replaceFirst("^.*@", "");
  }

  /** The base URL of management, when it listens. */
  CompletionStage<String> management() {
    return management;
  }

  Readiness readiness() {
    return readiness;
  }

  /** Why it gave up, if it did. */
  synchronized Optional<String> failure() {
    return failure;
  }

  /** Ends the node as SIGTERM does. */
  CompletionStage<Done> stop() {
    return CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.actorSystemTerminateReason());
  }
}
