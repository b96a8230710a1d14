package io.understudy.bench;

import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.TableSerializer;
import io.understudy.table.TableEvent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The journal as the Checkpoint Server has it: when something was decided, and what a write costs.
 */
final class JournalView implements AutoCloseable {
  private static final String SELECT =
      """
      SELECT "event_payload", "event_ser_manifest" FROM "event_journal"
      WHERE "persistence_id" = 'ReplicaManager|table' AND "sequence_number" > ?
      ORDER BY "sequence_number"
      """;
  private static final String INSERT =
      """
      INSERT INTO "event_journal" ("persistence_id", "sequence_number", "writer",
        "write_timestamp", "adapter_manifest", "event_payload", "event_ser_id",
        "event_ser_manifest")
      VALUES ('bench', ?, 'c0a8b0b2-5c3a-4f7b-9a60-9d5b7f6f7f0a', 0, '', ?, 0, 'CopyPromoted/1')
      """;
  private static final int PAYLOAD = 140;

  private final Connection connection;
  private final TableSerializer serializer = new TableSerializer();

  private JournalView(Connection connection) {
    this.connection = connection;
  }

  static JournalView of(JournalSettings settings) throws SQLException {
    return new JournalView(
        DriverManager.getConnection(settings.url(), settings.user(), settings.password()));
  }

  /** When the first event of this kind after a version of the table was decided. */
  Optional<Instant> first(long version, Class<? extends TableEvent> kind) {
    return after(version).stream().filter(kind::isInstance).findFirst().map(TableEvent::at);
  }

  /** When the last event of this kind after a version of the table was decided. */
  Optional<Instant> last(long version, Class<? extends TableEvent> kind) {
    return after(version).stream()
        .filter(kind::isInstance)
        .map(TableEvent::at)
        .max(Instant::compareTo);
  }

  private List<TableEvent> after(long version) {
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setLong(1, version);
      var events = new ArrayList<TableEvent>();
      try (var rows = select.executeQuery()) {
        while (rows.next()) {
          events.add((TableEvent) serializer.fromBinary(rows.getBytes(1), rows.getString(2)));
        }
      }
      return events;
    } catch (SQLException e) {
      throw new BenchException("the journal cannot be read: " + e.getMessage(), e);
    }
  }

  /** Nanoseconds to write and commit so many events at once, for each of so many times. */
  List<Long> commits(int events, int times) throws SQLException {
    connection.setAutoCommit(false);
    var nanos = new ArrayList<Long>();
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (int i = 0; i < times; i++) {
        var start = System.nanoTime();
        for (int j = 0; j < events; j++) {
          insert.setLong(1, (long) i * events + j);
          insert.setBytes(2, new byte[PAYLOAD]);
          insert.addBatch();
        }
        insert.executeBatch();
        connection.commit();
        nanos.add(System.nanoTime() - start);
      }
    } finally {
      connection.setAutoCommit(true);
    }
    return nanos;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
