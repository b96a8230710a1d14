package io.understudy.manager;

import io.understudy.table.ReplicationTable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;

/**
 * The table as a standby has read it when the manager's node seemed to die, while the
 * SuperWatchDogs were still finding out and the members agreeing: should it come to manage, it
 * reads only what was persisted since.
 *
 * <p>However old it is, it is a beginning of the table's history, since what is in the journal
 * stays; who begins with it replays the rest (I1, I7).
 */
final class Foresight implements Extension {
  /** By then it has come to manage, or the alarm was a false one. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** Who has waited so long for a reading that goes on reads by himself. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Id ID = new Id();

  private final LongSupplier clock;
  private final Duration patience;
  private final AtomicReference<@Nullable Begun> last = new AtomicReference<>();

  private record Begun(CompletableFuture<Optional<ReplicationTable>> table, long at) {}

  private static final class Id extends ExtensionId<Foresight> {
    @Override
    public Foresight createExtension(ActorSystem<?> system) {
      return new Foresight(System::nanoTime, PATIENCE);
    }
  }

  /**
   * Nothing has been read.
   *
   * @param clock monotonic, in nanoseconds
   * @param patience for how long one who takes waits for a reading that goes on
   */
  Foresight(LongSupplier clock, Duration patience) {
    this.clock = clock;
    this.patience = patience;
  }

  /** That of this actor system. */
  static Foresight of(ActorSystem<?> system) {
    return system.registerExtension(ID);
  }

  /**
   * A reading begins; its end is told by completing this, empty if it fails. What nobody takes is
   * forgotten.
   */
  CompletableFuture<Optional<ReplicationTable>> begin() {
    var begun = new Begun(new CompletableFuture<>(), clock.getAsLong());
    last.set(begun);
    CompletableFuture.delayedExecutor(FRESH.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> last.compareAndSet(begun, null));
    return begun.table();
  }

  /**
   * Hands over what was read of late, as soon as that is done, and only once: by the next time the
   * journal may hold a later snapshot. Empty when there is nothing of use.
   */
  CompletableFuture<Optional<ReplicationTable>> take() {
    var begun = last.getAndSet(null);
    if (begun == null || clock.getAsLong() - begun.at() > FRESH.toNanos()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return begun
        .table()
        .copy()
        .completeOnTimeout(Optional.empty(), patience.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failed -> Optional.empty())
        .thenApply(found -> found.filter(table -> table.version() > 0));
  }
}
