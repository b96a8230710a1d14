package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.watchdog.CopyState.Effect;
import io.understudy.watchdog.HostLife.Fate;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.DeclaredDead;
import io.understudy.watchdog.WatchDogProtocol.Heard;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.NameTaken;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import io.understudy.watchdog.WatchDogProtocol.Stop;
import io.understudy.watchdog.WatchDogProtocol.SyncChanged;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.ServerBinding;

/** A WatchDog at work: carries out what {@link HostCopies} decides, and says what became of it. */
final class Watching {
  private static final Duration HOST_UP_INTERVAL = Duration.ofSeconds(5);
  private static final Duration LEASE_NEAR = Duration.ofMillis(100);

  /** A timer so short is at its time. */
  private static final Duration EXACT = Duration.ofMillis(40);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final HostResources host;
  private final WatchDog.Links links;
  private final ServerBinding api;

  private Watching(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HostResources host,
      WatchDog.Links links,
      ServerBinding api) {
    this.context = context;
    this.timers = timers;
    this.host = host;
    this.links = links;
    this.api = api;
  }

  static Behavior<Command> begin(
      ActorContext<Command> context, HostResources host, WatchDog.Links links, ServerBinding api) {
    return Behaviors.withTimers(
        timers -> {
          var settings = host.settings();
          timers.startTimerWithFixedDelay(WatchDog.Tick.HEARTBEAT, settings.heartbeatInterval());
          timers.startTimerWithFixedDelay(WatchDog.Tick.REPEAT, settings.reportRepeat());
          timers.startTimerWithFixedDelay(WatchDog.Tick.HOST_UP, HOST_UP_INTERVAL);
          timers.startSingleTimer(WatchDog.Tick.ROTATE, settings.log().checkInterval());
          return new Watching(context, timers, host, links, api).fresh();
        });
  }

  private Behavior<Command> fresh() {
    var fenced = !links.lease().get().holds(System.nanoTime());
    var incarnation = host.living().nextIncarnation(host.identity().node());
    var life = HostLife.begin(incarnation).fenced(fenced);
    context.getLog().info("{} is up as incarnation {}", host.identity().host(), life.incarnation());
    hostUp(life);
    heartbeat(life);
    return watching(life);
  }

  private Behavior<Command> watching(HostLife life) {
    return Behaviors.receive(Command.class)
        .onAnyMessage(command -> receive(life, command))
        .onSignal(PostStop.class, stop -> close())
        .onSignal(PreRestart.class, restart -> close())
        .build();
  }

  private Behavior<Command> close() {
    var unused = api.unbind();
    host.guard().close();
    return Behaviors.same();
  }

  private Behavior<Command> receive(HostLife life, Command command) {
    return switch (command) {
      case Orders orders when !life.is(orders.incarnation()) -> correct(life);
      case Orders(var incarnation, var orders) ->
          life.serving() ? carryOut(lease(life), orders) : Behaviors.same();
      case Welcome(var incarnation) -> watching(life.is(incarnation) ? life.welcomed() : life);
      case Heard(var incarnation, var sequence) ->
          life.is(incarnation)
              ? watching(tellIfDue(life.with(life.copies().heard(sequence))))
              : Behaviors.same();
      case DeclaredDead(var incarnation, var reason) ->
          life.is(incarnation) && life.serving() ? clear(life, reason) : Behaviors.same();
      case NameTaken(var incarnation, var reason) -> nameTaken(life, incarnation, reason);
      case Stop(var replyTo) -> stop(life, replyTo);
      case WatchDog.Seen(var report) -> seen(life, report);
      case WatchDog.RunEnded(var copy, var run) -> runEnded(life, copy, run);
      case WatchDog.Tick tick -> tick(life, tick);
      case WatchDog.Synced synced -> {
        synced(life, synced);
        yield Behaviors.same();
      }
      case WatchDog.RotationDone() -> {
        timers.startSingleTimer(WatchDog.Tick.ROTATE, host.settings().log().checkInterval());
        yield Behaviors.same();
      }
      case WatchDog.ApiOpen open -> Behaviors.same(); // it was open before this began
      case WatchDog.ApiFailed failed -> Behaviors.same();
    };
  }

