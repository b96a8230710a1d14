package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.nio.file.Path;
import java.sql.SQLException;
import org.h2.tools.Server;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Checkpoint Server of FIG. 1: a database server of its own. */
class H2ServerCheckpointsTest extends CheckpointsSuite {
  @TempDir static Path folder;

  private Server server;

  private static Server serve(int port) throws SQLException {
    return Server.createTcpServer(
            "-tcpPort", Integer.toString(port), "-ifNotExists", "-baseDir", folder.toString())
        .start();
  }

  @Override
  JournalSettings startDatabase() throws SQLException {
    server = serve(0);
    return new JournalSettings(
        "jdbc:h2:tcp://127.0.0.1:%d/./journal".formatted(server.getPort()), "sa", "");
  }

  @Override
  void stopDatabase() {
    server.stop();
  }

  @Test
  @DisplayName("[25] the database is away => unavailable, with its address; it is back => goes on")
  void survivesTheLossOfTheDatabase() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    server.stop();
    assertThat(get(checkpoints.append(A, epoch(1), updates(1, 1, 1))))
        .isInstanceOfSatisfying(
            Outcome.Unavailable.class, away -> assertThat(away.reason()).contains(journal.shown()));
    server = serve(server.getPort());
    Await.until(() -> done(checkpoints.append(A, epoch(1), updates(1, 1, 1))));
    assertThat(load(1).tail()).isEqualTo(updates(1, 1, 1));
  }
}
