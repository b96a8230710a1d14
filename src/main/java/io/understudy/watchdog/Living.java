package io.understudy.watchdog;

import io.understudy.model.Incarnation;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The processes of a host that are not known to be dead. It outlives a WatchDog that fails, so that
 * the next one begins with an empty host (I9).
 */
final class Living {
  private final Map<Object, CompletableFuture<Void>> deaths = new ConcurrentHashMap<>();
  private final AtomicLong lives = new AtomicLong();
  private final Ties ties;

  Living(Ties ties) {
    this.ties = ties;
  }

  /** The name of a new life of the WatchDog on this node. */
  String nextIncarnation(String node) {
    return Incarnation.of(node, lives.incrementAndGet());
  }

  /** A process is about to be started; complete the answer when it is dead. */
  CompletableFuture<Void> add() {
    var death = new CompletableFuture<Void>();
    var key = new Object();
    deaths.put(key, death);
    var unused = death.whenComplete((done, failure) -> deaths.remove(key));
    return death;
  }

  /** Which process it is whose death that is. */
  void is(ProcessId id, CompletionStage<Void> death) {
    ties.tie(id);
    var unused = death.whenComplete((done, failure) -> ties.untie(id));
  }

  CompletionStage<Void> allDead() {
    return CompletableFuture.allOf(deaths.values().toArray(CompletableFuture[]::new));
  }
}
