package io.understudy.superwatchdog;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.pattern.Patterns;

/**
 * Where a node asks another, before it joins a cluster through it, whether it may (I5). Pekko's
 * members let in whoever asks, those included who were put out without hearing of it.
 */
public final class Admission {
  private static final String NAME = "understudy-admission";
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private Admission() {}

  /** How a node stands. */
  public enum Standing {
    /** It is a member of no cluster, or not yet, or no longer. */
    NO_MEMBER,
    /** Nodes may join through it. */
    ADMITS,
    /** It is a member, but out of touch with the majority of the SuperWatchDogs. */
    OUT_OF_TOUCH
  }

  /** What is said between nodes that need not be in one cluster. */
  public sealed interface Message {}

  /** May the one who asks join through this node? */
  public record Ask(ActorRef<Told> replyTo) implements Message {}

  /** The answer. */
  public record Told(Standing standing) implements Message {}

  /** Answers from now on, by what this node's {@link Downing} sees. */
  static void open(ActorSystem<?> system, ActorRef<Downing.Command> downing) {
    var unused =
        system.systemActorOf(
            Behaviors.<Ask>receiveMessage(
                ask -> {
                  downing.tell(new Downing.Asked(ask.replyTo()));
                  return Behaviors.same();
                }),
            NAME,
            Props.empty());
  }

  /** Asks the node of this system's name at host:port; fails when it does not answer soon. */
  public static CompletionStage<Standing> ask(ActorSystem<?> system, String address) {
    var classic = Adapter.toClassic(system);
    var there =
        classic.actorSelection("pekko://%s@%s/system/%s".formatted(system.name(), address, NAME));
    return Patterns.askWithReplyTo(there, replyTo -> new Ask(Adapter.toTyped(replyTo)), PATIENCE)
        .thenApply(told -> ((Told) told).standing());
  }
}
