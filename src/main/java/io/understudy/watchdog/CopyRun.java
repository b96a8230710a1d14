package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.Location;
import io.understudy.state.Output;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.ActorInitializationException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;

/** Supervises one run of a copy; stops when the run is dead and reported. */
final class CopyRun {
  /** What a run is told. */
  sealed interface Command {}

  record News(CopyNews news) implements Command {}

  /** The copy's group has changed. */
  record Regroup(CopyOrder order) implements Command {}

  /** The copy opened a status stream: it wants to know its status now and at each change. */
  record Listen(StatusStream stream) implements Command {}

  record Unlisten(StatusStream stream) implements Command {}

  /** An actor did not even stop when it was interrupted. */
  record CutOff() implements Command {}

  /** The copy acts on the status of that epoch; answered with the last one that it was given. */
  record Confirm(Epoch epoch, ActorRef<Epoch> replyTo) implements Command {}

  private record Tick(Duration due) implements Command {}

  private enum Own implements Command {
    LEAVES_LATE
  }

  /** Where a copy hears of its status. */
  interface StatusStream {
    void send(Standing standing);

    void end();
  }

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final HostResources host;
  private final Consumer<CopyReport> watchDog;
  private final CopyOrder order;
  private final String token;
  private final Optional<ActorRef<StateCopyProtocol.Command>> state;
  private final Body body;

  /** What changes with every poll, and so is not made part of a new behavior each time. */
  private CopyLife life;

  private PSet<StatusStream> streams = HashTreePSet.empty();
  private boolean leaving;

  private CopyRun(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HostResources host,
      CopyOrder order,
      Consumer<CopyReport> watchDog,
      Consumer<Output.ReportSync> sync) {
    this.context = context;
    this.timers = timers;
    this.host = host;
    this.watchDog = watchDog;
    this.order = order;
    this.token = host.tokens().issue(context.getSelf());
    this.state = order.group().map(group -> state(sync));
    this.body = body();
    this.life = CopyLife.begin(order, isActor(), now());
  }

