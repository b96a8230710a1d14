package io.understudy.client;

import io.understudy.model.ModuleId;
import io.understudy.state.Bytes;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who has asked and was not heard of yet by the courier, which may end before: then all of them are
 * told. Shared by the askers and the courier, so it is concurrent.
 */
@SuppressWarnings("UndefinedEquals") // each reply is equal to itself alone, which is what is meant
final class Unheard {
  private final ModuleId module;
  private final Set<CompletableFuture<Bytes>> asked = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  Unheard(ModuleId module) {
    this.module = module;
  }

  /** Asks by this, which tells the courier. */
  void ask(CompletableFuture<Bytes> reply, Runnable tell) {
    asked.add(reply);
    tell.run();
    if (ended) { // maybe before it was added
      fail(reply);
    }
  }

  /** The courier answers this one. */
  void heard(CompletableFuture<Bytes> reply) {
    asked.remove(reply);
  }

  /** The courier hears of nobody any more. */
  void end() {
    ended = true;
    asked.forEach(this::fail);
  }

  private void fail(CompletableFuture<Bytes> reply) {
    asked.remove(reply);
    reply.completeExceptionally(Courier.ended(module));
  }
}
