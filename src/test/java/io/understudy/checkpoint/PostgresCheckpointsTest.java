package io.understudy.checkpoint;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PostgresCheckpointsTest extends CheckpointsSuite {
  private EmbeddedPostgres postgres;

  @Override
  JournalSettings startDatabase() throws IOException {
    postgres = EmbeddedPostgres.start();
    return new JournalSettings(
        "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(postgres.getPort()),
        "postgres",
        "postgres");
  }

  @Override
  void stopDatabase() throws IOException {
    postgres.close();
  }
}
