package io.understudy.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.model.CopyStatus;
import io.understudy.module.ApiRefusal;
import io.understudy.module.LocalApi;
import io.understudy.module.LocalState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A counter of keys whose counts go on where a copy of it fails: POST /KEY counts the key once
 * more, GET /KEY reads it. A client that names its requests (Understudy-Client, Understudy-Request)
 * may repeat one at any copy, and it counts once.
 *
 * <p>Started by a WatchDog as a copy of a module with state; deploy/examples/counter.py is the same
 * in Python.
 */
public final class Counter {
  private static final int OK = 200;
  private static final int NOT_ALLOWED = 405;
  private static final int NOT_PRIMARY = 409;
  private static final long HEARTBEAT_MILLIS = 500;

  private final LocalApi api;
  private final LocalState state;
  private final Counts counts = new Counts();
  private volatile CopyStatus status = CopyStatus.BACKUP;

  private Counter(LocalApi api) {
    this.api = api;
    this.state = api.state();
  }

  /** The argument is where to listen: an address and a port, as in 127.0.0.1:8001. */
  public static void main(String[] arguments) throws IOException {
    var api = LocalApi.ofThisProcess();
    if (arguments.length != 1 || api.isEmpty()) {
      System.err.println("usage: Counter ADDRESS:PORT, as a copy of a module with state");
      System.exit(2);
    }
    new Counter(api.orElseThrow()).run(arguments[0]);
  }

  private void run(String address) throws IOException {
    keep("state", () -> state.follow(counts));
    serve(address);
    api.ready();
    keep("heartbeat", this::beat);
    keep("status", this::follow);
  }

  private void follow() throws IOException {
    api.followStatus(
        standing -> {
          status = standing.status();
          System.out.printf("%s of epoch %s%n", status, standing.epoch());
        });
    throw new IOException("the WatchDog has ended the stream");
  }

  /** Without it the copy is of no use: it ends, and another one takes its place. */
  private static void keep(String name, Work work) {
    Thread.ofPlatform()
        .name(name)
        .start(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException | RuntimeException e) {
                System.err.println(name + ": " + e.getMessage());
                Runtime.getRuntime().halt(1);
              }
            });
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void beat() throws IOException, InterruptedException {
    while (true) {
      api.heartbeat();
      TimeUnit.MILLISECONDS.sleep(HEARTBEAT_MILLIS);
    }
  }

  private void serve(String address) throws IOException {
    var colon = address.lastIndexOf(':');
    var port = Integer.parseInt(address.substring(colon + 1));
    var server = HttpServer.create(new InetSocketAddress(address.substring(0, colon), port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var key = exchange.getRequestURI().getPath().substring(1);
      try {
        if (status != CopyStatus.PRIMARY) {
          throw new ApiRefusal(NOT_PRIMARY, "this copy is not primary");
        }
        var count =
            switch (exchange.getRequestMethod()) {
              case "POST" -> counts.after(propose(exchange, key).sequence(), key);
              case "GET" -> counts.read(state.barrier(), key);
              default -> throw new ApiRefusal(NOT_ALLOWED, "POST counts, GET reads");
            };
        say(exchange, OK, "{\"key\":\"%s\",\"count\":%d}".formatted(key, count));
      } catch (ApiRefusal refusal) {
        say(exchange, refusal.status(), String.valueOf(refusal.getMessage()));
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private LocalState.Proposed propose(HttpExchange exchange, String key) throws IOException {
    var headers = exchange.getRequestHeaders();
    var client = Optional.ofNullable(headers.getFirst("Understudy-Client"));
    var request = Optional.ofNullable(headers.getFirst("Understudy-Request"));
    return client.isPresent() || request.isPresent()
        ? state.propose(client.orElse(""), number(request), key.getBytes(UTF_8))
        : state.propose(key.getBytes(UTF_8));
  }

  /** What is none is 0, which is refused as a client without a name is. */
  private static long number(Optional<String> request) {
    try {
      return Long.parseLong(request.orElse(""));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static void say(HttpExchange exchange, int code, String text) throws IOException {
    var body = (text + "\n").getBytes(UTF_8);
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }
}
