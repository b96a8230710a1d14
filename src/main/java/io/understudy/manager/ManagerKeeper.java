package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.superwatchdog.Steps;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.ReplicationTable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;

/**
 * The singleton itself: it never ends, and begins the ReplicaManager anew whenever that ends or the
 * SuperWatchDog says it hangs ([0026]).
 *
 * <p>While the ReplicaManager or its journal is away, every request is answered with the reason;
 * what WatchDogs say is dropped, since they repeat it.
 */
public final class ManagerKeeper extends AbstractBehavior<Command> {
  private static final Duration SOONEST = Duration.ofMillis(100);
  private static final Duration LATEST = Duration.ofSeconds(1);

  /** Commands in one write; each may be many events. */
  private static final int MOST_AT_ONCE = 100;

  private static final int MOST_WAITING = 10_000;

  private final TimerScheduler<Command> timers;
  private final Node node;
  private final Schema schema;
  private final Logger log;
  private final ActorRef<SuperWatchDogProtocol.ToManager> fromSuperWatchDog;

  /** Whose requests the ReplicaManager was given and has not answered. */
  private final Deque<ActorRef<Reply>> asking = new ArrayDeque<>();

  /** What the ReplicaManager is to be given, in the order in which it came. */
  private final Deque<Command> waiting = new ArrayDeque<>();

  /** What it was given last, while it is at work on that. */
  private List<Command> given = List.of();

  private boolean busy;
  private int generation;
  private Duration backoff = SOONEST;
  private Optional<ActorRef<Command>> manager = Optional.empty();
  private Optional<String> unavailable = Optional.empty();
  private boolean managing;

  /**
   * The node on which it runs.
   *
   * @param management base URL of the node's management HTTP
   * @param isMember whether the node of this name, or any at this remoting address, is alive in the
   *     cluster
   * @param forgetState what the Checkpoint Server has of a module that is gone, up to its last
   *     epoch; returns at once, and is safe to repeat
   * @param giveUp ends the node, when the ReplicaManager can neither work nor be stopped
   */
  public record Node(
      HostId host,
      String management,
      JournalSettings journal,
      ManagerSettings settings,
      Clock clock,
      Predicate<String> isMember,
      ActorRef<SuperWatchDogProtocol.Command> superWatchDog,
      BiConsumer<ModuleId, Epoch> forgetState,
      Consumer<String> giveUp) {
    /** One whose modules have no state. */
    public Node(
        HostId host,
        String management,
        JournalSettings journal,
        ManagerSettings settings,
        Clock clock,
        Predicate<String> isMember,
        ActorRef<SuperWatchDogProtocol.Command> superWatchDog,
        Consumer<String> giveUp) {
      this(
          host,
          management,
          journal,
          settings,
          clock,
          isMember,
          superWatchDog,
          (module, last) -> {},
          giveUp);
    }
  }

  private record FromSuperWatchDog(SuperWatchDogProtocol.ToManager message) implements Command {}

  private enum Prepared implements Command {
    INSTANCE
  }

  private record Failed(Throwable cause) implements Command {}

  private enum Retry implements Command {
    INSTANCE
  }

  private record Unanswered(String reason) implements Command {}

  private record StillThere(int generation, boolean interrupted) implements Command {}

  public static Behavior<Command> create(Node node) {
    return create(node, new Schema(node.journal()));
  }