  /** Whoever orders knows an older life of this WatchDog. */
  private Behavior<Command> correct(HostLife life) {
    hostUp(life);
    return Behaviors.same();
  }

  private Behavior<Command> nameTaken(HostLife life, String incarnation, String reason) {
    if (life.is(incarnation)) {
      links.nameTaken().accept(reason);
    }
    return Behaviors.same();
  }

  private Behavior<Command> seen(HostLife life, CopyReport report) {
    var next = carryOut(life, life.copies().seen(report));
    log(report); // what follows from a failure does not wait for the log
    return next;
  }

  private void log(CopyReport report) {
    context
        .getLog()
        .info(
            "{}@{} run {}: {} of epoch {}, {}",
            report.copy(),
            host.identity().host(),
            report.run(),
            report.status(),
            report.epoch(),
            report.seen());
  }

  private Behavior<Command> runEnded(HostLife life, CopyId copy, long run) {
    var known = life.copies().copies().get(copy);
    if (known == null || known.report().run() != run) {
      return Behaviors.same(); // replaced by now
    }
    // Alive is a defect of ours, which must not cost the module its protection.
    return known.alive()
        ? seen(life, known.lost("its supervision failed; the node's log says why"))
        : watching(life.without(copy));
  }

  private Behavior<Command> carryOut(HostLife life, List<CopyOrder> orders) {
    var ready = life.fenced() ? fencing(life, life.copies().overtaken(orders)) : life;
    return carryOut(ready, ready.copies().decide(HostCopies.permitted(orders, ready.fenced())));
  }

  private Behavior<Command> carryOut(HostLife life, HostCopies.Decision decision) {
    var next = life.with(decision.state());
    for (var effect : decision.effects()) {
      switch (effect) {
        case Effect.Start(var order) -> next = next.with(order.copy(), start(order));
        case Effect.Take(var order) ->
            next.tell(order.copy(), new CopyNews.Take(Standing.of(order)));
        case Effect.Watch(var order) -> next.tell(order.copy(), new CopyNews.Watch(order.launch()));
        case Effect.Regroup(var order) -> next.regroup(order);
        case Effect.Stop(var report) -> next.tell(report.copy(), new CopyNews.Stop());
        case Effect.Tell told -> {} // it is unheard now
      }
    }
    next = tellIfDue(next);
    return next.copies().quiet() ? quiet(next) : watching(next);
  }

  private ActorRef<CopyRun.Command> start(CopyOrder order) {
    var self = context.getSelf();
    var run =
        context.spawn(
            CopyRun.create(
                host,
                order,
                report -> self.tell(new WatchDog.Seen(report)),
                sync -> self.tell(new WatchDog.Synced(order.copy(), order.run(), sync))),
            "%s-%d-%s".formatted(order.copy(), order.run(), UUID.randomUUID()),
            DispatcherSelector.fromConfig("understudy.watchdog.dispatcher"));
    context.watchWith(run, new WatchDog.RunEnded(order.copy(), order.run()));
    return run;
  }

  private void synced(HostLife life, WatchDog.Synced synced) {
    var report = synced.report();
    links
        .manager()
        .tell(
            new SyncChanged(
                host.identity().host(),
                life.incarnation(),
                synced.sequencer(),
                synced.run(),
                report.epoch(),
                report.configuration(),
                report.member(),
                report.run(),
                report.inSync(),
                report.reason()));
  }

  /**
   * What is left of the copies has been replaced elsewhere: it goes before orders are taken (I9).
   */
  private Behavior<Command> clear(HostLife life, String reason) {
    context
        .getLog()
        .warn("{} was declared dead, its copies are killed: {}", host.identity().host(), reason);
    return end(life.towards(new Fate.Clearing()), new CopyNews.Kill());
  }

  private Behavior<Command> stop(HostLife life, ActorRef<Done> replyTo) {
    timers.startSingleTimer(WatchDog.Tick.SHUTDOWN_GRACE_OVER, host.settings().shutdownGrace());
    return end(life.towards(new Fate.Stopping(replyTo)), new CopyNews.Stop());
  }

  private Behavior<Command> end(HostLife life, CopyNews how) {
    life.tellAll(how);
    return life.copies().quiet() ? quiet(life) : watching(life);
  }

