package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.h2.tools.Server;
import org.junit.jupiter.api.io.TempDir;

/** The Checkpoint Server of FIG. 1: a database server of its own. */
class H2ServerJournalTest extends JournalSuite {
  @TempDir static Path folder;

  private Server server;

  private static Server serve(int port) throws SQLException {
    return Server.createTcpServer(
            "-tcpPort", Integer.toString(port), "-ifNotExists", "-baseDir", folder.toString())
        .start();
  }

  @Override
  JournalSettings startDatabase() throws IOException, SQLException {
    server = serve(0);
    wire = new Wire(server.getPort());
    var url = "jdbc:h2:tcp://127.0.0.1:%d/./journal".formatted(wire.port());
    return new JournalSettings(url, "sa", "");
  }

  @Override
  void stopDatabase() {
    wire.close();
    server.stop();
  }

  @Override
  void takeAway() {
    server.stop();
  }

  @Override
  void giveBack() throws SQLException {
    if (!server.isRunning(false)) {
      server = serve(server.getPort());
    }
  }
}
