package io.understudy.manager;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The system's clock, which can be stopped, and can hang whoever reads it. */
final class TestClock extends Clock {
  /** How a thread that hangs takes an interrupt. */
  enum Interrupt {
    THROWS,
    IGNORED
  }

  private final Semaphore hung = new Semaphore(0);
  private final Semaphore interrupted = new Semaphore(0);
  private final AtomicReference<Duration> pending = new AtomicReference<>(Duration.ZERO);
  private volatile boolean hangs;
  private volatile Interrupt interrupt = Interrupt.THROWS;
  private volatile Instant stoppedAt = Instant.MAX;

  void stop() {
    stoppedAt = Instant.now();
  }

  void advance(Duration by) {
    stoppedAt = stoppedAt.plus(by);
  }

  /** So much passes when it has been read once more. */
  void advanceAfterReading(Duration by) {
    pending.set(by);
  }

  /** Whoever reads the clock from now on hangs. */
  void hang(Interrupt how) {
    interrupt = how;
    hangs = true;
  }

  void release() {
    synchronized (this) {
      hangs = false;
      notifyAll();
    }
  }

  /** Waits until somebody hangs. */
  void awaitHung() throws InterruptedException {
    if (!hung.tryAcquire(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("nobody read the clock");
    }
  }

  boolean wasInterrupted() {
    return interrupted.availablePermits() > 0;
  }

  @Override
  public Instant instant() {
    if (hangs) {
      hung.release();
      await();
    }
    if (stoppedAt.equals(Instant.MAX)) {
      return Instant.now();
    }
    var now = stoppedAt;
    advance(pending.getAndSet(Duration.ZERO));
    return now;
  }

  private synchronized void await() {
    while (hangs) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted.release();
        if (interrupt == Interrupt.THROWS) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while it hung", e);
        }
      }
    }
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("times of events are in UTC, nobody asks for others");
  }
}
