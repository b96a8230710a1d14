package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
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
  private final Optional<ActorRef<StateCopy.Command>> state;
  private final Body body;

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

  private ActorRef<StateCopy.Command> state(Consumer<Output.ReportSync> sync) {
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
    var life = CopyLife.begin(order, isActor(), now());
    body.start();
    wake(life, Optional.empty());
    return supervising(life, HashTreePSet.empty());
  }

  private Behavior<Command> supervising(CopyLife life, PSet<StatusStream> streams) {
    return Behaviors.receive(Command.class)
        .onAnyMessage(command -> receive(life, streams, command))
        .onSignal(Terminated.class, end -> step(life, streams, ended(end)))
        .onSignal(PostStop.class, stop -> cleanUp(streams))
        .build();
  }

  private Behavior<Command> receive(CopyLife life, PSet<StatusStream> streams, Command command) {
    return switch (command) {
      case News(var news) -> step(life, streams, news);
      case Regroup(var next) -> {
        state.ifPresent(keeper -> keeper.tell(new StateCopy.Ordered(next)));
        yield Behaviors.same();
      }
      case Listen(var stream) -> {
        if (life.mayTell()) {
          stream.send(life.wanted());
        }
        yield step(life, streams.plus(stream), new CopyNews.Listens());
      }
      case Unlisten(var stream) -> supervising(life, streams.minus(stream));
      case Confirm(var epoch, var replyTo) -> {
        replyTo.tell(life.wanted().epoch());
        yield step(life, streams, new CopyNews.Confirmed(epoch));
      }
      case CutOff() -> {
        host.cutOffCopies().incrementAndGet();
        var reason = "the actor did not stop and was cut off; its thread remains";
        yield step(life, streams, new CopyNews.Gone(FailureKind.HUNG, reason));
      }
      case Tick(var due) -> step(life, streams, new CopyNews.Tick(now().minus(due)));
    };
  }

  private Behavior<Command> step(CopyLife life, PSet<StatusStream> streams, CopyNews news) {
    var step = life.decide(news, now());
    step.actions().forEach(action -> carryOut(action, streams));
    var adopted = order.launch().adopt();
    if (news instanceof CopyNews.Spawned && adopted.isPresent()) {
      host.tokens().adopted(adopted.get(), new CopyTokens.Adopted(order.copy(), token));
    }
    wake(step.life(), life.wakeAt());
    if (!step.life().dead()) {
      return supervising(step.life(), streams);
    }
    release(streams);
    return Behaviors.stopped(() -> {}); // nothing is left for the signal to clean up
  }

  private void carryOut(CopyAction action, PSet<StatusStream> streams) {
    switch (action) {
      case CopyAction.Report(var report) -> watchDog.accept(report);
      case CopyAction.Tell(var standing) -> {
        body.tell(standing);
        streams.forEach(stream -> stream.send(standing));
      }
      case CopyAction.Poll(var timeout) -> body.poll(timeout);
      case CopyAction.Terminate(var hung) -> body.terminate(hung);
      case CopyAction.Kill() -> body.kill();
    }
  }

  private void wake(CopyLife life, Optional<Duration> before) {
    var next = life.wakeAt();
    if (next.equals(before)) {
      return;
    }
    next.ifPresentOrElse(
        due -> {
          var wait = due.minus(now());
          timers.startSingleTimer("wake", new Tick(due), wait.isNegative() ? Duration.ZERO : wait);
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
  private Behavior<Command> cleanUp(PSet<StatusStream> streams) {
    body.kill();
    release(streams);
    return Behaviors.same();
  }

  private void release(PSet<StatusStream> streams) {
    streams.forEach(StatusStream::end);
    host.tokens().revoke(token);
  }

  private static Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }
}
