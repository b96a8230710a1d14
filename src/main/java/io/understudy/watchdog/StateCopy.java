package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.Location;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.module.CallAnswer;
import io.understudy.module.ModuleCall;
import io.understudy.state.Input;
import io.understudy.state.Output;
import io.understudy.state.PeerMessage;
import io.understudy.state.Replica;
import io.understudy.state.Request;
import io.understudy.state.Self;
import io.understudy.watchdog.StateCopyProtocol.AskSnapshot;
import io.understudy.watchdog.StateCopyProtocol.Came;
import io.understudy.watchdog.StateCopyProtocol.Command;
import io.understudy.watchdog.StateCopyProtocol.Demoted;
import io.understudy.watchdog.StateCopyProtocol.FromClient;
import io.understudy.watchdog.StateCopyProtocol.FromModule;
import io.understudy.watchdog.StateCopyProtocol.FromPeer;
import io.understudy.watchdog.StateCopyProtocol.Leave;
import io.understudy.watchdog.StateCopyProtocol.ModuleStarted;
import io.understudy.watchdog.StateCopyProtocol.Ordered;
import io.understudy.watchdog.StateCopyProtocol.Own;
import io.understudy.watchdog.StateCopyProtocol.PassBarrier;
import io.understudy.watchdog.StateCopyProtocol.PlaceSnapshot;
import io.understudy.watchdog.StateCopyProtocol.Propose;
import io.understudy.watchdog.StateCopyProtocol.PutSnapshot;
import io.understudy.watchdog.StateCopyProtocol.Subscribe;
import io.understudy.watchdog.StateCopyProtocol.Unsubscribe;
import io.understudy.watchdog.StateCopyProtocol.WentWrong;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of one run of a copy together with the other copies of its group: carries out
 * what {@link io.understudy.state.Replica} decides. It ends with the run.
 */
final class StateCopy {
  private static final Duration PROGRESS = Duration.ofSeconds(1);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final HostResources host;
  private final CopyOrder order;
  private final Links links;
  private final SnapshotFiles files;
  private final StateDesk desk;
  private final Worker worker;
  private final Waiting waiting;
  private final Map<String, ActorRef<Object>> peers = new HashMap<>();
  private final ArrayDeque<Input> inputs = new ArrayDeque<>();
  private final Asked asked = new Asked();
  private Map<CopyId, StateGroup.Member> members = Map.of();
  private Standing standing;
  private Replica replica;
  private Duration tickEvery;
  private long lastTicket;
  private boolean flushing;
  private boolean carrying;
  private boolean leased = true;
  private String failure = "";
  private long progressAt;
  private @Nullable Capturing captured;

  /**
   * Whom it tells.
   *
   * @param run supervises the copy
   * @param sync who is in sync, for the ReplicaManager
   */
  record Links(Consumer<CopyNews> run, Consumer<Output.ReportSync> sync) {}

  private StateCopy(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HostResources host,
      CopyOrder order,
      Links links) {
    this.context = context;
    this.timers = timers;
    this.host = host;
    this.order = order;
    this.links = links;
    var folder = CopyFolder.of(host.settings().data(), order.copy()).path().resolve("state");
    this.files = new SnapshotFiles(folder, order.run(), host.blocking());
    this.desk =
        new StateDesk(
            order.copy().module(), predecessor(order), host.states().checkpoints(), files);
    var actor = order.launch().location() instanceof Location.ActorClass;
    this.worker = actor ? new ActorWorker(files) : processWorker();
    this.waiting = new Waiting(order.copy(), actor, this::mayServe);
    this.standing = Standing.of(order);
    this.replica =
        Replica.create(
            new Self(
                order.copy(),
                order.run(),
                style(order),
                actor ? Self.Follows.DECISIONS : Self.Follows.COMMITS));
    this.tickEvery = replica.tickEvery();
  }

  private static Epoch predecessor(CopyOrder order) {
    return order.group().map(StateGroup::predecessor).orElse(Epoch.NONE);
  }

