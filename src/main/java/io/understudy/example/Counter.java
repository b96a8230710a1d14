package io.understudy.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.LocalApi;
import io.understudy.module.LocalApi.Standing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A counter that clients read and raise over HTTP: GET / reads it, POST /next raises it.
 *
 * <p>A primary serves; a backup answers 503 with its status. Started by a WatchDog, it says when it
 * is ready, sends heartbeats, and follows its status.
 */
public final class Counter {
  private static final int OK = 200;
  private static final int NOT_PRIMARY = 503;
  private static final int NOT_FOUND = 404;
  private static final long HEARTBEAT_MILLIS = 500;

  private final AtomicLong count = new AtomicLong();
  private volatile Standing standing;

  private Counter(Standing first) {
    this.standing = first;
  }

  /** The argument is where to listen: a port, or an address and a port as in 127.0.0.1:8001. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("usage: Counter [ADDRESS:]PORT");
      System.exit(2);
    }
    var status = CopyStatus.valueOf(environment("UNDERSTUDY_STATUS", "PRIMARY"));
    var epoch = new Epoch(Long.parseLong(environment("UNDERSTUDY_EPOCH", "0")));
    var counter = new Counter(new Standing(status, epoch));
    counter.serve(address(arguments[0]));
    var api = LocalApi.ofThisProcess();
    if (api.isPresent()) {
      api.get().ready();
      counter.beat(api.get());
      counter.follow(api.get());
    }
  }

  private static InetSocketAddress address(String text) {
    var colon = text.lastIndexOf(':');
    var host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
  }

  private static String environment(String name, String otherwise) {
    return Objects.requireNonNullElse(System.getenv(name), otherwise);
  }

  private void serve(InetSocketAddress address) throws IOException {
    var server = HttpServer.create(address, 0);
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (request) {
        case "GET /" -> say(exchange, OK);
        case "POST /next" -> {
          var serves = standing.status() == CopyStatus.PRIMARY;
          if (serves) {
            count.incrementAndGet();
          }
          say(exchange, serves ? OK : NOT_PRIMARY);
        }
        default -> say(exchange, NOT_FOUND);
      }
    }
  }

  private void say(HttpExchange exchange, int code) throws IOException {
    var body =
        "{\"copy\":\"%s\",\"host\":\"%s\",\"status\":\"%s\",\"epoch\":%d,\"pid\":%d,\"count\":%d}%n"
            .formatted(
                environment("UNDERSTUDY_COPY", "-"),
                environment("UNDERSTUDY_HOST", "-"),
                standing.status(),
                standing.epoch().value(),
                ProcessHandle.current().pid(),
                count.get())
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }

  /** A heartbeat that fails is missed by the WatchDog, which knows what to do. */
  private void beat(LocalApi api) {
    var timer = Executors.newSingleThreadScheduledExecutor(Counter::daemon);
    var unused =
        timer.scheduleAtFixedRate(() -> attempt(api), 0, HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void attempt(LocalApi api) {
    try {
      api.heartbeat();
    } catch (IOException e) {
      System.err.println("heartbeat: " + e.getMessage());
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "heartbeat");
    thread.setDaemon(true);
    return thread;
  }

  private void follow(LocalApi api) throws IOException {
    api.followStatus(this::become);
  }

  private void become(Standing next) {
    standing = next;
    System.out.println(
        "%s is %s, epoch %s"
            .formatted(environment("UNDERSTUDY_COPY", "-"), next.status(), next.epoch()));
  }
}
