package io.understudy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assertions;

/** Waits for conditions of real processes, which can only be looked at. */
public final class Await {
  /** Far more than anything takes; a test that needs it all has failed. */
  public static final Duration LONG = Duration.ofSeconds(90);

  private static final long LOOK_EVERY_NANOS = Duration.ofMillis(50).toNanos();

  /** What is to hold; an exception says that it does not, as an assertion does. */
  public interface Condition {
    void look() throws Exception;
  }

  private Await() {}

  /** Looks until it holds, and fails with what the last look said. */
  public static void until(Condition condition) {
    within(LONG, condition);
  }

  /** Looks until there is an answer without an exception. */
  public static <T> T until(Callable<T> look) {
    return within(LONG, look);
  }

  /** The same, for what happens sooner or not at all. */
  public static void within(Duration patience, Condition condition) {
    within(
        patience,
        () -> {
          condition.look();
          return true;
        });
  }

  private static <T> T within(Duration patience, Callable<T> look) {
    var end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return look.call();
      } catch (Exception | AssertionError e) {
        if (System.nanoTime() > end) {
          return Assertions.fail("not so after %s".formatted(patience), e);
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
    }
  }

  /** Looks all the while, and fails at the first look at which the assertions do not hold. */
  public static void throughout(Duration time, Runnable assertions) {
    var end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      assertions.run();
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
