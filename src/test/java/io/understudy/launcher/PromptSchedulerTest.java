package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGeneratorFactory;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.actor.SchedulerException;
import org.apache.pekko.actor.SchedulerTask;
import org.apache.pekko.event.NoLogging;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

class PromptSchedulerTest {
  private static final Duration LONG = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofDays(1000);

  private final PromptScheduler scheduler =
      new PromptScheduler(ConfigFactory.empty(), NoLogging.getInstance(), Thread::new);
  private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final ExecutionContext here =
      new ExecutionContext() {
        @Override
        public void execute(Runnable runnable) {
          runnable.run();
        }

        @Override
        public void reportFailure(Throwable cause) {
          failures.add(cause);
        }
      };

  @AfterEach
  void end() {
    scheduler.close();
  }

  private static FiniteDuration scala(Duration duration) {
    return FiniteDuration.create(duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Cancellable once(Duration delay, Runnable runnable) {
    return scheduler.scheduleOnce(scala(delay), runnable, here);
  }

  private String next() throws InterruptedException {
    return String.valueOf(ran.poll(60, TimeUnit.SECONDS));
  }

  @Test
  @DisplayName(
      "whatever the clock says, none is early, short ones are at their time, long ones share")
  void due() {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    for (int i = 0; i < 10_000; i++) {
      var now = random.nextLong();
      var delay = random.nextLong(Duration.ofSeconds(10).toNanos());
      var late = PromptScheduler.due(now, delay) - now - delay;
      if (delay < LONG.toNanos()) {
        assertThat(late).isZero();
      } else {
        var grid = grid(delay);
        assertThat(late).isBetween(0L, grid - 1);
        assertThat(PromptScheduler.due(now, delay) % grid).isZero();
      }
    }
  }

  private static long grid(long delay) {
    var millis = TimeUnit.NANOSECONDS.toMillis(delay);
    return Duration.ofMillis(millis < 400 ? 25 : millis < 1000 ? 50 : 100).toNanos();
  }

  @Test
  void theyRunInTheOrderInWhichTheyAreDueAndNotEarly() throws InterruptedException {
    var began = System.nanoTime();
    once(Duration.ofMillis(120), () -> ran.add("late"));
    once(Duration.ofMillis(5), () -> ran.add("soon"));
    once(Duration.ZERO, () -> ran.add("now"));

    assertThat(next()).isEqualTo("now");
    assertThat(next()).isEqualTo("soon");
    assertThat(next()).isEqualTo("late");
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(120_000_000);
  }

  @Test
  @DisplayName("a run with a fixed delay takes long => no others are made up for it")
  void fixedDelay() throws InterruptedException {
    var interval = Duration.ofMillis(40);
    var runs = new AtomicInteger();
    var often =
        scheduler.scheduleWithFixedDelay(
            scala(interval),
            scala(interval),
            () -> {
              ran.add("run");
              if (runs.incrementAndGet() == 1) {
                var end = System.nanoTime() + interval.multipliedBy(10).toNanos();
                while (System.nanoTime() - end < 0) {
                  LockSupport.parkNanos(end - System.nanoTime());
                }
                once(Duration.ofMillis(20), () -> ran.add("soon"));
              }
            },
            here);
    assertThat(next()).isEqualTo("run");
    assertThat(next()).isEqualTo("soon");
    assertThat(next()).isEqualTo("run");
    assertThat(next()).isEqualTo("run");
    assertThat(often.cancel()).isTrue();
  }

  @Test
  void whatIsCancelledDoesNotRun() throws InterruptedException {
    var cancelled = once(Duration.ofMillis(5), () -> ran.add("cancelled"));
    assertThat(cancelled.isCancelled()).isFalse();
    assertThat(cancelled.cancel()).isTrue();
    assertThat(cancelled.isCancelled()).isTrue();
    assertThat(cancelled.cancel()).isFalse();

    var run = once(Duration.ofMillis(30), () -> ran.add("run"));
    assertThat(next()).isEqualTo("run");
    assertThat(run.cancel()).isFalse();
    assertThat(run.isCancelled()).isFalse();
  }

  @Test
  void whoWantsToKnowThatItWasCancelledIsTold() throws InterruptedException {
    var task =
        new SchedulerTask() {
          @Override
          public void run() {
            ran.add("run");
          }

          @Override
          public void cancelled() {
            ran.add("cancelled");
          }
        };
    once(NEVER, task).cancel();
    assertThat(next()).isEqualTo("cancelled");
  }

  @Test
  void aTimerThatRepeatsEndsWhenItIsCancelled() throws InterruptedException {
    var runs = new AtomicInteger();
    var three = new CountDownLatch(3);
    var often =
        scheduler.scheduleAtFixedRate(
            Duration.ZERO,
            Duration.ofMillis(2),
            () -> {
              runs.incrementAndGet();
              three.countDown();
            },
            here);
    assertThat(three.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(often.cancel()).isTrue();
    assertThat(often.isCancelled()).isTrue();
    // Whatever was due has run when a timer that is due later runs.
    once(Duration.ofMillis(20), () -> ran.add("later"));
    assertThat(next()).isEqualTo("later");
    var atRest = runs.get();
    once(Duration.ofMillis(20), () -> ran.add("later still"));
    assertThat(next()).isEqualTo("later still");
    assertThat(runs).hasValue(atRest);
  }

  @Test
  void aTimerThatRepeatsForSomebodyWhoEndedEndsQuietly() throws InterruptedException {
    scheduler.scheduleAtFixedRate(
        Duration.ofMillis(1),
        Duration.ofMillis(1),
        () -> {
          ran.add("run");
          throw new SchedulerException("timer active for terminated actor");
        },
        here);
    assertThat(next()).isEqualTo("run");
    once(Duration.ofMillis(20), () -> ran.add("later"));
    assertThat(next()).isEqualTo("later");
    assertThat(failures).isEmpty();
  }

  @Test
  void anIntervalOfNothingIsRefused() {
    assertThatThrownBy(
            () -> scheduler.scheduleAtFixedRate(Duration.ZERO, Duration.ZERO, () -> {}, here))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give a positive one");
  }

  @Test
  void aTaskThatFailsIsReportedAndStopsNoOther() throws InterruptedException {
    once(
        Duration.ofMillis(1),
        () -> {
          throw new IllegalArgumentException("on purpose");
        });
    once(Duration.ofMillis(10), () -> ran.add("run"));
    assertThat(next()).isEqualTo("run");
    assertThat(failures).singleElement().isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("at the end runs what ends the dispatchers, nothing else, and nothing more is taken")
  void close() {
    once(NEVER, () -> ran.add("never"));
    once(NEVER, (Scheduler.TaskRunOnClose) () -> ran.add("at the end"));
    once(NEVER, (Scheduler.TaskRunOnClose) () -> ran.add("cancelled")).cancel();
    scheduler.close();

    assertThat(ran).containsExactly("at the end");
    assertThatThrownBy(() -> once(LONG, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasCauseInstanceOf(SchedulerException.class);
    assertThatThrownBy(() -> once(LONG, (Scheduler.TaskRunOnClose) () -> {}))
        .isInstanceOf(IllegalStateException.class);
  }
}
