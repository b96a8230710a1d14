package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.StateGroup;
import io.understudy.superwatchdog.Steps;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.Change;
import io.understudy.table.Decision;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.japi.function.Procedure;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EffectBuilder;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Keeps the table and sees to it that every host runs what the table says (patent [0015], [0021]).
 *
 * <p>Persist, then order (I2). When the journal fails it ends, and its {@link ManagerKeeper} begins
 * it anew from what is durable.
 */
final class ReplicaManager extends EventSourcedBehavior<Command, TableEvent, ReplicationTable> {
  private static final String SNAPSHOTS = "foreseen-snapshot-store";
  private static final int SNAPSHOTS_KEPT = 2;

  /** To replay so many events takes no time that anybody would notice. */
  private static final int FEW_EVENTS = 200;

  /** To save a module costs about as much as to persist so many. */
  private static final int EVENTS_OF_A_MODULE = 8;

  private static final int MOST_LINES_LOGGED = 50;

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ManagerSettings settings;
  private final Surroundings around;
  private final Stream stream;
  private final Orders orders;
  private final ToSuperWatchDog superWatchDog;

  /** After which event the table was saved, or read. */
  private long savedAt;

  private final FromWatchDogs watchDogs;
  private final PrimariesWatchers watchers = new PrimariesWatchers();

  /**
   * What the ReplicaManager finds on its node.
   *
   * @param clock for the times of events; the one before may have managed by another
   * @param isMember whether the node of this name, or any at this remoting address, is alive in the
   *     cluster
   * @param forgetState what is stored of the state of a module that is gone, up to its last epoch
   */
  record Surroundings(
      HostId host,
      Clock clock,
      Predicate<String> isMember,
      ActorRef<SuperWatchDogProtocol.Command> superWatchDog,
      ActorRef<SuperWatchDogProtocol.ToManager> fromSuperWatchDog,
      BiConsumer<ModuleId, Epoch> forgetState,
      ActorRef<Command> keeper) {}

  /** The journal has been replayed up to this version. */
  record Recovered(long version) implements Command {}

  /** A request is answered; by way of the keeper, which knows who is still waiting. */
  record Answered(ActorRef<Reply> replyTo, Reply reply) implements Command {}

  /** The SuperWatchDog says that a host is dead. */
  record Dead(SuperWatchDogProtocol.HostDead host) implements Command {}

  /** Commands that came while it was at work, in their order; it then says {@link Ready}. */
  record Batch(List<Command> commands) implements Command {}

  /** A batch is done. */
  enum Ready implements Command {
    FOR_MORE
  }

  private record Due(ModuleId module) implements Command {}

  private enum Tick implements Command {
    RESEND,
    HEARTBEAT
  }

  /**
   * Under which id the journal keeps the events, how loudly they are told, and whether they are of
   * real modules, for who counts them.
   */
  private record Stream(String persistenceId, Level level, boolean counts) {}

  static Behavior<Command> create(ManagerSettings settings, Surroundings around) {
    return create(settings, around, new Stream(Journal.PERSISTENCE_ID, Level.INFO, true));
  }

  /** One that is not about any real module: it has a journal of its own, and is quiet. */
  static Behavior<Command> rehearsed(
      ManagerSettings settings, Surroundings around, String persistenceId) {
    return create(settings, around, new Stream(persistenceId, Level.DEBUG, false));
  }

