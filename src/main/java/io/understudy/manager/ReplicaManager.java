package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.CopyOrder;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.Change;
import io.understudy.table.Decision;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.watchdog.WatchDogProtocol;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
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

/**
 * Keeps the table and sees to it that every host runs what the table says (patent [0015], [0021]).
 *
 * <p>Persist, then order (I2). When the journal fails it ends, and its {@link ManagerKeeper} begins
 * it anew from what is durable.
 */
final class ReplicaManager extends EventSourcedBehavior<Command, TableEvent, ReplicationTable> {
  private static final int ORDERS_PER_MESSAGE = 200;
  private static final int SNAPSHOTS_KEPT = 2;
  private static final int MOST_LINES_LOGGED = 50;

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ManagerSettings settings;
  private final Surroundings around;
  private final Level level;
  private final WatchDogs watchDogs;
  private final Outbox outbox = new Outbox();

  /**
   * What the ReplicaManager finds on its node.
   *
   * @param clock for the times of events; the policy compares only times of one clock
   * @param isMember whether a node at this remoting address is alive in the cluster
   */
  record Surroundings(
      HostId host,
      Clock clock,
      Predicate<String> isMember,
      ActorRef<SuperWatchDogProtocol.Command> superWatchDog,
      ActorRef<SuperWatchDogProtocol.ToManager> fromSuperWatchDog,
      ActorRef<Command> keeper) {}

  /** The journal has been replayed up to this version. */
  record Recovered(long version) implements Command {}

  /** A request is answered; by way of the keeper, which knows who is still waiting. */
  record Answered(ActorRef<Reply> replyTo, Reply reply) implements Command {}

  /** The SuperWatchDog says that a host is dead. */
  record Dead(SuperWatchDogProtocol.HostDead host) implements Command {}

  private record Due(ModuleId module) implements Command {}

  private enum Tick implements Command {
    RESEND,
    HEARTBEAT
  }

  /** Under which id the journal keeps the events, and how loudly they are told. */
  private record Stream(String persistenceId, Level level) {}

  static Behavior<Command> create(ManagerSettings settings, Surroundings around) {
    return create(settings, around, new Stream(Journal.PERSISTENCE_ID, Level.INFO));
  }

  /** One that is not about any real module: it has a journal of its own, and is quiet. */
  static Behavior<Command> rehearsed(
      ManagerSettings settings, Surroundings around, String persistenceId) {
    return create(settings, around, new Stream(persistenceId, Level.DEBUG));
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
    this.level = stream.level();
    this.watchDogs = new WatchDogs(context.getSystem());
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
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(settings.snapshotEvery(), SNAPSHOTS_KEPT);
  }

