package io.understudy.manager;

import static java.util.stream.Collectors.toSet;

import io.understudy.checkpoint.JournalSettings;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where hosts ran when the table was written last, for a node that is in no cluster yet.
 *
 * @param up those that were up, as host:port
 * @param known those, and hosts that were not
 */
public record LastHosts(List<String> up, Set<String> known) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final AtomicLong NUMBER = new AtomicLong();

  /** What the standard calls an access to what is not there, and the like. */
  private static final String NO_TABLE = "42";

  /** Of a journal that is still empty. */
  public static final LastHosts NONE = new LastHosts(List.of(), Set.of());

  /** Fails when the journal cannot be read within 10 s. Blocks. */
  public static LastHosts read(ActorSystem<?> system, JournalSettings journal) throws IOException {
    try {
      Journal.check(journal);
      return of(table(system).join());
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith(NO_TABLE)) {
        return NONE;
      }
      throw new IOException("%s: %s".formatted(journal.shown(), Threads.rootReason(e)), e);
    } catch (CompletionException e) {
      throw new IOException("%s: %s".formatted(journal.shown(), Threads.rootReason(e)), e);
    }
  }

  private static CompletableFuture<ReplicationTable> table(ActorSystem<?> system) {
    var table = new CompletableFuture<ReplicationTable>();
    var unused =
        system.systemActorOf(
            reading(table), "understudy-last-hosts-" + NUMBER.incrementAndGet(), Props.empty());
    return table.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** It may fail with its journal. */
  private static Behavior<Object> reading(CompletableFuture<ReplicationTable> to) {
    return Behaviors.setup(
        context -> {
          context.watch(
              context.spawn(Reading.create(Journal.PERSISTENCE_ID, to::complete), "reading"));
          return Behaviors.receive(Object.class)
              .onSignal(
                  Terminated.class,
                  end -> {
                    to.completeExceptionally(new IllegalStateException("its reading ended"));
                    return Behaviors.stopped();
                  })
              .build();
        });
  }

  private static LastHosts of(ReplicationTable table) {
    var all = table.hosts().values();
    return new LastHosts(
        all.stream().filter(HostRow::up).map(HostRow::address).toList(),
        all.stream().map(HostRow::address).collect(toSet()));
  }
}
