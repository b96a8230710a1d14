package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Location;
import io.understudy.module.ModuleActor;
import io.understudy.module.ModuleActor.CheckSanity;
import io.understudy.module.ModuleActor.Confirmed;
import io.understudy.module.ModuleActor.Sanity;
import io.understudy.module.ModuleActor.StatusChanged;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;
import org.jspecify.annotations.Nullable;

/** A copy that is an actor in this JVM, on a thread of its own. */
final class ActorBody implements Body {
  /** From the last interrupt to giving up on a copy's thread. */
  private static final Duration LAST_CHANCE = Duration.ofMillis(200);

  private final CopyOrder order;
  private final Location.ActorClass location;
  private final HostResources host;
  private final ActorContext<CopyRun.Command> context;
  private final CopyVoice voice;
  private final CopyThread thread = new CopyThread();
  private @Nullable ActorRef<ModuleActor.Message> actor;

  ActorBody(
      CopyOrder order,
      Location.ActorClass location,
      HostResources host,
      ActorContext<CopyRun.Command> context) {
    this.order = order;
    this.location = location;
    this.host = host;
    this.context = context;
    var self = context.getSelf();
    this.voice =
        new CopyVoice(order, host.identity().host(), news -> self.tell(new CopyRun.News(news)));
  }

  @Override
  public void start() {
    var pid = host.identity().pid();
    var behavior = thread.running(() -> load().create(voice), () -> voice.spawned(pid));
    var started =
        context.spawn(
            behavior,
            "module",
            DispatcherSelector.fromConfig("understudy.watchdog.copy-dispatcher"));
    context.watch(started);
    actor = started;
  }

  private ModuleActor load() {
    var name = location.className();
    try {
      return Class.forName(name).asSubclass(ModuleActor.class).getConstructor().newInstance();
    } catch (ClassCastException e) {
      throw new CannotStart(
          "%s is not a module: let it implement %s".formatted(name, ModuleActor.class.getName()));
    } catch (ClassNotFoundException e) {
      throw new CannotStart(
          "class %s is not on the class path of %s: add its jar there, or correct the location"
              .formatted(name, host.identity().host()));
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new CannotStart(
          "%s cannot be created: it needs a public constructor without parameters that works (%s)"
              .formatted(name, e.getCause() == null ? e : e.getCause()));
    }
  }

  @Override
  public void poll(Duration timeout) {
    ask(timeout, CheckSanity::new, Sanity.class)
        .thenAccept(
            answer ->
                voice.tell(
                    new CopyNews.Polled(
                        switch (answer) {
                          case Sanity.Sane() -> Optional.empty();
                          case Sanity.Insane(var reason) -> Optional.of(reason);
                        })));
  }

  @Override
  public void tell(Standing standing) {
    ask(
            order.launch().readiness().deadline(),
            replyTo -> new StatusChanged(standing.status(), standing.epoch(), replyTo),
            Confirmed.class)
        .thenAccept(answer -> voice.tell(new CopyNews.Confirmed(answer.epoch())));
  }

  private <T> CompletionStage<T> ask(
      Duration timeout, Function<ActorRef<T>, ModuleActor.Message> question, Class<T> answer) {
    var asked = actor;
    return asked == null
        ? new CompletableFuture<>()
        : AskPattern.ask(asked, question, timeout, context.getSystem().scheduler())
            .thenApply(answer::cast);
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