  private static Behavior<Command> create(
      ManagerSettings settings, Surroundings around, Stream stream) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new ReplicaManager(context, timers, settings, around, stream)));
  }

  private ReplicaManager(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ManagerSettings settings,
      Surroundings around,
      Stream stream) {
    super(PersistenceId.ofUniqueId(stream.persistenceId()));
    this.context = context;
    this.timers = timers;
    this.settings = settings;
    this.around = around;
    this.stream = stream;
    var known = new WatchDogs(context.getSystem());
    this.orders = new Orders(known, around.clock());
    this.superWatchDog = new ToSuperWatchDog(around.superWatchDog(), around.fromSuperWatchDog());
    this.watchDogs = new FromWatchDogs(orders, known, around);
  }

  @Override
  public ReplicationTable emptyState() {
    return ReplicationTable.EMPTY;
  }

  @Override
  public EventHandler<ReplicationTable, TableEvent> eventHandler() {
    return (table, event) -> table.evolve(event);
  }

  @Override
  public String snapshotPluginId() {
    return SNAPSHOTS;
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(settings.snapshotEvery(), SNAPSHOTS_KEPT);
  }

  /**
   * The smaller the table the sooner it is saved, so that who takes over replays little. Orders
   * that a failure needs do not wait for that, and snapshots after which old ones are removed come
   * first.
   */
  @Override
  public boolean shouldSnapshot(ReplicationTable table, TableEvent event, long sequence) {
    var names = table.modules().size() + table.retired().size();
    var due = savedAt + Math.max(FEW_EVENTS, (long) EVENTS_OF_A_MODULE * names);
    if (sequence < due || !hasTime(event)) {
      return false;
    }
    var regular = settings.snapshotEvery() - sequence % settings.snapshotEvery();
    if (regular < FEW_EVENTS) {
      return false;
    }
    savedAt = sequence;
    return true;
  }

  private static boolean hasTime(TableEvent event) {
    return event instanceof TableEvent.StatusConfirmed
        || event instanceof TableEvent.CopyStarted
        || event instanceof TableEvent.ModuleRegistered;
  }

  @Override
  public SignalHandler<ReplicationTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::recovered)
        .onSignal(PostStop.instance(), table -> watchers.dismiss("the ReplicaManager ended"))
        .build();
  }

  @Override
  public CommandHandler<Command, TableEvent, ReplicationTable> commandHandler() {
    return this::handle;
  }

  private Effect<TableEvent, ReplicationTable> handle(ReplicationTable table, Command command) {
    return switch (command) {
      case Batch(var commands) ->
          all(table, commands).thenRun(t -> around.keeper().tell(Ready.FOR_MORE));
      case Tick.RESEND -> Effect().none().thenRun(this::resend);
      case Tick.HEARTBEAT -> Effect().none().thenRun(superWatchDog::heartbeat);
      default -> all(table, List.of(command));
    };
  }

  /** Each command finds the table as those before it leave it; all events are persisted as one. */
  private EffectBuilder<TableEvent, ReplicationTable> all(
      ReplicationTable table, List<Command> commands) {
    var events = new ArrayList<TableEvent>();
    var steps = new ArrayList<Step>();
    var next = table;
    for (Command command : commands) {
      var step = step(next, command);
      events.addAll(step.events());
      next = next.evolve(step.events());
      steps.add(step);
    }
    Procedure<ReplicationTable> then = after -> steps.forEach(step -> step.then().accept(after));
    return events.isEmpty()
        ? Effect().none().thenRun(then)
        : Effect()
            .persist(events)
            .thenRun(after -> steps.forEach(step -> step.first().accept(after)))
            .thenRun(after -> follow(table, after, events))
            .thenRun(then);
  }

  private Step step(ReplicationTable table, Command command) {
    return switch (command) {
      case ManagerProtocol.Register c ->
          request(table, new Change.Register(c.spec(), c.running()), c.replyTo());
      case ManagerProtocol.Deregister c ->
          request(table, new Change.Deregister(c.module()), c.replyTo());
      case ManagerProtocol.Switchover c ->
          request(table, new Change.Switchover(c.module(), c.to(), c.from()), c.replyTo());
      case ManagerProtocol.Drain c -> request(table, new Change.Drain(c.host()), c.replyTo());
      case ManagerProtocol.Resume c -> request(table, new Change.Resume(c.host()), c.replyTo());
      case ManagerProtocol.ResetFailures c ->
          request(table, new Change.ResetFailures(c.copy()), c.replyTo());
      case ManagerProtocol.GetTable c ->
          Step.only(
              t -> c.replyTo().tell(new ManagerProtocol.Table(around.host(), t, Optional.empty())));
      case ManagerProtocol.WatchPrimaries c ->
          Step.only(t -> watchers.ask(t, c, around.clock().instant()));
      case ManagerProtocol.FromWatchDog c -> watchDogs.step(table, c.message());
      case ManagerProtocol.ByDetour c -> watchDogs.step(table, c);
      case Dead(var dead) ->
          new Step(
              change(
                  table,
                  new Change.HostFailed(
                      dead.host(), dead.incarnation(), dead.certainty(), dead.reason())),
              t -> {});
      case Due due -> {
        var now = around.clock().instant();
        var events = table.decide(new Change.TimePassed(due.module()), now).eventList();
        yield new Step(events, t -> waitOn(t, due.module(), now));
      }
      default -> {
        context.getLog().warn("not a command: {}", command);
        yield Step.only(t -> {});
      }
    };
  }

  private Step request(ReplicationTable table, Change change, ActorRef<Reply> replyTo) {
    return switch (table.decide(change, around.clock().instant())) {
      case Decision.Refused refused ->
          Step.only(t -> answer(replyTo, new ManagerProtocol.Refused(refused.reason())));
      case Decision.Accepted accepted ->
          new Step(
              accepted.events(), after -> answer(replyTo, Answers.accepted(table, after, change)));
    };
  }

  private void answer(ActorRef<Reply> replyTo, Reply reply) {
    around.keeper().tell(new Answered(replyTo, reply));
  }

  private List<TableEvent> change(ReplicationTable table, Change change) {
    return table.decide(change, around.clock().instant()).eventList();
  }

  /**
   * Persist, then order (I2), and the log waits for neither. Whoever watches a module's primaries
   * hears of new ones first: what he sends them then waits no longer than they need to take their
   * place.
   */
  private void follow(ReplicationTable before, ReplicationTable after, List<TableEvent> events) {
    step(events, Steps.Step.DECIDED);
    var modules = before.touched(events);
    watchers.changed(after, modules);
    events.forEach(event -> forgetState(before, after, event));
    var ofHosts = events.stream().filter(TableEvent.OfHostLife.class::isInstance).toList();
    ofHosts.stream().flatMap(event -> event.hostId().stream()).forEach(orders::forget);
    superWatchDog.beforeOrders(after, modules);
    orders.changed(after, modules);
    step(events, Steps.Step.ORDERED);
    if (!ofHosts.isEmpty()) {
      // Whose death the SuperWatchDog is to tell does not wait for the next one.
      superWatchDog.heartbeat(after);
    }
    modules.forEach(module -> schedule(after, module));
    log(events);
    publish(events);
  }

  /**
   * What a module that is gone has stored takes no room. This may come late or be lost, when the
   * manager or the database fails just then, and so nobody relies on it: who claims the state of
   * another module of that name forgets first what is not its own, see {@link
   * StateGroup#predecessor}.
   */
  private void forgetState(ReplicationTable before, ReplicationTable after, TableEvent event) {
    var stateful =
        switch (event) {
          case TableEvent.ModuleRemoved e ->
              before.module(e.name()).flatMap(row -> row.spec().state()).isPresent();
          case TableEvent.ModuleRegistered e ->
              before.module(e.name()).isEmpty() && e.spec().state().isPresent();
          default -> false;
        };
    if (stateful) {
      event
          .module()
          .flatMap(name -> Optional.ofNullable(after.retired().get(name)))
          .ifPresent(last -> around.forgetState().accept(event.module().orElseThrow(), last));
    }
  }

  private static void step(List<TableEvent> events, Steps.Step step) {
    for (TableEvent event : events) {
      if (event instanceof TableEvent.HostFailed failed) {
        Steps.take(step, failed.host());
      }
    }
  }

  private void log(List<TableEvent> events) {
    events.stream()
        .limit(MOST_LINES_LOGGED)
        .forEach(event -> atLevel().log("{}", Answers.logLine(event)));
    if (events.size() > MOST_LINES_LOGGED) {
      atLevel().log("and {} events more", events.size() - MOST_LINES_LOGGED);
    }
  }

  private LoggingEventBuilder atLevel() {
    return context.getLog().atLevel(stream.level());
  }

  /** For whoever counts them on this node. */
  private void publish(List<TableEvent> events) {
    if (stream.counts()) {
      var listeners = context.getSystem().eventStream();
      events.forEach(event -> listeners.tell(new EventStream.Publish<>(event)));
    }
  }

  private void schedule(ReplicationTable table, ModuleId module) {
    var now = around.clock().instant();
    var due = table.due(module, now);
    if (due.isEmpty()) {
      timers.cancel(module);
    } else {
      var delay = Duration.between(now, due.get());
      var atLeast = delay.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : delay;
      timers.startSingleTimer(module, new Due(module), atLeast);
    }
  }

  /**
   * A timer and the clock may disagree: what was not due when it was looked at is looked at again.
   * It may be due by now.
   */
  private void waitOn(ReplicationTable table, ModuleId module, Instant lookedAt) {
    if (table.due(module, lookedAt).filter(due -> due.isAfter(lookedAt)).isPresent()) {
      schedule(table, module);
    }
  }

  private void resend(ReplicationTable table) {
    orders.resend(table);
    watchers.expire(table, around.clock().instant());
  }

  private void recovered(ReplicationTable table) {
    superWatchDog.heartbeat(table); // so that it says at once who died with the last manager
    orders.begin(table);
    table.modules().keySet().forEach(module -> schedule(table, module));
    timers.startTimerWithFixedDelay(Tick.RESEND, settings.resendInterval());
    timers.startTimerWithFixedDelay(Tick.HEARTBEAT, settings.heartbeatInterval());
    savedAt = table.version();
    around.keeper().tell(new Recovered(table.version()));
  }
}
