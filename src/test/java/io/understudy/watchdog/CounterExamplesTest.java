package io.understudy.watchdog;

import static io.understudy.model.CopyStatus.PRIMARY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.understudy.Await;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.StateSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counters that are shown to authors of modules, each as the program of a primary. */
class CounterExamplesTest {
  private static final List<String> PYTHON =
      List.of("python3", Path.of("deploy/examples/counter.py").toAbsolutePath().toString());
  private static final List<String> JAVA =
      List.of(
          Path.of(System.getProperty("java.home"), "bin/java").toString(),
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-cp",
          System.getProperty("java.class.path"),
          "io.understudy.example.Counter");

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private Group group;

  @BeforeEach
  void start() throws IOException {
    var unstored = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
    group = Group.ofPrograms(folder, true, unstored).host(1);
    group.start(1, PRIMARY);
    group.acts(1);
  }

  @AfterEach
  void stop() {
    group.close();
    http.close();
  }

  /** What is done to a counter. */
  private interface Use {
    void of(URI key) throws Exception;
  }

  private void run(List<String> program, Use use) throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    var builder = new ProcessBuilder(program).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    builder.command().add("127.0.0.1:" + port);
    builder.environment().putAll(group.speaker(http, 1).environment());
    builder.environment().put("http_proxy", "http://127.0.0.1:1"); // not meant for the WatchDog
    var process = builder.start();
    try {
      var key = URI.create("http://127.0.0.1:%d/a".formatted(port));
      Await.until(
          () -> assertThat(send(HttpRequest.newBuilder(key)).body()).contains("\"count\":"));
      use.of(key);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> count(URI key, String client, String number) throws Exception {
    return send(
        HttpRequest.newBuilder(key)
            .header(client, "me")
            .header(number, "1")
            .POST(BodyPublishers.noBody()));
  }

  private void countsOnce(URI key) throws Exception {
    for (var time = 0; time < 2; time++) {
      var counted = count(key, "understudy-client", "understudy-request");
      assertThat(counted.body().replace(" ", "")).contains("\"count\":1}");
    }
  }

  private void refusesHalfAName(URI key) throws Exception {
    var half =
        send(
            HttpRequest.newBuilder(key)
                .header("Understudy-Client", "me")
                .POST(BodyPublishers.noBody()));
    assertThat(half.statusCode()).as(half.body()).isEqualTo(400);
    var none =
        send(
            HttpRequest.newBuilder(key)
                .header("Understudy-Client", "me")
                .header("Understudy-Request", "first")
                .POST(BodyPublishers.noBody()));
    assertThat(none.statusCode()).as(none.body()).isEqualTo(400);
  }

  /** A WatchDog that says once what the copy is, and no more. */
  private static HttpServer silent() throws IOException {
    var watchDog = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    watchDog.setExecutor(Executors.newCachedThreadPool(daemons()));
    watchDog.createContext("/", exchange -> answer(exchange, 204, ""));
    watchDog.createContext(
        "/v1/status",
        exchange -> {
          var get = exchange.getRequestMethod().equals("GET");
          answer(exchange, get ? 200 : 204, get ? "{\"status\":\"PRIMARY\",\"epoch\":1}\n" : "");
        });
    watchDog.createContext(
        "/v1/checkpoint",
        exchange -> {
          exchange.getResponseHeaders().add("Understudy-Sequence", "0");
          answer(exchange, 204, "");
        });
    watchDog.createContext(
        "/v1/updates",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().flush(); // and there are none
        });
    watchDog.start();
    return watchDog;
  }

  private static ThreadFactory daemons() {
    return Thread.ofPlatform().daemon().factory();
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, body.isEmpty() ? -1 : body.length());
    if (!body.isEmpty()) {
      exchange.getResponseBody().write(body.getBytes(UTF_8));
    }
    exchange.close();
  }

  private void endsWhenItHearsNoMore(List<String> program) throws Exception {
    var watchDog = silent();
    var builder = new ProcessBuilder(program).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    builder.command().add("127.0.0.1:0");
    var api = "http://127.0.0.1:%d/v1".formatted(watchDog.getAddress().getPort());
    builder.environment().putAll(Map.of("UNDERSTUDY_API", api, "UNDERSTUDY_TOKEN", "t"));
    var process = builder.start();
    try {
      assertThat(process.onExit()).succeedsWithin(Await.LONG);
      assertThat(process.exitValue()).isEqualTo(1);
    } finally {
      process.destroyForcibly().waitFor();
      watchDog.stop(0);
    }
  }

  @Test
  @DisplayName("counter.py: it does not outlive the stream that says what it is")
  void pythonEnds() throws Exception {
    endsWhenItHearsNoMore(new ArrayList<>(PYTHON));
  }

  @Test
  @DisplayName("Counter: it does not outlive the stream that says what it is")
  void javaEnds() throws Exception {
    endsWhenItHearsNoMore(new ArrayList<>(JAVA));
  }

  @Test
  @DisplayName(
      "counter.py: a request that is repeated counts once, however its headers are written")
  void python() throws Exception {
    run(new ArrayList<>(PYTHON), this::countsOnce);
  }

  @Test
  @DisplayName("counter.py: half a name is refused")
  void pythonHalf() throws Exception {
    run(new ArrayList<>(PYTHON), this::refusesHalfAName);
  }

  @Test
  @DisplayName("Counter: a request that is repeated counts once, however its headers are written")
  void java() throws Exception {
    run(new ArrayList<>(JAVA), this::countsOnce);
  }

  @Test
  @DisplayName("Counter: half a name is refused")
  void javaHalf() throws Exception {
    run(new ArrayList<>(JAVA), this::refusesHalfAName);
  }
}
