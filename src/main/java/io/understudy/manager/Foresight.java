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
  private final AtomicReference<@Nullable Reading> last = new AtomicReference<>();

  private record Reading(CompletableFuture<Optional<ReplicationTable>> table, long begunAt) {}

  private static final class Id extends ExtensionId<Foresight> {
    @Override
    public Foresight createExtension(ActorSystem<?> system) {
      return new Foresight(System::nanoTime);
    }
  }

  /** With a monotonic clock, in nanoseconds. */
  Foresight(LongSupplier clock) {
    this.clock = clock;
  }

  /** That of this actor system. */
  static Foresight of(ActorSystem<?> system) {
    return system.registerExtension(ID);
  }

  /** A reading begins; its end is told by completing this, empty if it fails. */
  CompletableFuture<Optional<ReplicationTable>> begin() {
    var table = new CompletableFuture<Optional<ReplicationTable>>();
    last.set(new Reading(table, clock.getAsLong()));
    return table;
  }

  /**
   * Hands over what was read of late, as soon as that is done, and only once: by the next time the
   * journal may hold a later snapshot. Empty when there is nothing of use.
   */
  CompletableFuture<Optional<ReplicationTable>> take() {
    var reading = last.getAndSet(null);
    if (reading == null || clock.getAsLong() - reading.begunAt() > FRESH.toNanos()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return reading
        .table()
        .copy()
        .completeOnTimeout(Optional.empty(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failed -> Optional.empty())
        .thenApply(found -> found.filter(table -> table.version() > 0));
  }
}
