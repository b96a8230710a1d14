package io.understudy.manager;

import com.typesafe.config.Config;
import io.understudy.table.ReplicationTable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.jdbc.snapshot.JdbcSnapshotStore;
import scala.Option;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/**
 * The ReplicaManager's snapshots: those in the journal's database, unless this node has read the
 * table of late.
 */
public final class ForeseenSnapshots extends JdbcSnapshotStore {
  private final Foresight foresight;

  /** Made by Pekko, with what is configured for this store. */
  public ForeseenSnapshots(Config config) {
    super(config);
    this.foresight = Foresight.of(Adapter.toTyped(context().system()));
  }

  @Override
  public Future<Option<SelectedSnapshot>> loadAsync(
      String persistenceId, SnapshotSelectionCriteria criteria) {
    if (!persistenceId.equals(Journal.PERSISTENCE_ID)) {
      return super.loadAsync(persistenceId, criteria);
    }
    return FutureConverters.asScala(
        foresight
            .take()
            .thenCompose(
                found ->
                    found
                        .filter(table -> table.version() <= criteria.maxSequenceNr())
                        .map(ForeseenSnapshots::selected)
                        .orElseGet(
                            () ->
                                FutureConverters.asJava(
                                    super.loadAsync(persistenceId, criteria)))));
  }

  private static CompletionStage<Option<SelectedSnapshot>> selected(ReplicationTable table) {
    var metadata =
        new SnapshotMetadata(Journal.PERSISTENCE_ID, table.version(), System.currentTimeMillis());
    return CompletableFuture.completedFuture(Option.apply(new SelectedSnapshot(metadata, table)));
  }
}
