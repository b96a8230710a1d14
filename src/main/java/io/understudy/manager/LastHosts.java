package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The hosts that were up when the table was written last, for a node that is in no cluster yet. */
public final class LastHosts {
  private static final Logger LOG = LoggerFactory.getLogger(LastHosts.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final AtomicLong NUMBER = new AtomicLong();

  private LastHosts() {}

  /**
   * Where they are, as host:port; none if there is no table, or the journal cannot be read within
   * 10 s: who cannot read it manages nothing.
   *
   * @param blocking may wait for the database
   */
  public static CompletionStage<List<String>> addresses(
      ActorSystem<?> system, JournalSettings journal, Executor blocking) {
    return CompletableFuture.runAsync(() -> check(journal), blocking)
        .thenCompose(there -> table(system).handle(LastHosts::addresses))
        .exceptionally(away -> List.of());
  }

  private static void check(JournalSettings journal) {
    try {
      Journal.check(journal);
    } catch (SQLException e) {
      throw new CompletionException(e);
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

  private static List<String> addresses(
      @Nullable ReplicationTable table, @Nullable Throwable failure) {
    if (table == null) {
      LOG.warn("the hosts that ran last cannot be read from the journal: {}", "" + failure);
      return List.of();
    }
    return table.hosts().values().stream().filter(HostRow::up).map(HostRow::address).toList();
  }
}