  static Behavior<Command> create(
      HostResources host,
      CopyOrder order,
      Consumer<CopyReport> watchDog,
      Consumer<Output.ReportSync> sync) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new CopyRun(context, timers, host, order, watchDog, sync).begin()));
  }

  private ActorRef<StateCopyProtocol.Command> state(Consumer<Output.ReportSync> sync) {
    var self = context.getSelf();
    var links = new StateCopy.Links(news -> self.tell(new News(news)), sync);
    var started =
        context.spawn(
            StateCopy.create(host, order, links),
            "state",
            DispatcherSelector.fromConfig("understudy.watchdog.state-dispatcher"));
    context.watch(started);
    host.tokens().keeps(token, started);
    return started;
  }

  private boolean isActor() {
    return order.launch().location() instanceof Location.ActorClass;
  }

  private Body body() {
    var self = context.getSelf();
    Consumer<CopyNews> tell = news -> self.tell(new News(news));
    var environment = CopyEnvironment.of(order, host, token);
    return switch (order.launch().location()) {
      case Location.Executable executable when order.launch().adopt().isPresent() ->
          new AdoptedBody(order, order.launch().adopt().get(), environment, host, tell);
      case Location.Executable executable ->
          new ProcessBody(order, executable, environment, host, tell);
      case Location.ActorClass actor ->
          state
              .map(keeper -> ActorBody.stateful(order, actor, host, context, keeper))
              .orElseGet(() -> ActorBody.stateless(order, actor, host, context));
    };
  }

  private Behavior<Command> begin() {
    body.start();
    wake(Optional.empty());
    return Behaviors.receive(Command.class)
        .onAnyMessage(this::receive)
        .onSignal(Terminated.class, end -> step(ended(end)))
        .onSignal(PostStop.class, stop -> cleanUp())
        .build();
  }

  private Behavior<Command> receive(Command command) {
    return switch (command) {
      case News(CopyNews.Take(var standing)) when demotes(standing) -> {
        state.ifPresent(keeper -> keeper.tell(new StateCopyProtocol.Demoted(standing)));
        yield Behaviors.same();
      }
      case News(CopyNews.Stop stop) when state.isPresent() && life.alive() -> leave(state.get());
      case News(CopyNews.Left left) -> {
        timers.cancel(Own.LEAVES_LATE);
        yield step(left);
      }
      case News(var news) -> step(news);
      case Regroup(var next) -> {
        state.ifPresent(keeper -> keeper.tell(new StateCopyProtocol.Ordered(next)));
        yield Behaviors.same();
      }
      case Listen(var stream) -> {
        if (life.mayTell()) {
          stream.send(life.wanted());
        }
        streams = streams.plus(stream);
        yield step(new CopyNews.Listens());
      }
      case Unlisten(var stream) -> {
        streams = streams.minus(stream);
        yield Behaviors.same();
      }
      case Confirm(var epoch, var replyTo) -> {
        replyTo.tell(life.wanted().epoch());
        yield step(new CopyNews.Confirmed(epoch));
      }
      case CutOff() -> {
        host.cutOffCopies().incrementAndGet();
        var reason = "the actor did not stop and was cut off; its thread remains";
        yield step(new CopyNews.Gone(FailureKind.HUNG, reason));
      }
      case Own.LEAVES_LATE -> {
        context
            .getLog()
            .warn(
                "{} is stopped, {} ms after it was to be: what it has acknowledged since may be"
                    + " lost with it, for the other copies or the Checkpoint Server do not have it"
                    + " yet",
                order.copy(),
                order.launch().stopGrace().toMillis());
        yield step(new CopyNews.Stop());
      }
      case Tick(var due) -> step(new CopyNews.Tick(now().minus(due)));
    };
  }

  /** It goes on until nothing of its state is lost with it, but not for long. */
  private Behavior<Command> leave(ActorRef<StateCopyProtocol.Command> keeper) {
    if (!leaving) {
      leaving = true;
      keeper.tell(new StateCopyProtocol.Leave());
      timers.startSingleTimer(Own.LEAVES_LATE, order.launch().stopGrace());
    }
    return Behaviors.same();
  }

  /** Clients of a copy that keeps state ask its keeper: that has to have heard of it first (I5). */
  private boolean demotes(Standing next) {
    return state.isPresent()
        && life.wanted().status() == CopyStatus.PRIMARY
        && next.status() != CopyStatus.PRIMARY;
  }

  private Behavior<Command> step(CopyNews news) {
    var before = life.wakeAt();
    var step = life.decide(news, now());
    life = step.life();
    step.actions().forEach(this::carryOut);
    var adopted = order.launch().adopt();
    if (news instanceof CopyNews.Spawned && adopted.isPresent()) {
      host.tokens().adopted(adopted.get(), new CopyTokens.Adopted(order.copy(), token));
    }
    wake(before);
    if (!life.dead()) {
      return Behaviors.same();
    }
    release();
    return Behaviors.stopped(() -> {}); // nothing is left for the signal to clean up
  }

  private void carryOut(CopyAction action) {
    switch (action) {
      case CopyAction.Report(var report) -> watchDog.accept(report);
      case CopyAction.Tell(var standing) -> {
        body.tell(standing);
        streams.forEach(stream -> stream.send(standing));
      }
      case CopyAction.Poll(var how) -> body.poll(how);
      case CopyAction.Terminate(var hung) -> body.terminate(hung);
      case CopyAction.Kill() -> body.kill();
    }
  }

  private void wake(Optional<Duration> before) {
    var next = life.wakeAt();
    if (next.equals(before)) {
      return;
    }
    next.ifPresentOrElse(
        due -> {
          var now = now();
          var at = due.compareTo(now) < 0 ? now : due; // not late, and so no sign of a pause
          timers.startSingleTimer("wake", new Tick(at), at.minus(now));
        },
        () -> timers.cancel("wake"));
  }

  private CopyNews ended(Terminated end) {
    return state.filter(keeper -> keeper.path().equals(end.getRef().path())).isPresent()
        ? new CopyNews.StateFailed("what keeps its state failed; the node's log says why")
        : actorEnded(end);
  }

  private CopyNews actorEnded(Terminated end) {
    if (body.cannotStart().isPresent()) {
      var reason = body.cannotStart().get();
      context.getLog().warn("copy {} cannot be started: {}", order.copy(), reason);
      return new CopyNews.Gone(FailureKind.CANNOT_START, reason);
    }
    if (!(end instanceof ChildFailed failed)) {
      return new CopyNews.Gone(FailureKind.CRASHED, "the actor stopped by itself");
    }
    var cause = failed.getCause();
    while (wraps(cause) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new CopyNews.Gone(
        FailureKind.CRASHED,
        "the actor threw %s: %s".formatted(cause.getClass().getName(), cause.getMessage()));
  }

  /** Whether the exception is about another, which the module's own code threw. */
  private static boolean wraps(Throwable cause) {
    return cause instanceof CopyThread.Broken || cause instanceof ActorInitializationException;
  }

  /** Also when the WatchDog fails: its copies end with it. */
  private Behavior<Command> cleanUp() {
    body.kill();
    release();
    return Behaviors.same();
  }

  private void release() {
    streams.forEach(StatusStream::end);
    host.tokens().revoke(token);
  }

  private static Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }
}
