package io.understudy.history;

import io.understudy.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts with a program that serves at the same port of each of its hosts, one request after the
 * other, and each until it is answered; keeps the books of repeats. Nobody else counts its key.
 */
final class ProgramClient {
  private static final long PAUSE_NANOS = 10_000_000;

  private final Primaries primaries;
  private final int port;
  private final String key;
  private final long everyNanos;
  private final Thread thread;
  private final List<String> wrong = new ArrayList<>();
  private long counted;
  private int repeatsSince;
  private long repeated;
  private long longest;
  private long longestSince;
  private final Map<String, Integer> reasons = new TreeMap<>();
  private volatile boolean ending;

  private ProgramClient(Primaries primaries, int port, String key, Duration every) {
    this.primaries = primaries;
    this.port = port;
    this.key = key;
    this.everyNanos = every.toNanos();
    thread = new Thread(this::run, primaries.module() + "-" + key);
  }

  /** One that asks as often as this, or as often as it is answered if that is less. */
  static ProgramClient start(Primaries primaries, int port, String key, Duration every) {
    var client = new ProgramClient(primaries, port, key, every);
    client.thread.start();
    return client;
  }

  String module() {
    return primaries.module();
  }

  private void run() {
    for (long number = 1; !ending; number++) {
      var begun = System.nanoTime();
      int repeats = -1;
      var answer = Optional.<Long>empty();
      while (answer.isEmpty()) {
        repeats++;
        if (repeats > 1) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        answer = ask("POST", number, repeats);
      }
      answered(number, answer.get(), repeats, System.nanoTime() - begun);
      LockSupport.parkNanos(begun + everyNanos - System.nanoTime());
    }
  }

  private synchronized void answered(long number, long count, int repeats, long nanos) {
    if (count != number) {
      wrong.add("request %d was answered with %d".formatted(number, count));
    }
    counted++;
    repeated += repeats > 0 ? 1 : 0;
    repeatsSince += repeats;
    longest = Math.max(longest, nanos);
    longestSince = Math.max(longestSince, nanos);
  }

  /** Primaries in turn, until they fail. */
  private Optional<Long> ask(String method, long number, int repeats) {
    var serving = primaries.now();
    if (serving.isEmpty()) {
      return Optional.empty();
    }
    var host = serving.get((int) ((number + repeats) % serving.size()));
    var at = "%s:%d".formatted(primaries.address(host), port);
    try {
      return Optional.of(new CountRequest(method, at, key, module() + "-" + key, number).send());
    } catch (CountRequest.Refused e) {
      refused(host, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      refused(host, e.getClass().getSimpleName()); // it is dead, or not yet alive
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return Optional.empty();
  }

  private synchronized void refused(String host, String why) {
    primaries.without(host);
    reasons.merge(why, 1, Integer::sum);
  }

  synchronized long counted() {
    return counted;
  }

  /** How many repeats there were since this was asked last. */
  synchronized int repeats() {
    var repeats = repeatsSince;
    repeatsSince = 0;
    return repeats;
  }

  /** The longest time that a request took until its answer, since this was asked last. */
  synchronized Duration longestWait() {
    var wait = Duration.ofNanos(longestSince);
    longestSince = 0;
    return wait;
  }

  /**
   * No more requests; reads the count, and says what is wrong. Each answer was the number of its
   * request, and the count is that of the last, or it is said.
   */
  List<String> end() throws InterruptedException {
    ending = true;
    thread.join();
    var count = Await.until(() -> ask("GET", counted(), 0).orElseThrow());
    var said = new ArrayList<>(wrong);
    if (count != counted()) {
      said.add("the count is %d, %d were answered".formatted(count, counted()));
    }
    return said;
  }

  @Override
  public synchronized String toString() {
    return "%s %s: %d counted, %d of them repeated, the longest took %d ms"
            .formatted(module(), key, counted, repeated, TimeUnit.NANOSECONDS.toMillis(longest))
        + reasons;
  }
}
