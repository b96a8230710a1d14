package io.understudy.management;

import io.understudy.manager.Journal;
import io.understudy.model.ModuleId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The ReplicaManager's journal as a source of events. */
public record JournalEvents(Journal journal) implements EventsSource {
  private static final int PAGE = 2_000;

  @Override
  public CompletionStage<List<Recorded>> events(long after, Optional<ModuleId> module, int limit) {
    return module
        .map(name -> paging(after, name, limit, List.of()))
        .orElseGet(() -> page(after, limit));
  }

  private CompletionStage<List<Recorded>> page(long after, int limit) {
    return journal
        .events(after, limit)
        .thenApply(
            events -> events.stream().map(e -> new Recorded(e.sequence(), e.event())).toList());
  }

  /** The journal knows no modules, so all events are read and those of others left out. */
  private CompletionStage<List<Recorded>> paging(
      long after, ModuleId module, int limit, List<Recorded> found) {
    return page(after, PAGE)
        .thenCompose(
            events -> {
              var all = new ArrayList<>(found);
              events.stream()
                  .filter(e -> e.event().module().filter(module::equals).isPresent())
                  .limit(Math.max(0, limit - found.size()))
                  .forEach(all::add);
              return events.size() < PAGE || all.size() >= limit
                  ? CompletableFuture.completedFuture(List.copyOf(all))
                  : paging(events.getLast().sequence(), module, limit, all);
            });
  }
}
