package io.understudy.checkpoint;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.state.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The Checkpoint Server's tables, statement by statement. All of it blocks. */
final class Store implements AutoCloseable {
  /**
   * As much as a row should hold, in bytes. H2's client sends a statement that fits its buffer of
   * 64 KiB in one piece; of a larger one the last piece waits until the server has acknowledged the
   * first, which it puts off for 40 ms.
   */
  static final int ROW_BYTES = 60 * 1024;

  private static final long CONNECT_MILLIS = 2000;
  private static final int MOST_CONNECTIONS = 2;
  private static final String UNIQUE_VIOLATION = "23505";

  private final JournalSettings journal;
  private final Statements statements;
  private final HikariDataSource connections;
  private volatile boolean ready;

  /**
   * What a module has.
   *
   * @param epoch below which writers are refused
   * @param snapshots the newest one first
   */
  record Module(Epoch epoch, List<Long> snapshots) {}

  /** A snapshot, and its length in bytes. */
  record Snapshot(long id, Position at, long bytes) {}

  /** Reads a row. */
  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  Store(JournalSettings journal) {
    this.journal = journal;
    this.statements = Statements.of(journal.dialect());
    this.connections = pool(journal);
  }

  /** Opened at its first use. */
  private static HikariDataSource pool(JournalSettings journal) {
    var pool = new HikariDataSource();
    pool.setPoolName("checkpoints");
    pool.setJdbcUrl(journal.url());
    pool.setUsername(journal.user());
    pool.setPassword(journal.password());
    pool.setMaximumPoolSize(MOST_CONNECTIONS);
    pool.setMinimumIdle(0);
    pool.setConnectionTimeout(CONNECT_MILLIS);
    pool.setValidationTimeout(CONNECT_MILLIS / 2);
    pool.setInitializationFailTimeout(-1);
    return pool;
  }

  @Override
  public void close() {
    connections.close();
  }

  /** The database failed: the next statement gets a new connection, and looks for the tables. */
  void doubt() {
    ready = false;
    Optional.ofNullable(connections.getHikariPoolMXBean())
        .ifPresent(HikariPoolMXBean::softEvictConnections);
  }

