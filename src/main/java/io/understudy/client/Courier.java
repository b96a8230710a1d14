package io.understudy.client;

import io.understudy.client.RequestFailed.Outcome;
import io.understudy.client.Requests.Output;
import io.understudy.client.Requests.Step;
import io.understudy.client.Requests.Terms;
import io.understudy.manager.Detour;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Primaries;
import io.understudy.manager.ManagerProtocol.PrimariesReply;
import io.understudy.manager.ManagerProtocol.Refused;
import io.understudy.manager.ManagerProtocol.Unavailable;
import io.understudy.model.ModuleId;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/** Carries the requests of one {@link ModuleRef}; what to send where, {@link Requests} decides. */
final class Courier {
  /** The manager answers a question after {@link #LONGEST_ANSWER} even if nothing has changed. */
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(7);

  /** A request that has waited so long makes one ask again who serves, in case nobody heard it. */
  private static final Duration WORRIED = Duration.ofMillis(100);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** What it is told. */
  sealed interface Message {}

  record Ask(Bytes command, CompletableFuture<Bytes> reply) implements Message {}

  /** From its owner. */
  enum Stop implements Message {
    NOW
  }

  private enum Own implements Message {
    /** All that was asked meanwhile is sent together. */
    FLUSH,
    /** Something is due. */
    WAKE,
    /** Is the question who serves still open? */
    LOOK,
    /** Nobody asks any more. */
    END
  }

  private record Served(PrimariesReply answer) implements Message {}

  /** The same, by a detour. */
  private record ServedRound(PrimariesReply answer) implements Message {}

  private record Answered(CallAnswers answers) implements Message {}

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final ActorRef<ManagerProtocol.Command> manager;
  private final Supplier<List<ActorRef<Detour.Message>>> detours;
  private final ActorRef<PrimariesReply> served;
  private final ActorRef<Detour.Answered> servedRound;
  private final ActorRef<CallAnswers> answered;
  private final ActorRefResolver resolver;
  private final Map<String, ActorRef<ModuleCall>> hosts = new HashMap<>();
  private final AtomicLong repeated;
  private final Unheard unheard;
  private final long start = System.nanoTime();

  private Requests<CompletableFuture<Bytes>> requests;
  private Duration wakes = Requests.NEVER;
  private boolean flushing;
  private long configuration;
  private Duration asked = Duration.ZERO;
  private Duration answeredDirectly = Duration.ZERO;
  private int round;

  private Courier(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      ActorRef<ManagerProtocol.Command> manager,
      Supplier<List<ActorRef<Detour.Message>>> detours,
      Terms terms,
      AtomicLong repeated,
      Unheard unheard) {
    this.repeated = repeated;
    this.unheard = unheard;
    this.context = context;
    this.timers = timers;
    this.manager = manager;
    this.detours = detours;
    this.served = context.messageAdapter(PrimariesReply.class, Served::new);
    this.servedRound =
        context.messageAdapter(Detour.Answered.class, it -> new ServedRound(it.answer()));
    this.answered = context.messageAdapter(CallAnswers.class, Answered::new);
    this.resolver = ActorRefResolver.get(context.getSystem());
    this.requests = Requests.none(terms);
  }

