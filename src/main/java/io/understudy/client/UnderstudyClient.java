package io.understudy.client;

import io.understudy.client.Registration.Refused;
import io.understudy.client.Registration.Registered;
import io.understudy.client.Registration.Unavailable;
import io.understudy.manager.Detour;
import io.understudy.manager.Detours;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.manager.ManagerSingleton;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.RunningCopy;
import io.understudy.module.CallCodec;
import io.understudy.wire.MutualTls;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.pattern.Patterns;

/**
 * Registers modules from an actor system that is a member of the cluster ([0010], [0015]), and
 * speaks to those that have a state.
 *
 * <p>A registration is repeated while the ReplicaManager moves or its journal is away, for as long
 * as the patience lasts; that is safe, since registering what is registered changes nothing.
 */
public final class UnderstudyClient {
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ActorSystem<?> system;
  private final ActorRef<Command> manager;
  private final Supplier<List<ActorRef<Detour.Message>>> detours;
  private final Duration patience;

  private UnderstudyClient(
      ActorSystem<?> system,
      ActorRef<Command> manager,
      Supplier<List<ActorRef<Detour.Message>>> detours,
      Duration patience) {
    this.system = system;
    this.manager = manager;
    this.detours = detours;
    this.patience = patience;
  }

  /**
   * A client that is patient for 30 s.
   *
   * @throws IllegalArgumentException if the system has {@code understudy.tls} and does not speak
   *     TLS, or cannot with these files
   */
  public static UnderstudyClient create(ActorSystem<?> system) {
    MutualTls.check(system.settings().config());
    return create(system, ManagerSingleton.proxy(system), PATIENCE);
  }

  /** A client that speaks to this way to the ReplicaManager, and gives up after this time. */
  public static UnderstudyClient create(
      ActorSystem<?> system, ActorRef<Command> manager, Duration patience) {
    return create(system, manager, new Detours(system), patience);
  }

  static UnderstudyClient create(
      ActorSystem<?> system,
      ActorRef<Command> manager,
      Supplier<List<ActorRef<Detour.Message>>> detours,
      Duration patience) {
    return new UnderstudyClient(system, manager, detours, patience);
  }

  /** Protects a module: its copies are started where none runs. */
  public CompletionStage<Registration> register(ModuleSpec spec) {
    return register(spec, Optional.empty());
  }

  /** Protects a module of which a copy runs already; that copy is adopted, not started twice. */
  public CompletionStage<Registration> register(ModuleSpec spec, RunningCopy running) {
    return register(spec, Optional.of(running));
  }

  /** Stops a module's copies and forgets it. */
  public CompletionStage<Registration> deregister(ModuleId module) {
    return repeat(replyTo -> new ManagerProtocol.Deregister(module, replyTo));
  }

  /**
   * A reference to a module, with the usual limits.
   *
   * @param codec of the module, or what {@link io.understudy.module.JacksonCodec#calls} makes
   */
  public <C, R> ModuleRef<C, R> module(ModuleId module, CallCodec<C, R> codec) {
    return module(module, codec, RequestLimits.DEFAULT);
  }

  /** A reference to a module; it follows the module until it is closed. */
  public <C, R> ModuleRef<C, R> module(
      ModuleId module, CallCodec<C, R> codec, RequestLimits limits) {
    var terms = new Requests.Terms(module, UUID.randomUUID().toString(), limits);
    var repeated = new AtomicLong();
    var unheard = new Unheard(module);
    var courier =
        system.systemActorOf(
            Courier.create(manager, detours, terms, repeated, unheard),
            "understudy-" + terms.client(),
            DispatcherSelector.fromConfig("understudy.watchdog.state-dispatcher"));
    var executor = system.executionContext();
    return new ModuleRef<>(module, codec, courier, executor::execute, repeated, unheard);
  }

  private CompletionStage<Registration> register(ModuleSpec spec, Optional<RunningCopy> running) {
    return repeat(replyTo -> new ManagerProtocol.Register(spec, running, replyTo));
  }

  private CompletionStage<Registration> repeat(Function<ActorRef<Reply>, Command> request) {
    return repeat(request, System.nanoTime() + patience.toNanos());
  }

  private CompletionStage<Registration> repeat(
      Function<ActorRef<Reply>, Command> request, long until) {
    return once(request)
        .thenCompose(
            answer ->
                answer instanceof Unavailable && System.nanoTime() < until
                    ? Patterns.after(PAUSE, system, () -> repeat(request, until))
                    : CompletableFuture.completedFuture(answer));
  }

  private CompletionStage<Registration> once(Function<ActorRef<Reply>, Command> request) {
    return AskPattern.ask(manager, request, ANSWER, system.scheduler())
        .handle(
            (reply, failure) ->
                failure == null
                    ? answer(reply)
                    : new Unavailable(
                        "no ReplicaManager answered within " + ANSWER.toSeconds() + " s"));
  }

  private static Registration answer(Reply reply) {
    return switch (reply) {
      case ManagerProtocol.Accepted accepted ->
          new Registered(accepted.version(), accepted.warning());
      case ManagerProtocol.Refused refused -> new Refused(refused.reason());
      case ManagerProtocol.Unavailable away -> new Unavailable(away.reason());
    };
  }
}