  private Connection open() throws SQLException {
    var connection = connections.getConnection();
    if (!ready) {
      try {
        prepare(connection);
        ready = true;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }
    return connection;
  }

  private void prepare(Connection connection) throws SQLException {
    try {
      create(connection);
    } catch (SQLException first) { // somebody else may have been creating them
      create(connection);
    }
  }

  private void create(Connection connection) throws SQLException {
    Database.prepare(connection, journal.dialect(), Store.class, "checkpoint", Statements.CHECK);
  }

  /** Refuses lower epochs from now on; false when it is one itself. */
  boolean raise(ModuleId module, Epoch epoch) throws SQLException {
    return change(Statements.RAISE, epoch.value(), module.value(), epoch.value()) == 1;
  }

  /** False when somebody else was first. */
  boolean create(ModuleId module, Epoch epoch) throws SQLException {
    try {
      return change(Statements.CREATE, module.value(), epoch.value()) == 1;
    } catch (SQLException e) {
      if (e instanceof SQLIntegrityConstraintViolationException
          || UNIQUE_VIOLATION.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  Optional<Module> module(ModuleId module) throws SQLException {
    return read(
            Statements.MODULE,
            row ->
                new Module(
                    new Epoch(row.getLong(1)),
                    List.of(row.getLong(2), row.getLong(3)).stream().filter(id -> id > 0).toList()),
            module.value())
        .stream()
        .findFirst();
  }

  /** The id of a snapshot that nobody sees yet; empty when the epoch is not the module's. */
  Optional<Long> begin(ModuleId module, Epoch writer, Position at, long bytes) throws SQLException {
    try (var connection = open();
        var statement = connection.prepareStatement(Statements.BEGIN, new String[] {"id"})) {
      bind(statement, at.epoch().value(), at.sequence(), bytes, module.value(), writer.value());
      if (statement.executeUpdate() == 0) {
        return Optional.empty();
      }
      try (var keys = statement.getGeneratedKeys()) {
        return keys.next() ? Optional.of(keys.getLong(1)) : Optional.empty();
      }
    }
  }

  /** False when the epoch is no longer the module's. */
  boolean chunk(long snapshot, Epoch writer, int number, byte[] packed) throws SQLException {
    return change(statements.chunk(), number, packed, snapshot, writer.value()) == 1;
  }

  /** False when the epoch is no longer the module's. */
  boolean publish(ModuleId module, Epoch writer, long snapshot) throws SQLException {
    return change(Statements.PUBLISH, snapshot, module.value(), writer.value(), snapshot, snapshot)
        == 1;
  }

  Optional<Snapshot> snapshot(ModuleId module, long id) throws SQLException {
    return read(
            Statements.SNAPSHOT,
            row ->
                new Snapshot(
                    id, new Position(new Epoch(row.getLong(1)), row.getLong(2)), row.getLong(3)),
            id,
            module.value())
        .stream()
        .findFirst();
  }

  Optional<byte[]> chunk(long snapshot, int number) throws SQLException {
    return read(Statements.READ_CHUNK, row -> row.getBytes(1), snapshot, number).stream()
        .findFirst();
  }

  /** False when the epoch is not the module's, or there would be a gap before the first update. */
  boolean append(ModuleId module, Epoch writer, Batch batch) throws SQLException {
    var before = batch.first() - 1;
    return change(
            statements.append(),
            batch.epoch().value(),
            batch.first(),
            batch.last(),
            batch.toBytes(),
            module.value(),
            writer.value(),
            before,
            before,
            before)
        == 1;
  }

  List<Tail.Piece> rows(ModuleId module) throws SQLException {
    return read(
        Statements.ROWS,
        row ->
            new Tail.Piece(
                row.getLong(1), new Epoch(row.getLong(3)), row.getLong(4), row.getLong(5)),
        module.value());
  }

  /** What the rows of these pieces hold, by their ids. */
  Map<Long, byte[]> payloads(ModuleId module, List<Tail.Piece> pieces) throws SQLException {
    var ids = pieces.stream().mapToLong(Tail.Piece::row).summaryStatistics();
    return read(
            Statements.READ_ROWS,
            row -> Map.entry(row.getLong(1), row.getBytes(2)),
            module.value(),
            ids.getMin(),
            ids.getMax())
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /**
   * Removes what earlier attempts have left, so that a large state that does not get there fills
   * the database once, not at each attempt; nothing when the epoch is not the module's.
   */
  void dropUnfinished(ModuleId module, Epoch writer) throws SQLException {
    var unfinished = Statements.UNFINISHED_SNAPSHOTS;
    for (var id : read(unfinished, row -> row.getLong(1), module.value(), writer.value())) {
      drop(id);
    }
  }

  /** Removes what no restoration needs any more. */
  void prune(ModuleId module) throws SQLException {
    for (var id : read(Statements.OLD_SNAPSHOTS, row -> row.getLong(1), module.value())) {
      drop(id);
    }
    change(Statements.DROP_ROWS, module.value(), module.value());
  }

  /** Removes what was written up to this epoch, and refuses its writers from now on. */
  void forget(ModuleId module, Epoch last) throws SQLException {
    var next = last.next();
    var retired = change(Statements.RETIRE, next.value(), module.value(), last.value()) == 1;
    if (!retired && module(module).isEmpty()) {
      create(module, next);
    }
    var gone = Statements.GONE_SNAPSHOTS;
    for (var id : read(gone, row -> row.getLong(1), module.value(), last.value())) {
      drop(id);
    }
    change(Statements.DROP_GONE_ROWS, module.value(), last.value());
  }

  private void drop(long snapshot) throws SQLException {
    change(Statements.DROP_CHUNKS, snapshot);
    change(Statements.DROP_SNAPSHOT, snapshot);
  }

  private int change(String sql, Object... values) throws SQLException {
    try (var connection = open();
        var statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private <T> List<T> read(String sql, Reader<T> reader, Object... values) throws SQLException {
    try (var connection = open();
        var statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      var all = new ArrayList<T>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          all.add(reader.read(rows));
        }
      }
      return all;
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (var i = 0; i < values.length; i++) {
      switch (values[i]) {
        case String text -> statement.setString(i + 1, text);
        case Long number -> statement.setLong(i + 1, number);
        case Integer number -> statement.setInt(i + 1, number);
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        default -> throw new IllegalArgumentException("no parameter: " + values[i]);
      }
    }
  }
}
