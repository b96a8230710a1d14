package io.understudy.watchdog;

import io.understudy.module.ModuleActor.Message;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** The thread that runs a copy's code: it can be interrupted, and only while it runs that code. */
final class CopyThread {
  private @Nullable Thread inside;

  /** Errors that would end the node's JVM, though they are only this copy's. */
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(Throwable cause) {
      super(cause.toString(), cause);
    }
  }

  /** The behavior that the supplier makes on the copy's own thread. */
  Behavior<Message> running(Supplier<Behavior<Message>> module, Runnable started) {
    return Behaviors.intercept(
        () -> new Watched(started), Behaviors.setup(context -> module.get()));
  }

  synchronized void interrupt() {
    if (inside != null) {
      inside.interrupt();
    }
  }

  private Behavior<Message> inside(Supplier<Behavior<Message>> code) {
    enter();
    try {
      return code.get();
    } catch (LinkageError | StackOverflowError | AssertionError e) {
      throw new Broken(e);
    } catch (Throwable e) {
      // Java lets no checked exception through here, but other languages and Pekko do.
      if (e instanceof InterruptedException) {
        throw new Broken(e);
      }
      throw e;
    } finally {
      leave();
    }
  }

  private synchronized void enter() {
    inside = Thread.currentThread();
  }

  private synchronized void leave() {
    inside = null;
    Thread.interrupted(); // meant for the copy's code, not for the dispatcher's
  }

  private final class Watched extends BehaviorInterceptor<Message, Message> {
    private final Runnable started;

    private Watched(Runnable started) {
      super(Message.class);
      this.started = started;
    }

    @Override
    public Behavior<Message> aroundStart(
        TypedActorContext<Message> context, PreStartTarget<Message> target) {
      var behavior = inside(() -> target.start(context));
      started.run();
      return behavior;
    }

    @Override
    public Behavior<Message> aroundReceive(
        TypedActorContext<Message> context, Message message, ReceiveTarget<Message> target) {
      return inside(() -> target.apply(context, message));
    }

    @Override
    public Behavior<Message> aroundSignal(
        TypedActorContext<Message> context, Signal signal, SignalTarget<Message> target) {
      return inside(() -> target.apply(context, signal));
    }
  }
}
