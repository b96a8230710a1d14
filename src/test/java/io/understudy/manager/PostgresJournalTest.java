package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PostgresJournalTest extends JournalSuite {
  private EmbeddedPostgres postgres;

  @Override
  JournalSettings startDatabase() throws IOException, SQLException {
    postgres = EmbeddedPostgres.start();
    operator("CREATE DATABASE journal");
    wire = new Wire(postgres.getPort());
    var url = "jdbc:postgresql://127.0.0.1:%d/journal".formatted(wire.port());
    return new JournalSettings(url, "postgres", "postgres");
  }

  private void operator(String sql) throws SQLException {
    try (var connection = postgres.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  void stopDatabase() throws IOException {
    wire.close();
    postgres.close();
  }

  @Override
  void takeAway() throws SQLException {
    operator("ALTER DATABASE journal ALLOW_CONNECTIONS false");
    operator("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'journal'");
  }

  @Override
  void giveBack() throws SQLException {
    operator("ALTER DATABASE journal ALLOW_CONNECTIONS true");
  }
}