  @Override
  public SignalHandler<ReplicationTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::recovered)
        .build();
  }

  @Override
  public CommandHandler<Command, TableEvent, ReplicationTable> commandHandler() {
    return this::handle;
  }

  private Effect<TableEvent, ReplicationTable> handle(ReplicationTable table, Command command) {
    return switch (command) {
      case ManagerProtocol.Register c ->
          request(table, new Change.Register(c.spec(), c.running()), c.replyTo());
      case ManagerProtocol.Deregister c ->
          request(table, new Change.Deregister(c.module()), c.replyTo());
      case ManagerProtocol.ResetFailures c ->
          request(table, new Change.ResetFailures(c.copy()), c.replyTo());
      case ManagerProtocol.GetTable c ->
          Effect()
              .reply(
                  c.replyTo(), new ManagerProtocol.Table(around.host(), table, Optional.empty()));
      case ManagerProtocol.FromWatchDog c -> fromWatchDog(table, c.message());
      case Dead(var dead) ->
          change(
              table,
              new Change.HostFailed(
                  dead.host(), dead.incarnation(), dead.certainty(), dead.reason()));
      case Due due ->
          change(table, new Change.TimePassed(due.module()))
              .thenRun(after -> waitOn(after, due.module()));
      case Tick.RESEND -> Effect().none().thenRun(t -> send(t, outbox.unanswered()));
      case Tick.HEARTBEAT -> Effect().none().thenRun(this::heartbeat);
      default -> Effect().unhandled();
    };
  }

  private Effect<TableEvent, ReplicationTable> request(
      ReplicationTable table, Change change, ActorRef<Reply> replyTo) {
    return switch (table.decide(change, around.clock().instant())) {
      case Decision.Refused refused ->
          Effect()
              .none()
              .thenRun(t -> answer(replyTo, new ManagerProtocol.Refused(refused.reason())));
      case Decision.Accepted accepted ->
          persist(table, accepted.events())
              .thenRun(after -> answer(replyTo, Answers.accepted(table, after, change)));
    };
  }

  private void answer(ActorRef<Reply> replyTo, Reply reply) {
    around.keeper().tell(new Answered(replyTo, reply));
  }

  private EffectBuilder<TableEvent, ReplicationTable> change(
      ReplicationTable table, Change change) {
    return persist(table, table.decide(change, around.clock().instant()).eventList());
  }

  private Effect<TableEvent, ReplicationTable> fromWatchDog(
      ReplicationTable table, WatchDogProtocol.ToManager message) {
    return switch (message) {
      case WatchDogProtocol.HostUp m -> hostUp(table, m);
      case WatchDogProtocol.Observed m -> observed(table, m);
    };
  }

  private Effect<TableEvent, ReplicationTable> hostUp(
      ReplicationTable table, WatchDogProtocol.HostUp up) {
    var known = table.host(up.host());
    var same = known.filter(row -> row.incarnation().equals(up.incarnation()));
    if (same.isPresent()) {
      return Effect().none().thenRun(t -> answer(same.get(), up.watchDog()));
    }
    var elsewhere = known.filter(row -> row.up() && !row.address().equals(up.address()));
    if (elsewhere.filter(row -> around.isMember().test(row.address())).isPresent()) {
      return Effect().none().thenRun(t -> up.watchDog().tell(Answers.nameTaken(up, elsewhere)));
    }
    var row =
        new HostRow(
            up.host(),
            up.incarnation(),
            up.address(),
            up.pid(),
            watchDogs.text(up.watchDog()),
            true);
    var events = table.decide(new Change.HostUp(row), around.clock().instant()).eventList();
    return Effect()
        .persist(events)
        .thenRun(after -> welcome(up))
        .thenRun(after -> follow(table, after, events));
  }

  /** What its last incarnation was told is not for this one: its orders follow from the table. */
  private static void welcome(WatchDogProtocol.HostUp up) {
    up.watchDog().tell(new WatchDogProtocol.Welcome(up.incarnation()));
  }

  /** Welcome, or not: an incarnation that was declared dead stays dead (I9). */
  private void answer(HostRow row, ActorRef<WatchDogProtocol.Command> watchDog) {
    if (row.up()) {
      watchDog.tell(new WatchDogProtocol.Welcome(row.incarnation()));
      send(row, outbox.unanswered(row.host()));
    } else {
      watchDog.tell(Answers.declaredDead(row.host(), row.incarnation()));
    }
  }

  private Effect<TableEvent, ReplicationTable> observed(
      ReplicationTable table, WatchDogProtocol.Observed observed) {
    var known = table.host(observed.host());
    if (known.isEmpty()) {
      return Effect().none(); // its WatchDog is about to register
    }
    if (!known.get().up() || !known.get().incarnation().equals(observed.incarnation())) {
      return Effect()
          .none()
          .thenRun(
              t ->
                  observed
                      .watchDog()
                      .tell(Answers.declaredDead(observed.host(), observed.incarnation())));
    }
    var events = new ArrayList<TableEvent>();
    var next = table;
    for (var report : observed.reports()) {
      outbox.reported(observed.host(), report);
      var change = new Change.Reported(observed.host(), observed.incarnation(), report);
      var more = next.decide(change, around.clock().instant()).eventList();
      events.addAll(more);
      next = next.evolve(more);
    }
    var heard = new WatchDogProtocol.Heard(observed.incarnation(), observed.sequence());
    return persist(table, events).thenRun(after -> observed.watchDog().tell(heard));
  }

  /** Persist, then order (I2). */
  private EffectBuilder<TableEvent, ReplicationTable> persist(
      ReplicationTable before, List<TableEvent> events) {
    if (events.isEmpty()) {
      return Effect().none();
    }
    return Effect().persist(events).thenRun(after -> follow(before, after, events));
  }

  private void follow(ReplicationTable before, ReplicationTable after, List<TableEvent> events) {
    log(events);
    publish(events);
    Set<ModuleId> modules = new LinkedHashSet<>();
    for (TableEvent event : events) {
      event.module().ifPresent(modules::add);
      if (event instanceof TableEvent.OfHost ofHost) {
        outbox.forget(ofHost.host());
        before.modulesOn(ofHost.host()).forEach(row -> modules.add(row.spec().module()));
      }
    }
    var news = new HashMap<HostId, List<CopyOrder>>();
    for (ModuleId module : modules) {
      schedule(after, module);
      after
          .module(module)
          .ifPresentOrElse(
              row ->
                  outbox
                      .changed(row)
                      .forEach(
                          (host, orders) ->
                              news.computeIfAbsent(host, h -> new ArrayList<>()).addAll(orders)),
              () -> outbox.removed(module));
    }
    send(after, news);
  }

  private void log(List<TableEvent> events) {
    events.stream()
        .limit(MOST_LINES_LOGGED)
        .forEach(event -> context.getLog().atLevel(level).log("{}", Answers.logLine(event)));
    if (events.size() > MOST_LINES_LOGGED) {
      context.getLog().atLevel(level).log("and {} events more", events.size() - MOST_LINES_LOGGED);
    }
  }

  /** For whoever counts them on this node. */
  private void publish(List<TableEvent> events) {
    var stream = context.getSystem().eventStream();
    events.forEach(event -> stream.tell(new EventStream.Publish<>(event)));
  }

  private void schedule(ReplicationTable table, ModuleId module) {
    var due = table.due(module);
    if (due.isEmpty()) {
      timers.cancel(module);
    } else {
      var delay = Duration.between(around.clock().instant(), due.get());
      var atLeast = delay.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : delay;
      timers.startSingleTimer(module, new Due(module), atLeast);
    }
  }

  /** A timer and the clock may disagree: what is not due yet is looked at again. */
  private void waitOn(ReplicationTable table, ModuleId module) {
    if (table.due(module).filter(due -> due.isAfter(around.clock().instant())).isPresent()) {
      schedule(table, module);
    }
  }

  private void send(ReplicationTable table, Map<HostId, List<CopyOrder>> orders) {
    orders.forEach(
        (host, ofHost) -> table.host(host).filter(HostRow::up).ifPresent(row -> send(row, ofHost)));
  }

  private void send(HostRow row, List<CopyOrder> orders) {
    for (int from = 0; from < orders.size(); from += ORDERS_PER_MESSAGE) {
      var part = orders.subList(from, Math.min(orders.size(), from + ORDERS_PER_MESSAGE));
      watchDogs.ref(row).tell(new WatchDogProtocol.Orders(row.incarnation(), part));
    }
  }

  private void recovered(ReplicationTable table) {
    table.modules().values().forEach(row -> outbox.changed(row));
    table.modules().keySet().forEach(module -> schedule(table, module));
    send(table, outbox.unanswered());
    timers.startTimerWithFixedDelay(Tick.RESEND, settings.resendInterval());
    timers.startTimerWithFixedDelay(Tick.HEARTBEAT, settings.heartbeatInterval());
    heartbeat(table); // so that the SuperWatchDog says at once who died with the last manager
    around.keeper().tell(new Recovered(table.version()));
  }

  private void heartbeat(ReplicationTable table) {
    var up = new HashMap<HostId, String>();
    table.hosts().values().stream()
        .filter(HostRow::up)
        .forEach(row -> up.put(row.host(), row.incarnation()));
    around
        .superWatchDog()
        .tell(new SuperWatchDogProtocol.FromManager(up, around.fromSuperWatchDog()));
  }
}
