package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Detection;
import io.understudy.model.Location;
import io.understudy.module.ModuleActor;
import io.understudy.module.ModuleActor.CheckSanity;
import io.understudy.module.ModuleActor.Confirmed;
import io.understudy.module.ModuleActor.Sanity;
import io.understudy.module.ModuleActor.StatusChanged;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** A copy that is an actor in this JVM, on a thread of its own. */
final class ActorBody<T> implements Body {
  /** From the last interrupt to giving up on a copy's thread. */
  private static final Duration LAST_CHANCE = Duration.ofMillis(200);

  private final HostResources host;
  private final ActorContext<CopyRun.Command> context;
  private final CopyVoice voice;
  private final Inside<T> inside;
  private final CopyThread thread = new CopyThread();

  /** Where it answers. No answer in time is the business of {@link CopyLife}, as a late one is. */
  private final ActorRef<Sanity> polled;

  private final ActorRef<Confirmed> confirmed;
  private @Nullable ActorRef<T> actor;

  /** Set on the copy's thread before it ends. */
  private volatile @Nullable String cannotStart;

  /**
   * What runs on the copy's thread.
   *
   * @param module makes it; called on that thread
   * @param telling how it is told what every copy is told
   * @param started gets the actor once it is there to be spoken to
   */
  private record Inside<T>(
      Class<T> messages,
      Function<CopyVoice, Behavior<T>> module,
      Function<ModuleActor.Message, T> telling,
      Consumer<ActorRef<T>> started) {}

  private ActorBody(
      CopyOrder order,
      HostResources host,
      ActorContext<CopyRun.Command> context,
      Inside<T> inside) {
    this.host = host;
    this.context = context;
    this.inside = inside;
    this.polled =
        context.messageAdapter(
            Sanity.class, answer -> new CopyRun.News(new CopyNews.Polled(problem(answer))));
    this.confirmed =
        context.messageAdapter(
            Confirmed.class, answer -> new CopyRun.News(new CopyNews.Confirmed(answer.epoch())));
    var self = context.getSelf();
    this.voice =
        new CopyVoice(order, host.identity().host(), news -> self.tell(new CopyRun.News(news)));
  }

  /** A {@link ModuleActor}. */
  static Body stateless(
      CopyOrder order,
      Location.ActorClass location,
      HostResources host,
      ActorContext<CopyRun.Command> context) {
    var named = new ActorClass(location, host.identity().host());
    return new ActorBody<>(
        order,
        host,
        context,
        new Inside<>(
            ModuleActor.Message.class,
            voice -> named.create().create(voice),
            message -> message,
            actor -> {}));
  }

  /** A {@link io.understudy.module.StatefulModule}; what is done to its state comes from there. */
  static Body stateful(
      CopyOrder order,
      Location.ActorClass location,
      HostResources host,
      ActorContext<CopyRun.Command> context,
      ActorRef<StateCopyProtocol.Command> state) {
    var named = new ActorClass(location, host.identity().host());
    return new ActorBody<>(
        order,
        host,
        context,
        new Inside<>(
            StatefulCopy.Command.class,
            voice ->
                StatefulCopy.create(
                    named.createStateful(),
                    host.blocking(),
                    answer -> state.tell(new StateCopyProtocol.FromModule(answer))),
            StatefulCopy.FromWatchDog::new,
            actor -> state.tell(new StateCopyProtocol.ModuleStarted(actor))));
  }

  @Override
  public void start() {
    var pid = host.identity().pid();
    var behavior = thread.running(inside.messages(), this::module, () -> voice.spawned(pid));
    var started =
        context.spawn(
            behavior,
            "module",
            DispatcherSelector.fromConfig("understudy.watchdog.copy-dispatcher"));
    context.watch(started);
    actor = started;
    inside.started().accept(started);
  }

  /** Stops at once when it cannot be made; thrown, that would fill the log with a stack trace. */
  private Behavior<T> module() {
    try {
      return inside.module().apply(voice);
    } catch (CannotStart e) {
      cannotStart = e.reason();
      return Behaviors.stopped();
    }
  }

  @Override
  public Optional<String> cannotStart() {
    return Optional.ofNullable(cannotStart);
  }

  @Override
  public void poll(Detection.Polling how) {
    tellActor(new CheckSanity(polled));
  }

  private static Optional<String> problem(Sanity answer) {
    return switch (answer) {
      case Sanity.Sane() -> Optional.empty();
      case Sanity.Insane(var reason) -> Optional.of(reason);
    };
  }

  @Override
  public void tell(Standing standing) {
    tellActor(new StatusChanged(standing.status(), standing.epoch(), confirmed));
  }

  private void tellActor(ModuleActor.Message message) {
    if (actor != null) {
      actor.tell(inside.telling().apply(message));
    }
  }

  @Override
  public void terminate(boolean hung) {
    stop();
    if (hung) {
      thread.interrupt();
    }
  }

  /** Its thread cannot be taken from it, but nothing it says is heard any more. */
  @Override
  public void kill() {
    stop();
    voice.cutOff();
    thread.interrupt();
    context.scheduleOnce(LAST_CHANCE, context.getSelf(), new CopyRun.CutOff());
  }

  private void stop() {
    if (actor != null) {
      context.stop(actor);
    }
  }
}
