package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.PrimariesReply;
import io.understudy.manager.ManagerProtocol.WatchPrimaries;
import io.understudy.watchdog.WatchDogProtocol;
import io.understudy.watchdog.WatchDogProtocol.FromManager;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Passes on what a WatchDog or a client and the ReplicaManager say to each other, where their two
 * hosts do not reach each other and both reach this one. One runs on each node that may manage.
 */
public final class Detour {
  /** The name under which a node's runs, as a child of its guardian. */
  public static final String NAME = "detour";

  /** Longer than the ReplicaManager lets a question wait for news. */
  private static final Duration LONGEST_ANSWER = PrimariesWatchers.LONGEST_WAIT.plusSeconds(2);

  private Detour() {}

  /** What it is to pass on. */
  public sealed interface Message {}

  /** To the ReplicaManager. */
  public record ToReplicaManager(ToManager message) implements Message {}

  /**
   * To the ReplicaManager.
   *
   * @param replyTo gets the answer, in place of whoever is named in the question
   */
  public record Question(WatchPrimaries asked, ActorRef<Answered> replyTo) implements Message {}

  /** The ReplicaManager's answer. */
  public record Answered(PrimariesReply answer) {}

  /** To this WatchDog. */
  public record ToWatchDog(ActorRef<WatchDogProtocol.Command> watchDog, FromManager message)
      implements Message {}

  /**
   * One of them.
   *
   * @param manager the way to it from here
   */
  public static Behavior<Message> create(ActorRef<ManagerProtocol.Command> manager) {
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                message -> {
                  switch (message) {
                    case ToReplicaManager(var said) ->
                        manager.tell(new ManagerProtocol.ByDetour(said, context.getSelf()));
                    case Question question -> ask(context.getSystem(), manager, question);
                    case ToWatchDog(var watchDog, var said) -> watchDog.tell(said);
                  }
                  return Behaviors.same();
                }));
  }

  private static void ask(
      ActorSystem<?> system, ActorRef<ManagerProtocol.Command> manager, Question question) {
    var asked = question.asked();
    var unused =
        AskPattern.<ManagerProtocol.Command, PrimariesReply>ask(
                manager,
                here -> new WatchPrimaries(asked.module(), asked.knownConfiguration(), here),
                LONGEST_ANSWER,
                system.scheduler())
            .thenAccept(answer -> question.replyTo().tell(new Answered(answer)));
  }
}
