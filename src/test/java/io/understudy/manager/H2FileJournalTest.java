package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2FileJournalTest extends JournalSuite {
  @TempDir static Path folder;

  @Override
  JournalSettings startDatabase() {
    return new JournalSettings("jdbc:h2:file:%s/journal".formatted(folder), "sa", "");
  }

  @Override
  void stopDatabase() {}

  @Override
  boolean canTakeAway() {
    return false;
  }
}
