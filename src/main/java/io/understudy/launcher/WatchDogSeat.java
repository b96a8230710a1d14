package io.understudy.launcher;

import io.understudy.watchdog.WatchDog.ManagerLink;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.DeclaredDead;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.Stop;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** What the node knows of its WatchDog by listening in, and how it ends it. */
final class WatchDogSeat {
  private final Runnable welcomed;
  private final Readiness readiness;
  private Optional<HostUp> last = Optional.empty();
  private CompletableFuture<Done> cleared = new CompletableFuture<>();

  WatchDogSeat(Readiness readiness, Runnable welcomed) {
    this.readiness = readiness;
    this.welcomed = welcomed;
  }

  /** The WatchDog, overheard. */
  Behavior<Command> overhearing(Behavior<Command> watchDog) {
    return Behaviors.intercept(Ear::new, watchDog);
  }

  /** The same way to the ReplicaManager, overheard. */
  ManagerLink overhearing(ManagerLink link) {
    return new ManagerLink() {
      @Override
      public void tell(ToManager message) {
        heard(message);
        link.tell(message);
      }

      @Override
      public boolean roundabout() {
        return link.roundabout();
      }
    };
  }

  private synchronized void heard(ToManager message) {
    if (message instanceof HostUp up) {
      if (last.filter(before -> !before.incarnation().equals(up.incarnation())).isPresent()) {
        cleared.complete(Done.getInstance());
      }
      last = Optional.of(up);
    }
  }

  /** Stops the copies, each with its grace. */
  CompletionStage<Done> stop(ActorSystem<?> system, ActorRef<Command> watchDog, Duration patience) {
    return AskPattern.ask(watchDog, Stop::new, patience, system.scheduler());
  }

  /** Kills the copies: others may take their place at this moment (I5). */
  synchronized CompletionStage<Done> kill(ActorRef<Command> watchDog, String reason) {
    cleared = new CompletableFuture<>(); // the WatchDog may have begun anew before
    last.ifPresentOrElse(
        up -> watchDog.tell(new DeclaredDead(up.incarnation(), reason)),
        () -> cleared.complete(Done.getInstance()));
    return cleared;
  }

  private final class Ear extends BehaviorInterceptor<Command, Command> {
    Ear() {
      super(Command.class);
    }

    @Override
    public Behavior<Command> aroundReceive(
        TypedActorContext<Command> context, Command message, ReceiveTarget<Command> target) {
      if (message instanceof Welcome) {
        readiness.ready();
        welcomed.run();
      } else if (message instanceof DeclaredDead dead) {
        readiness.notReady(dead.reason());
      }
      return target.apply(context, message);
    }
  }
}
