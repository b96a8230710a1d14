package io.understudy.launcher;

import com.typesafe.config.Config;
import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.AbstractScheduler;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.actor.SchedulerException;
import org.apache.pekko.actor.SchedulerTask;
import org.apache.pekko.event.LoggingAdapter;
import org.jspecify.annotations.Nullable;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/**
 * The timers of a node: short ones at their time, and a thread that sleeps until one is due.
 *
 * <p>Pekko's own scheduler looks every tick whether something is due: a short tick costs a node at
 * rest more than all it does, and a long one makes the steps of a recovery late that wait for a
 * timer. Here a short timer wakes the thread for itself, and long ones share moments. None is
 * early. Named in understudy-cluster.conf.
 */
public final class PromptScheduler extends AbstractScheduler implements Closeable {
  /** A longer timer has time. */
  private static final long LONG = Duration.ofMillis(50).toNanos();

  /** From one moment that long timers share to the next. */
  private static final long GRID = Duration.ofMillis(25).toNanos();

  /** The longer they are the fewer moments they share, each of which is one of the others too. */
  private static final long LONGER = Duration.ofMillis(400).toNanos();

  private static final long VERY_LONG = Duration.ofSeconds(1).toNanos();

  /** Half of what fits; more would overflow. */
  private static final long LONGEST = Long.MAX_VALUE / 2;

  private static final double MOST_HERTZ = 1000;

  private final ScheduledThreadPoolExecutor timer;
  private final Set<Once> whenClosed = ConcurrentHashMap.newKeySet();

  /** Called by Pekko. */
  public PromptScheduler(Config config, LoggingAdapter log, ThreadFactory threads) {
    timer = new ScheduledThreadPoolExecutor(1, threads);
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * When a timer is due, in nanoseconds.
   *
   * @param now a reading of {@link System#nanoTime}, which may be negative
   * @return a later one, or now
   */
  static long due(long now, long delay) {
    var exact = now + delay;
    if (delay < LONG) {
      return exact;
    }
    var grid = delay < LONGER ? GRID : delay < VERY_LONG ? 2 * GRID : 4 * GRID;
    return exact + Math.floorMod(-exact, grid);
  }

  @Override
  public Cancellable scheduleOnce(
      FiniteDuration delay, Runnable runnable, ExecutionContext executor) {
    var once = new Once(runnable, executor);
    start(once, delay.toNanos());
    return once;
  }

  /** One run ends before the next begins; late ones are made up for. */
  @Override
  @SuppressWarnings("deprecation") // to call, not to provide
  public Cancellable schedule(
      FiniteDuration initialDelay,
      FiniteDuration interval,
      Runnable runnable,
      ExecutionContext executor) {
    var often = new Often(runnable, positive(interval), true, executor);
    often.next(initialDelay.toNanos());
    return often;
  }

  /**
   * One run ends before the next begins. A run that was hardly late does not put off the next,
   * which would otherwise always miss the moment that it shares with others, and wait for another.
   */
  @Override
  public Cancellable scheduleWithFixedDelay(
      FiniteDuration initialDelay,
      FiniteDuration delay,
      Runnable runnable,
      ExecutionContext executor) {
    var often = new Often(runnable, positive(delay), false, executor);
    often.next(initialDelay.toNanos());
    return often;
  }

  private static long positive(FiniteDuration interval) {
    if (interval.toNanos() <= 0) {
      throw new IllegalArgumentException("interval %s: give a positive one".formatted(interval));
    }
    return interval.toNanos();
  }

  @Override
  public double maxFrequency() {
    return MOST_HERTZ;
  }

  /** What is to run at the end runs now, and nothing else does. */
  @Override
  public void close() {
    timer.shutdown();
    whenClosed.forEach(Once::fireHere);
  }

  private void start(Once once, long delay) {
    if (timer.isShutdown()) {
      throw closed();
    }
    if (delay <= 0) {
      once.fire();
      return;
    }
    if (once.runnable instanceof Scheduler.TaskRunOnClose) {
      whenClosed.add(once);
    }
    var now = System.nanoTime();
    var waits = due(now, Math.min(delay, LONGEST)) - now;
    try {
      once.waits = timer.schedule(once::fire, waits, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      whenClosed.remove(once);
      throw closed();
    }
  }

  /** As Pekko's users of a scheduler expect to be told. */
  private static IllegalStateException closed() {
    var told = "cannot enqueue after timer shutdown";
    return new IllegalStateException(told, new SchedulerException(told));
  }

  /** A timer that ends once: it runs, or it is cancelled. */
  private final class Once implements Cancellable {
    private final Runnable runnable;
    private final ExecutionContext executor;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean cancelled;
    private volatile @Nullable Future<?> waits;

    private Once(Runnable runnable, ExecutionContext executor) {
      this.runnable = runnable;
      this.executor = executor;
    }

    private void fire() {
      if (over.compareAndSet(false, true)) {
        whenClosed.remove(this);
        execute(runnable);
      }
    }

    /** For the end, when nobody else may be there any more to run it. */
    private void fireHere() {
      if (over.compareAndSet(false, true)) {
        try {
          runnable.run();
        } catch (RuntimeException e) {
          executor.reportFailure(e);
        }
      }
    }

    @Override
    public boolean cancel() {
      if (!over.compareAndSet(false, true)) {
        return false;
      }
      cancelled = true;
      whenClosed.remove(this);
      var future = waits;
      if (future != null) {
        future.cancel(false);
      }
      if (runnable instanceof SchedulerTask task) {
        execute(task::cancelled);
      }
      return true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    private void execute(Runnable task) {
      try {
        executor.execute(task);
      } catch (RuntimeException e) {
        executor.reportFailure(e);
      }
    }
  }

  /** A timer that runs until it is cancelled. */
  private final class Often implements Cancellable {
    private final Runnable runnable;
    private final long interval;
    private final boolean madeUp;
    private final ExecutionContext executor;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private volatile @Nullable Once once;
    private long dueAt;

    private Often(Runnable runnable, long interval, boolean madeUp, ExecutionContext executor) {
      this.runnable = runnable;
      this.interval = interval;
      this.madeUp = madeUp;
      this.executor = executor;
    }

    private void next(long delay) {
      dueAt = System.nanoTime() + delay;
      again(delay);
    }

    private void again(long delay) {
      var next = new Once(this::run, executor);
      once = next;
      start(next, delay);
      if (cancelled.get()) {
        next.cancel();
      }
    }

    private void run() {
      try {
        runnable.run();
        if (!cancelled.get()) {
          var now = System.nanoTime();
          dueAt = madeUp || now - dueAt < 5 * GRID ? dueAt + interval : now + interval;
          again(Math.max(1, dueAt - now));
        }
      } catch (SchedulerException e) {
        cancelled.set(true); // whom it is for has ended
      } catch (IllegalStateException e) {
        if (!timer.isShutdown()) {
          throw e;
        }
      }
    }

    @Override
    public boolean cancel() {
      var first = cancelled.compareAndSet(false, true);
      var waiting = once;
      if (waiting != null) {
        waiting.cancel();
      }
      return first;
    }

    @Override
    public boolean isCancelled() {
      return cancelled.get();
    }
  }
}
