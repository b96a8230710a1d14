package io.understudy.management;

import io.understudy.model.ModuleId;
import io.understudy.table.TableEvent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Reads the journal of the table. */
@FunctionalInterface
public interface EventsSource {
  /**
   * The first events after this sequence number, in order.
   *
   * @param module only of this one, if given
   * @param limit the most to return
   */
  CompletionStage<List<Recorded>> events(long after, Optional<ModuleId> module, int limit);

  /**
   * An event as it stands in the journal.
   *
   * @param sequence equals the version of the table that it made
   */
  record Recorded(long sequence, TableEvent event) {}
}