  /** Of a run that is about to start. */
  static Behavior<Command> create(HostResources host, CopyOrder order, Links links) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new StateCopy(context, timers, host, order, links).begin()));
  }

  private Behavior<Command> begin() {
    host.states().states().tell(new StateHost.Here(order.copy(), order.run(), context.getSelf()));
    timers.startTimerWithFixedDelay(Own.TICK, tickEvery);
    ordered(order);
    return Behaviors.receive(Command.class)
        .onAnyMessage(
            command -> {
              receive(command);
              waiting.flush();
              return Behaviors.same();
            })
        .onSignal(
            PostStop.class,
            stop -> {
              end();
              return Behaviors.same();
            })
        .build();
  }

  private ProcessWorker processWorker() {
    return new ProcessWorker(
        files,
        this::captured,
        reason -> context.getSelf().tell(new Came(new Input.SnapshotFailed(reason))),
        became -> links.run().accept(new CopyNews.StateComplete(became.epoch())));
  }

  private void receive(Command command) {
    switch (command) {
      case Ordered(var next) -> ordered(next);
      case Demoted(var now) -> links.run().accept(new CopyNews.Demoted(now));
      case Leave leave -> take(new Input.Leave());
      case FromPeer(var message) -> take(new Input.Received(message));
      case FromClient(var call) -> call(call);
      case ModuleStarted(var module) -> actor().started(module);
      case FromModule(var answer) -> answered(answer);
      case Propose(var id, var update, var replyTo) -> {
        var ticket = ++lastTicket;
        waiting.add(ticket, replyTo);
        ask(replica.request(ticket, id, update));
      }
      case PassBarrier(var replyTo) -> {
        var ticket = ++lastTicket;
        waiting.add(ticket, replyTo);
        take(new Input.Barrier(ticket));
      }
      case Subscribe(var after, var feed) -> process().subscribe(after, feed);
      case Unsubscribe(var feed) -> process().unsubscribe(feed);
      case AskSnapshot(var replyTo) -> process().askSnapshot(replyTo);
      case PlaceSnapshot(var sequence, var replyTo) -> replyTo.tell(process().place(sequence));
      case PutSnapshot(var sequence, var file, var history, var replyTo) ->
          replyTo.tell(process().put(sequence, file, history));
      case Came(var input) -> {
        logFailure(input);
        take(input);
      }
      case WentWrong(var what, var failure) ->
          context.getLog().warn("{}: {}: {}", order.copy(), what, failure.toString());
      case Own.TICK -> tick();
      case Own.FLUSH -> {
        flushing = false;
        askNow();
      }
    }
  }

  /** Each reason once: what failed is tried again, and mostly fails for the same. */
  private void logFailure(Input input) {
    var failed =
        switch (input) {
          case Input.CheckpointFailed(var reason) -> reason;
          case Input.SaveFailed(var at, var reason) -> reason;
          case Input.SnapshotFailed(var reason) -> "its snapshot: " + reason;
          case Input.PieceFailed(var at, var reason) -> "the snapshot of " + at + ": " + reason;
          case Input.CheckpointSaved saved -> "";
          case Input.CheckpointAppended appended -> "";
          case Input.CheckpointLoaded loaded -> "";
          default -> failure;
        };
    if (!failed.equals(failure) && !failed.isEmpty()) {
      context.getLog().warn("{}: {}; it is tried again", order.copy(), failed);
    }
    failure = failed;
  }

  private ActorWorker actor() {
    return (ActorWorker) worker;
  }

  private ProcessWorker process() {
    return (ProcessWorker) worker;
  }

  /** As far as it matters to the state. */
  private static ReplicationStyle style(CopyOrder order) {
    return order.launch().alone() ? ReplicationStyle.WARM : ReplicationStyle.HOT;
  }

  private void ordered(CopyOrder next) {
    standing = Standing.of(next);
    replica = replica.as(style(next));
    next.group()
        .ifPresent(
            group -> {
              var all = new HashMap<CopyId, StateGroup.Member>();
              group.members().forEach(member -> all.put(member.copy(), member));
              members = all;
              take(new Input.Ordered(next.epoch(), group));
            });
    if (!replica.tickEvery().equals(tickEvery)) {
      tickEvery = replica.tickEvery();
      timers.startTimerWithFixedDelay(Own.TICK, tickEvery);
    }
  }

  private void call(ModuleCall call) {
    for (var request : call.requests()) {
      if (asked.isFull()) {
        waiting.answer(call.replyTo(), new CallAnswer.Overloaded(request.id()));
      } else {
        var ticket = ++lastTicket;
        waiting.add(ticket, request.id(), call.replyTo());
        ask(replica.request(ticket, request.id(), request.command(), request.again()));
      }
    }
  }

  /** What is in the mailbox by now goes together. */
  private void ask(Request request) {
    asked.add(request);
    if (!flushing) {
      flushing = true;
      context.getSelf().tell(Own.FLUSH);
    }
  }

  private void askNow() {
    var requests = asked.take();
    if (!requests.isEmpty()) {
      take(new Input.Ask(requests));
    }
  }

  private void answered(StatefulCopy.Answer answer) {
    switch (answer) {
      case StatefulCopy.Answer.Decided(var decisions) -> {
        asked.decided();
        take(decisions);
        askNow();
      }
      case StatefulCopy.Answer.Captured(var number, var state) -> captured(number, state);
      case StatefulCopy.Answer.Reading(var bytes) ->
          progress("it reads its state, %d bytes so far".formatted(bytes));
      case StatefulCopy.Answer.Became(var became) ->
          links.run().accept(new CopyNews.StateComplete(became.epoch()));
    }
  }

  /** It is written now, or not at all: who asked for it may have another history by now. */
  private void captured(long number, Capturing state) {
    captured = state;
    take(new Input.Captured(number));
    if (captured != null) {
      files.discard(captured);
      captured = null;
    }
  }

  private void tick() {
    worker.tick();
    take(new Input.Tick());
    askNow();
    desk.doing().ifPresent(this::progress);
  }

  private void progress(String doing) {
    var now = System.nanoTime();
    if (now - progressAt > PROGRESS.toNanos()) {
      progressAt = now;
      links.run().accept(new CopyNews.StateProgress(doing));
    }
  }

  /** One after the other, also those that come of carrying out another. */
  private void take(Input input) {
    inputs.add(input);
    if (carrying) {
      return;
    }
    carrying = true;
    for (var next = inputs.poll(); next != null; next = inputs.poll()) {
      if (leased != mayServe()) {
        leased = !leased;
        step(new Input.Leased(leased));
      }
      step(next);
    }
    carrying = false;
  }

  private void step(Input input) {
    var step = replica.decide(input, Duration.ofNanos(System.nanoTime()));
    replica = step.replica();
    step.outputs().forEach(this::carryOut);
  }

  /**
   * Also of a copy that is no primary any more, though nobody else numbers the updates yet: what it
   * acknowledged then, the next primary might not have (I5).
   */
  private boolean mayServe() {
    var alone = replica.self().style() != ReplicationStyle.HOT;
    var serves = !alone || standing.status() == CopyStatus.PRIMARY;
    return serves && host.lease().get().holds(System.nanoTime());
  }

  private void carryOut(Output output) {
    switch (output) {
      case Output.Send(var to, var message) -> send(to, message);
      case Output.Decide decide -> {
        asked.given();
        worker.ask(decide);
      }
      case Output.Apply(var updates) -> worker.apply(updates);
      case Output.Install(var at) -> worker.install(at);
      case Output.Capture(var number) -> worker.capture(number);
      case Output.WriteSnapshot(var header) -> write(header);
      case Output.KeepSnapshots(var these, var own) -> {
        worker.kept(own);
        files.keep(these);
      }
      case Output.StoreChunk chunk -> store(chunk);
      case Output.ReadChunk chunk ->
          context.pipeToSelf(
              files.read(chunk),
              (read, failure) ->
                  failure == null ? new Came(read) : new WentWrong("reading a snapshot", failure));
      case Output.ClaimCheckpoint(var epoch) -> fromServer(desk.claim(epoch));
      case Output.LoadCheckpoint(var epoch) -> fromServer(desk.load(epoch));
      case Output.SaveCheckpoint(var epoch, var at) ->
          fromServer(desk.save(epoch, at), StateDesk.failed(at));
      case Output.AppendCheckpoint(var epoch, var updates) ->
          fromServer(desk.append(epoch, updates));
      case Output.ReportSync report -> links.sync().accept(report);
      case Output.Answer(var ticket, var reply) -> waiting.answer(ticket, reply);
      case Output.Left left -> links.run().accept(new CopyNews.Left());
      case Output.Ready(var epoch) -> worker.become(new Standing(standing.status(), epoch));
    }
  }

  private void send(CopyId to, PeerMessage message) {
    var member = members.get(to);
    if (member != null) {
      peers
          .computeIfAbsent(member.address(), host.states().peers())
          .tell(new StateHost.Peer(to, member.run(), message));
    }
  }

  private void write(io.understudy.state.SnapshotHeader header) {
    var state = captured;
    captured = null;
    if (state == null) {
      take(new Input.SnapshotFailed("nothing was captured"));
      return;
    }
    context.pipeToSelf(
        files.write(header, state),
        (written, failure) ->
            failure == null
                ? new Came(written)
                : new Came(new Input.SnapshotFailed("it cannot be written: " + failure)));
  }

  private void store(Output.StoreChunk chunk) {
    progress("it has %d of %d bytes of a snapshot".formatted(chunk.offset(), chunk.total()));
    context.pipeToSelf(
        files.store(chunk),
        (stored, failure) ->
            new Came(
                failure == null
                    ? stored
                    : new Input.PieceFailed(chunk.at(), "it cannot be stored: " + failure)));
  }

  private void fromServer(CompletionStage<Input> news) {
    fromServer(news, Input.CheckpointFailed::new);
  }

  private void fromServer(CompletionStage<Input> news, Function<String, Input> failed) {
    context.pipeToSelf(
        news,
        (came, failure) -> new Came(failure == null ? came : failed.apply(failure.toString())));
  }

  private void end() {
    if (worker instanceof ProcessWorker feeding) {
      feeding.end("the copy ends");
    }
    waiting.giveUp("copy %s ended".formatted(order.copy()));
    files.deleteAll();
  }
}
