package io.understudy.manager;

import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/** Reads a table from its journal as a ReplicaManager that begins does, and ends; never writes. */
final class Reading extends EventSourcedBehavior<Reading.End, TableEvent, ReplicationTable> {
  private final ActorContext<End> context;

  /** It has read all. */
  enum End {
    OF_JOURNAL
  }

  static Behavior<End> create(String persistenceId) {
    return Behaviors.setup(context -> new Reading(context, persistenceId));
  }

  private Reading(ActorContext<End> context, String persistenceId) {
    super(PersistenceId.ofUniqueId(persistenceId));
    this.context = context;
  }

  @Override
  public ReplicationTable emptyState() {
    return ReplicationTable.EMPTY;
  }

  @Override
  public EventHandler<ReplicationTable, TableEvent> eventHandler() {
    return (table, event) -> table.evolve(event);
  }

  @Override
  public SignalHandler<ReplicationTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), table -> context.getSelf().tell(End.OF_JOURNAL))
        .build();
  }

  @Override
  public CommandHandler<End, TableEvent, ReplicationTable> commandHandler() {
    return (table, end) -> Effect().stop();
  }
}
