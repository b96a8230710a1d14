package io.understudy.manager;

import io.understudy.checkpoint.Database;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.table.TableEvent;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;

/** The journal as a place: it is made ready before the first event, and read as history. */
public final class Journal {
  static final String PERSISTENCE_ID = "ReplicaManager|table";
  private static final String CHECK = "SELECT COUNT(*) FROM event_journal WHERE 1 = 0";

  private final ActorSystem<?> system;

  public Journal(ActorSystem<?> system) {
    this.system = system;
  }

  /**
   * An event as the journal holds it.
   *
   * @param sequence counts from 1 without a gap (I1)
   */
  public record Recorded(long sequence, TableEvent event) {}

  /** The events that follow a sequence number, oldest first; fails when the journal is away. */
  public CompletionStage<List<Recorded>> events(long after, int limit) {
    var reader =
        PersistenceQuery.get(system)
            .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier());
    return reader
        .currentEventsByPersistenceId(PERSISTENCE_ID, after + 1, Long.MAX_VALUE)
        .take(limit)
        .map(e -> new Recorded(e.sequenceNr(), (TableEvent) e.event()))
        .runWith(Sink.seq(), system);
  }

  /**
   * Whether the tables can be read. Blocks.
   *
   * @throws SQLException when they cannot, or the database cannot be reached
   */
  static void check(JournalSettings settings) throws SQLException {
    try (var connection = Database.connect(settings);
        var statement = connection.createStatement()) {
      statement.executeQuery(CHECK).close();
    }
  }

  /**
   * Removes all that stands under ids with this beginning. Blocks.
   *
   * @throws SQLException when the database cannot be reached or refuses
   */
  static void forget(JournalSettings settings, String idsWith) throws SQLException {
    try (var connection = Database.connect(settings)) {
      for (String table : List.of("event_journal", "snapshot")) {
        var sql = "DELETE FROM %s WHERE persistence_id LIKE ?".formatted(table);
        try (var statement = connection.prepareStatement(sql)) {
          statement.setString(1, idsWith + "%");
          statement.executeUpdate();
        }
      }
    }
  }

  /**
   * Creates the tables that are missing, and checks that they can be read. Blocks.
   *
   * @throws SQLException when the database cannot be reached or refuses
   */
  static void prepare(JournalSettings settings) throws SQLException {
    try (var connection = Database.connect(settings)) {
      Database.prepare(connection, settings.dialect(), Journal.class, "journal", CHECK);
    }
  }
}
