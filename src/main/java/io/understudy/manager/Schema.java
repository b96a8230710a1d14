package io.understudy.manager;

import io.understudy.checkpoint.JournalSettings;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** What a node knows of the journal's tables, so that a take-over need not see to them again. */
final class Schema {
  private final JournalSettings journal;
  private volatile boolean ready;

  Schema(JournalSettings journal) {
    this.journal = journal;
  }

  /** Whether the tables were there when this node looked last. */
  boolean isReady() {
    return ready;
  }

  /** The journal failed: look again before the next try. */
  void doubt() {
    ready = false;
  }

  /**
   * Creates the tables unless they are known to be there, and reads from them in any case; fails
   * when the journal is away.
   *
   * @param blocking may wait for the database
   */
  CompletionStage<Void> see(Executor blocking) {
    return CompletableFuture.runAsync(this::seeNow, blocking);
  }

  private void seeNow() {
    try {
      if (ready) {
        Journal.check(journal);
      } else {
        Journal.prepare(journal);
      }
      ready = true;
    } catch (SQLException e) {
      ready = false;
      throw new CompletionException(e);
    }
  }
}