  private Behavior<Command> quiet(HostLife life) {
    return switch (life.fate()) {
      case Fate.Serving() -> watching(life);
      case Fate.Clearing() -> fresh();
      case Fate.Stopping(var replyTo) -> {
        replyTo.tell(Done.getInstance());
        yield Behaviors.stopped();
      }
    };
  }

  private Behavior<Command> tick(HostLife life, WatchDog.Tick tick) {
    switch (tick) {
      case HEARTBEAT, LEASE -> {
        var looked = lease(life);
        heartbeat(looked);
        return watching(looked);
      }
      case REPEAT -> {
        if (!life.welcome() || links.manager().roundabout()) {
          hostUp(life);
        }
        if (!life.copies().unheard().isEmpty()) {
          return watching(observed(life));
        }
      }
      case ANSWER_LATE -> {
        return watching(tellIfDue(life));
      }
      case HOST_UP -> hostUp(life);
      case ROTATE -> rotate();
      case SHUTDOWN_GRACE_OVER -> life.tellAll(new CopyNews.Kill());
    }
    return Behaviors.same();
  }

  /** Stops the primaries when the lease is over, and takes orders for them when it is back (I5). */
  private HostLife lease(HostLife life) {
    var now = System.nanoTime();
    var lease = links.lease().get();
    var holds = lease.holds(now);
    if (holds && lease instanceof Lease.Until(var end)) {
      timers.startSingleTimer(WatchDog.Tick.LEASE, towards(Duration.ofNanos(end - now)));
    }
    if (holds == life.fenced()) {
      return holds ? released(life) : fenced(life);
    }
    return life;
  }

  /** In steps of which the last is short: long timers may be late by as much as LEASE_NEAR. */
  private static Duration towards(Duration left) {
    var early = left.minus(LEASE_NEAR);
    return early.isPositive() ? early : left.compareTo(EXACT) < 0 ? left : EXACT;
  }

  private HostLife released(HostLife life) {
    hostUp(life); // whoever manages repeats what was not permitted until now
    return life.fenced(false);
  }

  private HostLife fenced(HostLife life) {
    var reason =
        "%s was cut off from the majority of the SuperWatchDogs and its lease ran out"
            .formatted(host.identity().host());
    context.getLog().warn("{}: its primaries are stopped", reason);
    life.copies().needingLease().forEach(copy -> life.tell(copy, new CopyNews.Fence(reason)));
    return life.with(life.copies().fenced()).fenced(true);
  }

  private static HostLife fencing(HostLife life, List<CopyId> overtaken) {
    var reason = "it is to be the only primary, and its host has no lease";
    overtaken.forEach(copy -> life.tell(copy, new CopyNews.Fence(reason)));
    return life.with(life.copies().abandoned(overtaken));
  }

  private void rotate() {
    var settings = host.settings();
    context.pipeToSelf(
        LogRotation.start(settings.data(), settings.log(), host.blocking()),
        (done, failure) -> new WatchDog.RotationDone());
  }

  private void heartbeat(HostLife life) {
    var who = host.identity();
    links.superWatchDogs().accept(new Heartbeat(who.host(), life.incarnation()));
  }

  private void hostUp(HostLife life) {
    var who = host.identity();
    links
        .manager()
        .tell(
            new HostUp(
                who.host(), life.incarnation(), who.address(), who.pid(), context.getSelf()));
  }

  private HostLife tellIfDue(HostLife life) {
    var unheard = life.copies().unheard();
    if (unheard.isDue(now())) {
      return observed(life);
    }
    if (!unheard.isEmpty() && !timers.isTimerActive(WatchDog.Tick.ANSWER_LATE)) {
      timers.startSingleTimer(WatchDog.Tick.ANSWER_LATE, Unheard.ANSWER_WITHIN);
    }
    return life;
  }

  private static Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }

  private HostLife observed(HostLife life) {
    var next = life.copies().unheard().next();
    links
        .manager()
        .tell(
            new Observed(
                host.identity().host(),
                life.incarnation(),
                next.sequence(),
                next.reports(),
                context.getSelf()));
    return life.with(life.copies().told(now()));
  }
}
