package io.understudy.manager;

import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.util.function.Consumer;
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
  private final Consumer<ReplicationTable> to;

  /** It has read all. */
  enum End {
    OF_JOURNAL
  }

  static Behavior<End> create(String persistenceId) {
    return create(persistenceId, table -> {});
  }

  /**
   * One that hands over what it has read.
   *
   * @param to is called once, on a thread that may not wait
   */
  static Behavior<End> create(String persistenceId, Consumer<ReplicationTable> to) {
    return Behaviors.setup(context -> new Reading(context, persistenceId, to));
  }

  private Reading(ActorContext<End> context, String persistenceId, Consumer<ReplicationTable> to) {
    super(PersistenceId.ofUniqueId(persistenceId));
    this.context = context;
    this.to = to;
  }

  /** Not what another one has read. */
  @Override
  public String snapshotPluginId() {
    return "jdbc-snapshot-store";
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
    return newSignalHandlerBuilder().onSignal(RecoveryCompleted.instance(), this::read).build();
  }

  private void read(ReplicationTable table) {
    to.accept(table);
    context.getSelf().tell(End.OF_JOURNAL);
  }

  @Override
  public CommandHandler<End, TableEvent, ReplicationTable> commandHandler() {
    return (table, end) -> Effect().stop();
  }
}
