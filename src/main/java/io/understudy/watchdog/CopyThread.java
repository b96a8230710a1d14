package io.understudy.watchdog;

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
  <T> Behavior<T> running(Class<T> type, Supplier<Behavior<T>> module, Runnable started) {
    return Behaviors.intercept(
        () -> new Watched<>(type, started), Behaviors.setup(context -> module.get()));
  }

  synchronized void interrupt() {
    if (inside != null) {
      inside.interrupt();
    }
  }

  private <T> Behavior<T> inside(Supplier<Behavior<T>> code) {
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

  private final class Watched<T> extends BehaviorInterceptor<T, T> {
    private final Runnable started;

    private Watched(Class<T> type, Runnable started) {
      super(type);
      this.started = started;
    }

    @Override
    public Behavior<T> aroundStart(TypedActorContext<T> context, PreStartTarget<T> target) {
      var behavior = inside(() -> target.start(context));
      if (Behavior.isAlive(behavior)) {
        started.run();
      }
      return behavior;
    }

    @Override
    public Behavior<T> aroundReceive(
        TypedActorContext<T> context, T message, ReceiveTarget<T> target) {
      return inside(() -> target.apply(context, message));
    }

    @Override
    public Behavior<T> aroundSignal(
        TypedActorContext<T> context, Signal signal, SignalTarget<T> target) {
      return inside(() -> target.apply(context, signal));
    }
  }
}
