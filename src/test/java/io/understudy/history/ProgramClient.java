package io.understudy.history;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * Counts with a program that serves at the same port of each of its hosts, one request after the
 * other, and each until it is answered; keeps the books of repeats. Nobody else counts its key.
 */
final class ProgramClient {
  private static final long PAUSE_NANOS = 10_000_000;
  private static final int LOOK_AGAIN = 100;
  private static final Pattern COUNT = Pattern.compile("\"count\":\\s*(\\d+)");

  private final RealHosts hosts;
  private final String module;
  private final int port;
  private final String key;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
  private final Thread thread;
  private final List<String> wrong = new ArrayList<>();
  private List<String> primaries = List.of();
  private long counted;
  private int repeatsSince;
  private long repeated;
  private long longest;
  private final Map<String, Integer> reasons = new TreeMap<>();
  private volatile boolean ending;

  private ProgramClient(RealHosts hosts, String module, int port, String key) {
    this.hosts = hosts;
    this.module = module;
    this.port = port;
    this.key = key;
    thread = new Thread(this::run, module + "-" + key);
  }

  static ProgramClient start(RealHosts hosts, String module, int port, String key) {
    var client = new ProgramClient(hosts, module, port, key);
    client.thread.start();
    return client;
  }

  String module() {
    return module;
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
        answer = ask(number, repeats);
      }
      answered(number, answer.get(), repeats, System.nanoTime() - begun);
      LockSupport.parkNanos(PAUSE_NANOS);
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
  }

  /** Primaries in turn, until they fail; when none is left, and now and then, where they are. */
  private Optional<Long> ask(long number, int repeats) {
    if (primaries.isEmpty() || (repeats == 0 && number % LOOK_AGAIN == 0)) {
      primaries = whereTheyAre();
      if (primaries.isEmpty()) {
        return Optional.empty();
      }
    }
    var host = primaries.get((int) ((number + repeats) % primaries.size()));
    var request =
        HttpRequest.newBuilder(
                URI.create("http://%s:%d/%s".formatted(hosts.address(host), port, key)))
            .timeout(Duration.ofSeconds(5))
            .header("Understudy-Client", module + "-" + key)
            .header("Understudy-Request", Long.toString(number))
            .POST(BodyPublishers.noBody())
            .build();
    try {
      var answer = http.send(request, BodyHandlers.ofString());
      var count = COUNT.matcher(answer.body());
      if (answer.statusCode() == 200 && count.find()) {
        return Optional.of(Long.valueOf(count.group(1)));
      }
      refused(host, answer.statusCode() + " " + answer.body().strip());
    } catch (IOException e) {
      refused(host, e.getClass().getSimpleName()); // it is dead, or not yet alive
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return Optional.empty();
  }

  private synchronized void refused(String host, String why) {
    primaries = primaries.stream().filter(other -> !other.equals(host)).toList();
    reasons.merge(why, 1, Integer::sum);
  }

  private List<String> whereTheyAre() {
    try {
      return RealHosts.rows(hosts.module(module)).stream()
          .filter(row -> row.running() && row.status().equals("PRIMARY"))
          .map(RealHosts.Row::host)
          .toList();
    } catch (AssertionError | RuntimeException e) {
      return List.of(); // no manager answers yet
    }
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

  /** No more requests; what is wrong. Each answer was the number of its request, or it is said. */
  List<String> end() throws InterruptedException {
    ending = true;
    thread.join();
    return wrong;
  }

  @Override
  public synchronized String toString() {
    return "%s %s: %d counted, %d of them repeated, the longest took %d ms"
            .formatted(module, key, counted, repeated, TimeUnit.NANOSECONDS.toMillis(longest))
        + reasons;
  }
}
