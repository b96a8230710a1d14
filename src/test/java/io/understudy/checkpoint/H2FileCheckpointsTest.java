package io.understudy.checkpoint;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2FileCheckpointsTest extends CheckpointsSuite {
  @TempDir static Path folder;

  @Override
  JournalSettings startDatabase() {
    return new JournalSettings("jdbc:h2:file:%s/journal".formatted(folder), "sa", "");
  }

  @Override
  void stopDatabase() {}
}
