package io.understudy.history;

import io.understudy.Await;
import io.understudy.client.ModuleRef;
import io.understudy.client.RequestFailed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Increments a counter at a steady rate, whatever becomes of the answers, and keeps count of them.
 */
final class Load<C> {
  private final ModuleRef<C, Long> module;
  private final C increment;
  private final C read;
  private final long everyNanos;
  private final Thread thread;
  private final BitSet values = new BitSet();
  private final List<String> wrong = new ArrayList<>();
  private long asked;
  private long open;
  private long acknowledged;
  private long unknown;
  private long notDone;
  private long lastAnswer;
  private long longestGap;
  private volatile boolean ending;

  private Load(ModuleRef<C, Long> module, C increment, C read, int perSecond) {
    this.module = module;
    this.increment = increment;
    this.read = read;
    this.everyNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    thread = new Thread(this::run, "load-" + module.module());
  }

  /** Of a {@link Tally} that nobody else increments. */
  static Load<Tally.Command> start(ModuleRef<Tally.Command, Long> module, int perSecond) {
    return start(module, new Tally.Command.Add(), new Tally.Command.Read(), perSecond);
  }

  /**
   * Of a module that nobody else increments.
   *
   * @param increment it answers with the new count
   * @param read it answers with the count
   */
  static <C> Load<C> start(ModuleRef<C, Long> module, C increment, C read, int perSecond) {
    var load = new Load<>(module, increment, read, perSecond);
    load.lastAnswer = System.nanoTime();
    load.thread.start();
    return load;
  }

  private void run() {
    var due = System.nanoTime();
    while (!ending) {
      for (; due <= System.nanoTime(); due += everyNanos) {
        synchronized (this) {
          asked++;
          open++;
        }
        var unused = module.ask(increment).handle(this::answered);
      }
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private synchronized long answered(Long value, Throwable failure) {
    open--;
    if (failure == null) {
      acknowledged++;
      if (values.get(value.intValue())) {
        wrong.add("two increments were answered with " + value);
      }
      values.set(value.intValue());
      var now = System.nanoTime();
      longestGap = Math.max(longestGap, now - lastAnswer);
      lastAnswer = now;
    } else if (cause(failure) instanceof RequestFailed failed) {
      switch (failed.outcome()) {
        case DONE, UNKNOWN -> unknown++;
        case NOT_DONE -> notDone++;
      }
    } else {
      wrong.add(failure.toString());
    }
    notifyAll();
    return acknowledged;
  }

  private static Throwable cause(Throwable failure) {
    return failure.getCause() == null ? failure : failure.getCause();
  }

  /** The longest time between two answers since this was asked last. */
  synchronized Duration longestGap() {
    var gap = Math.max(longestGap, System.nanoTime() - lastAnswer);
    longestGap = 0;
    return Duration.ofNanos(gap);
  }

  ModuleRef<C, Long> module() {
    return module;
  }

  /** Waits for so many more answers. */
  synchronized void awaitMore(long answers) throws InterruptedException {
    var until = acknowledged + answers;
    var end = System.nanoTime() + Await.LONG.toNanos();
    while (acknowledged < until) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no more answers: " + this);
      }
      wait(100);
    }
  }

  /**
   * No more requests; waits for what is open, reads the count, and says what is wrong.
   *
   * @return nothing, when each acknowledged increment was counted once and nothing else was, but
   *     for those of unknown outcome
   */
  List<String> end() throws Exception {
    ending = true;
    thread.join();
    synchronized (this) {
      while (open > 0) {
        wait();
      }
    }
    var count = module.ask(read).toCompletableFuture().get(60, TimeUnit.SECONDS);
    synchronized (this) {
      var said = new ArrayList<>(wrong);
      if (count < acknowledged || count > acknowledged + unknown) {
        said.add("the count is " + count);
      }
      var highest = values.length() - 1;
      if (highest > count) {
        said.add("an increment was answered with %d, the count is %d".formatted(highest, count));
      }
      return said;
    }
  }

  @Override
  public synchronized String toString() {
    return "%s: %d asked, %d acknowledged, %d of unknown outcome, %d not done, %d open"
        .formatted(module.module(), asked, acknowledged, unknown, notDone, open);
  }
}