  static Behavior<Command> create(Node node, Schema schema) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new ManagerKeeper(context, timers, node, schema)));
  }

  private ManagerKeeper(
      ActorContext<Command> context, TimerScheduler<Command> timers, Node node, Schema schema) {
    super(context);
    this.timers = timers;
    this.node = node;
    this.schema = schema;
    this.log = context.getLog();
    this.fromSuperWatchDog =
        context.messageAdapter(SuperWatchDogProtocol.ToManager.class, FromSuperWatchDog::new);
    prepare();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Command.class, this::handle)
        .onSignal(ChildFailed.class, signal -> ended("failed with its journal", signal.getCause()))
        .onSignal(Terminated.class, signal -> retryLater())
        .onSignal(PostStop.class, signal -> moves())
        .build();
  }

  private Behavior<Command> handle(Command command) {
    switch (command) {
      case ManagerProtocol.WhereIs c ->
          c.replyTo()
              .tell(new ManagerProtocol.Location(node.host(), node.management(), unavailable));
      case Prepared p -> begin();
      case Failed failed -> ended("cannot reach its journal", failed.cause());
      case Retry retry -> prepare();
      case Unanswered unanswered -> leaveNobodyWaiting(unanswered.reason());
      case ReplicaManager.Answered(var replyTo, var reply) -> {
        asking.remove(replyTo);
        replyTo.tell(reply);
      }
      case ReplicaManager.Ready ready -> {
        busy = false;
        given = List.of();
        hand();
      }
      case ReplicaManager.Recovered recovered -> recovered(recovered.version());
      case FromSuperWatchDog(SuperWatchDogProtocol.RestartManager m) -> restart(m.reason());
      case FromSuperWatchDog(SuperWatchDogProtocol.HostDead m) -> pass(new ReplicaManager.Dead(m));
      case StillThere still -> insist(still);
      case Command other -> pass(other);
    }
    return this;
  }

  private void pass(Command command) {
    if (manager.isPresent() && unavailable.isEmpty() && waiting.size() < MOST_WAITING) {
      if (command instanceof ManagerProtocol.Request request) {
        asking.add(request.replyTo());
      }
      waiting.add(command);
      hand();
    } else {
      refuse(command, unavailable.orElse("the ReplicaManager is starting, or has too much to do"));
    }
  }

  /** All that came while the ReplicaManager was at work goes to it at once, and is one write. */
  private void hand() {
    if (busy || waiting.isEmpty() || manager.isEmpty()) {
      return;
    }
    var batch = new ArrayList<Command>();
    while (!waiting.isEmpty() && batch.size() < MOST_AT_ONCE) {
      batch.add(waiting.remove());
    }
    busy = true;
    given = batch;
    manager.get().tell(new ReplicaManager.Batch(batch));
  }

  private void refuse(Command command, String reason) {
    switch (command) {
      case ManagerProtocol.Request request ->
          request.replyTo().tell(new ManagerProtocol.Unavailable(reason));
      case ManagerProtocol.GetTable get ->
          get.replyTo()
              .tell(
                  new ManagerProtocol.Table(
                      node.host(), ReplicationTable.EMPTY, Optional.of(reason)));
      case ManagerProtocol.WatchPrimaries watch ->
          watch.replyTo().tell(new ManagerProtocol.Unavailable(reason));
      default -> log.debug("dropped while the ReplicaManager is away: {}", command);
    }
  }

  /** A node that has stood by has seen to the journal's tables already. */
  private void prepare() {
    if (schema.isReady()) {
      begin();
      return;
    }
    var blocking = getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    getContext()
        .pipeToSelf(
            schema.see(blocking),
            (ok, failure) -> failure == null ? Prepared.INSTANCE : new Failed(failure));
  }

  private void begin() {
    generation++;
    Steps.take(Steps.Step.BEGUN, node.host());
    var around =
        new ReplicaManager.Surroundings(
            node.host(),
            node.clock(),
            node.isMember(),
            node.superWatchDog(),
            fromSuperWatchDog,
            node.forgetState(),
            getContext().getSelf());
    var child =
        getContext()
            .spawn(
                ReplicaManager.create(node.settings(), around),
                "replica-manager-" + generation,
                DispatcherSelector.fromConfig("understudy.manager.dispatcher"));
    getContext().watch(child);
    manager = Optional.of(child);
    busy = false;
  }

  private void recovered(long version) {
    Steps.take(Steps.Step.RECOVERED, node.host());
    if (unavailable.isPresent() || generation > 1) {
      log.info("the ReplicaManager on {} manages again, at version {}", node.host(), version);
    } else {
      log.info("the ReplicaManager on {} manages, at version {}", node.host(), version);
    }
    unavailable = Optional.empty();
    managing = true;
    backoff = SOONEST;
  }

  private Behavior<Command> ended(String how, Throwable cause) {
    var said =
        "the ReplicaManager on %s %s %s: %s; it tries again, decides nothing meanwhile, and %s"
            .formatted(
                node.host(),
                how,
                node.journal().shown(),
                Threads.rootReason(cause),
                "copies keep running");
    if (!unavailable.equals(Optional.of(said))) {
      log.warn("{}", said);
    }
    unavailable = Optional.of(said);
    return retryLater();
  }

  /** The answers that it gave before it ended are still in the mailbox, and go out first. */
  private Behavior<Command> retryLater() {
    schema.doubt();
    getContext().getSelf().tell(new Unanswered(unavailable.orElse("the ReplicaManager ended")));
    manager = Optional.empty();
    managing = false;
    refuseQuestions(unavailable.orElse("the ReplicaManager ended"));
    timers.startSingleTimer(Retry.INSTANCE, Retry.INSTANCE, backoff);
    backoff = backoff.multipliedBy(2).compareTo(LATEST) > 0 ? LATEST : backoff.multipliedBy(2);
    return this;
  }

  private Behavior<Command> moves() {
    refuseQuestions("the ReplicaManager moves");
    return leaveNobodyWaiting("the ReplicaManager moves");
  }

  /** A question changes nothing, so that who was answered already may be refused as well. */
  private void refuseQuestions(String reason) {
    Stream.concat(given.stream(), waiting.stream())
        .filter(command -> !(command instanceof ManagerProtocol.Request)) // answered in doubt
        .forEach(command -> refuse(command, reason));
    given = List.of();
    waiting.clear();
  }

  private Behavior<Command> leaveNobodyWaiting(String reason) {
    asking.forEach(replyTo -> replyTo.tell(Answers.inDoubt(reason)));
    asking.clear();
    return this;
  }

  /** A ReplicaManager that still reads its journal is silent for a good reason. */
  private void restart(String reason) {
    manager
        .filter(child -> managing)
        .ifPresent(
            child -> {
              managing = false;
              log.warn("the ReplicaManager on {} begins anew: {}", node.host(), reason);
              unavailable = Optional.of("the ReplicaManager begins anew: " + reason);
              getContext().stop(child);
              timers.startSingleTimer(
                  StillThere.class,
                  new StillThere(generation, false),
                  node.settings().stopTimeout());
            });
  }

  /** A thread that neither works nor stops is interrupted, then the node ends. */
  private void insist(StillThere still) {
    if (manager.isEmpty() || still.generation() != generation) {
      return;
    }
    if (still.interrupted()) {
      node.giveUp()
          .accept("the ReplicaManager on %s hangs and cannot be stopped".formatted(node.host()));
      return;
    }
    Threads.interruptNamed("understudy.manager.dispatcher");
    timers.startSingleTimer(
        StillThere.class, new StillThere(generation, true), node.settings().stopTimeout());
  }
}
