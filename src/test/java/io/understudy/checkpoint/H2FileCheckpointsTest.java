package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.checkpoint.Outcome.Unavailable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2FileCheckpointsTest extends CheckpointsSuite {
  @TempDir static Path folder;

  @Override
  JournalSettings startDatabase() {
    return new JournalSettings("jdbc:h2:file:%s/journal".formatted(folder), "sa", "");
  }

  @Override
  void stopDatabase() {}

  @Test
  @DisplayName("the snapshot's file is not there => the database's connection is not to blame")
  void noFile() throws Exception {
    done(checkpoints.claim(A, epoch(1)));
    var connected = sessions();
    var save = checkpoints.save(A, epoch(1), at(1, 3), files.resolve("none"), stored -> {});
    assertThat(get(save)).isInstanceOf(Unavailable.class);
    done(checkpoints.claim(A, epoch(1)));
    assertThat(sessions()).hasSize(1).isEqualTo(connected);
  }

  /** All but the one that asks; an id alone may be another one's by now. */
  private List<String> sessions() throws SQLException {
    try (var connection = Database.connect(journal);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT session_id || ' of ' || session_start FROM information_schema.sessions"
                    + " WHERE session_id <> SESSION_ID()")) {
      var ids = new ArrayList<String>();
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
      return ids;
    }
  }
}
