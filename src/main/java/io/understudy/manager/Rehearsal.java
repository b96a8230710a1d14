package io.understudy.manager;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Keeps warm on a candidate's node what a take-over needs: connections to the journal, and the code
 * that reads the table, decides, persists and orders, which is slow when it runs for the first
 * time.
 *
 * <p>Of the table it only reads (I1); what it plays, the journal holds under an id of its own until
 * the play is over.
 */
final class Rehearsal extends AbstractBehavior<Rehearsal.Cue> {
  /** Enough for the JVM to compile what they have in common. */
  private static final int PLAYS = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TimerScheduler<Cue> timers;
  private final ManagerKeeper.Node node;
  private final Schema schema;
  private final Duration pause;
  private final Runnable rehearsed;
  private final String ownId;
  private final Executor blocking;
  private int plays;
  private Act next = Act.PLAY;

  /** What it hears. */
  enum Cue {
    BEGIN,
    STAGE_CLEAR,
    JOURNAL_AWAY,
    TOO_LONG
  }

  /** What comes next: plays, each read back as a table is after a take-over, then the table. */
  private enum Act {
    PLAY,
    READ_PLAY,
    READ_TABLE
  }

  /**
   * Waits for {@link Cue#BEGIN}.
   *
   * @param pause from the end of one rehearsal to the beginning of the next
   * @param rehearsed at the end of each
   */
  static Behavior<Cue> create(
      ManagerKeeper.Node node, Schema schema, Duration pause, Runnable rehearsed) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Rehearsal(context, timers, node, schema, pause, rehearsed)));
  }

  private Rehearsal(
      ActorContext<Cue> context,
      TimerScheduler<Cue> timers,
      ManagerKeeper.Node node,
      Schema schema,
      Duration pause,
      Runnable rehearsed) {
    super(context);
    this.timers = timers;
    this.node = node;
    this.schema = schema;
    this.pause = pause;
    this.rehearsed = rehearsed;
    this.ownId = "rehearsal|%s|".formatted(node.host());
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
  }

  @Override
  public Receive<Cue> createReceive() {
    return newReceiveBuilder()
        .onMessage(Cue.class, this::handle)
        .onSignal(Terminated.class, end -> ended())
        .build();
  }

  private Behavior<Cue> handle(Cue cue) {
    switch (cue) {
      case BEGIN -> clearStage();
      case STAGE_CLEAR -> act();
      case JOURNAL_AWAY -> later();
      case TOO_LONG -> getContext().getChildren().forEach(getContext()::stop);
    }
    return this;
  }

  /** What an earlier play left goes, those that the node's death cut short included. */
  private void clearStage() {
    getContext()
        .pipeToSelf(
            schema.see(blocking).thenRunAsync(this::forgetPlays, blocking),
            (done, failure) -> failure == null ? Cue.STAGE_CLEAR : Cue.JOURNAL_AWAY);
  }

  private void forgetPlays() {
    try {
      Journal.forget(node.journal(), ownId);
    } catch (SQLException e) {
      throw new CompletionException(e);
    }
  }

  private void act() {
    var name = "act-" + next;
    var actor =
        switch (next) {
          case PLAY -> getContext().spawn(Play.create(node, ownId + plays), name);
          case READ_PLAY -> getContext().spawn(Reading.create(ownId + plays), name);
          case READ_TABLE -> getContext().spawn(Reading.create(Journal.PERSISTENCE_ID), name);
        };
    getContext().watch(actor);
    timers.startSingleTimer(Cue.TOO_LONG, PATIENCE);
  }

  /** However it ended: what went wrong here is said by a ReplicaManager that needs it. */
  private Behavior<Cue> ended() {
    timers.cancel(Cue.TOO_LONG);
    switch (next) {
      case PLAY -> {
        next = Act.READ_PLAY;
        act();
      }
      case READ_PLAY -> {
        plays++;
        next = plays < PLAYS ? Act.PLAY : Act.READ_TABLE;
        clearStage();
      }
      case READ_TABLE -> {
        rehearsed.run();
        later();
      }
    }
    return this;
  }

  private void later() {
    timers.startSingleTimer(Cue.BEGIN, pause);
  }
}