  /**
   * Follows a module.
   *
   * @param detours round a cut between this node and the ReplicaManager's
   * @param repeated is set to how often a request was sent again so far
   * @param unheard are told when it hears of no request any more
   */
  static Behavior<Message> create(
      ActorRef<ManagerProtocol.Command> manager,
      Supplier<List<ActorRef<Detour.Message>>> detours,
      Terms terms,
      AtomicLong repeated,
      Unheard unheard) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Courier(context, timers, manager, detours, terms, repeated, unheard)
                        .begin()));
  }

  private Behavior<Message> begin() {
    look();
    timers.startTimerWithFixedDelay(Own.LOOK, LOOK_AGAIN);
    return Behaviors.receive(Message.class)
        .onMessage(Message.class, this::carry)
        .onSignal(Terminated.class, end -> died(end.getRef()))
        .onSignal(PostStop.class, stopped -> end())
        .build();
  }

  private Behavior<Message> carry(Message message) {
    switch (message) {
      case Ask(var command, var reply) -> {
        unheard.heard(reply);
        take(requests.asked(reply, command, now()));
      }
      case Answered(var answers) -> take(requests.answered(answers.answers(), now()));
      case Served(var answer) -> {
        answeredDirectly = now();
        served(answer);
      }
      case ServedRound(var answer) -> servedRound(answer);
      case Own.FLUSH -> flush();
      case Own.WAKE -> wake();
      case Own.LOOK -> lookIfWorried();
      case Stop.NOW -> {
        return closing();
      }
      case Own.END -> {
        return Behaviors.stopped();
      }
    }
    return Behaviors.same();
  }

  private void served(PrimariesReply answer) {
    switch (answer) {
      case Primaries primaries -> follow(primaries);
      case Refused(var reason) -> unknown(reason);
      case Unavailable later -> askLater();
    }
  }

  /**
   * Each worry asks once more, and each answer that is taken is followed by a question: of those
   * that say the same, one is.
   */
  private void servedRound(PrimariesReply answer) {
    var known = answer instanceof Primaries same && same.configuration() == configuration;
    if (!known || now().minus(asked).compareTo(LOOK_AGAIN) >= 0) {
      served(answer);
    }
  }

  private Duration now() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void take(Step<CompletableFuture<Bytes>> step) {
    requests = step.next();
    repeated.setOpaque(requests.repeated());
    step.outputs().forEach(this::perform);
    if (requests.wake().compareTo(wakes) < 0) {
      wakes = requests.wake();
      timers.startSingleTimer(Own.WAKE, wakes.minus(now()));
    }
    if (!flushing && requests.hasToSend(now())) {
      flushing = true;
      context.getSelf().tell(Own.FLUSH);
    }
  }

  private void perform(Output<CompletableFuture<Bytes>> output) {
    switch (output) {
      case Output.Send<CompletableFuture<Bytes>>(var to, var calls) -> send(to, calls);
      case Output.Succeed<CompletableFuture<Bytes>>(var asker, var reply) -> asker.complete(reply);
      case Output.Fail<CompletableFuture<Bytes>>(var asker, var outcome, var reason) ->
          asker.completeExceptionally(new RequestFailed(outcome, reason));
    }
  }

  private void send(Target to, List<ModuleCall.Request> calls) {
    hosts
        .computeIfAbsent(to.address(), this::host)
        .tell(new ModuleCall(requests.terms().module(), to.copy(), calls, answered));
  }

  private ActorRef<ModuleCall> host(String address) {
    ActorRef<ModuleCall> host =
        resolver.resolveActorRef(
            "pekko://%s@%s/user/states".formatted(context.getSystem().name(), address));
    context.watch(host);
    return host;
  }

  /** The manager may say so later, or be on that host. */
  private Behavior<Message> died(ActorRef<Void> host) {
    var dead =
        hosts.entrySet().stream()
            .filter(entry -> entry.getValue().path().equals(host.path()))
            .map(Map.Entry::getKey)
            .toList();
    for (var address : dead) {
      hosts.remove(address);
      take(requests.died(address, now()));
    }
    return Behaviors.same();
  }

  private void flush() {
    flushing = false;
    take(requests.flushed(now()));
  }

  private void wake() {
    wakes = Requests.NEVER;
    take(requests.woken(now()));
  }

  private void follow(Primaries primaries) {
    configuration = primaries.configuration();
    take(
        requests.served(
            primaries.primaries().stream()
                .map(it -> new Target(it.copy(), it.run(), it.address()))
                .toList(),
            now()));
    look();
  }

  private void unknown(String reason) {
    configuration = 0;
    take(requests.unknown(reason));
  }

  private void askLater() {
    asked = now().minus(LONGEST_ANSWER).plus(LOOK_AGAIN);
  }

  /**
   * Who is not answered although nothing has changed is perhaps cut off from the ReplicaManager's
   * host alone, and asks by one detour after the other, too.
   */
  private void look() {
    asked = now();
    var question =
        new ManagerProtocol.WatchPrimaries(requests.terms().module(), configuration, served);
    manager.tell(question);
    if (now().minus(answeredDirectly).compareTo(LONGEST_ANSWER) >= 0) {
      var others = detours.get();
      if (!others.isEmpty()) {
        round++;
        others.get(round % others.size()).tell(new Detour.Question(question, servedRound));
      }
    }
  }

  /** The question, or the answer, may be lost with the manager. */
  private void lookIfWorried() {
    var since = now().minus(asked);
    var longest = requests.isOverdue(now(), WORRIED) ? WORRIED : LONGEST_ANSWER;
    if (since.compareTo(longest) >= 0) {
      look();
    }
  }

  /** Answers those who asked while the reference was being closed. */
  private Behavior<Message> closing() {
    giveUp();
    hosts.values().forEach(context::unwatch);
    timers.cancelAll();
    timers.startSingleTimer(Own.END, CLOSING);
    return Behaviors.receiveMessage(
        message ->
            switch (message) {
              case Ask(var command, var reply) -> {
                unheard.heard(reply);
                reply.completeExceptionally(closed(requests.terms().module()));
                yield Behaviors.same();
              }
              case Own.END -> Behaviors.stopped();
              case Own other -> Behaviors.same();
              case Served late -> Behaviors.same();
              case ServedRound late -> Behaviors.same();
              case Answered late -> Behaviors.same();
              case Stop again -> Behaviors.same();
            });
  }

  /** With its actor system, or because it failed. */
  private Behavior<Message> end() {
    unheard.end();
    return giveUp();
  }

  private Behavior<Message> giveUp() {
    take(requests.unknown(closedText(requests.terms().module())));
    return Behaviors.same();
  }

  static RequestFailed closed(ModuleId module) {
    return new RequestFailed(Outcome.NOT_DONE, closedText(module));
  }

  static RequestFailed ended(ModuleId module) {
    var reason = "module %s: the actor system of its reference has ended".formatted(module);
    return new RequestFailed(Outcome.UNKNOWN, reason);
  }

  private static String closedText(ModuleId module) {
    return "module %s: its reference was closed".formatted(module);
  }
}
