package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.alive;
import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.order;
import static io.understudy.watchdog.Rig.primary;
import static io.understudy.watchdog.Rig.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.Detection.Heartbeat.Source;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Readiness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What copies say to their WatchDog over HTTP; the test speaks for the copy, with its token. */
class ModuleApiTest {
  private static final Detection PERIODIC =
      new Detection.Heartbeat(Duration.ofMillis(600), Source.PERIOD);

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
  private Rig rig;
  private Map<String, String> copy = Map.of();

  @BeforeEach
  void start() {
    rig = new Rig(folder, "understudy.watchdog.api.adoption-timeout = 1s");
  }

  @AfterEach
  void stop() {
    background.shutdownNow();
    rig.close();
  }

  /** A program that leaves its environment where the test finds it. */
  private Path talker() {
    return rig.script("a.sh", "env >env.new", "mv env.new env", "exec sleep 1000");
  }

  private void run(Launch launch) throws IOException {
    rig.order(primary(1, launch));
    var env = folder.resolve("copies/A1/work/env");
    Rig.eventually("the copy runs", () -> Files.exists(env));
    copy =
        Files.readAllLines(env).stream()
            .filter(line -> line.startsWith("UNDERSTUDY_"))
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(copy.get("UNDERSTUDY_API") + path))
        .header("Authorization", "Bearer " + copy.get("UNDERSTUDY_TOKEN"));
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(to(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private BufferedReader listen() throws Exception {
    var answer = http.send(to("/status").GET().build(), BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/x-ndjson");
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  private void beat() {
    try {
      assertThat(post("/heartbeat", "").statusCode()).isEqualTo(204);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("[32] periodic heartbeats keep a copy alive; when they end, it is hung")
  void periodic() throws Exception {
    run(with(launch(talker()), PERIODIC));
    var pid = rig.seen(1, Seen.Running.class).pid();
    for (var beats = 0; beats < 12; beats++) {
      background.schedule(this::beat, 100, TimeUnit.MILLISECONDS).get();
    }
    assertThat(alive(pid)).isTrue();
    assertThat(rig.seen(1, Seen.Failed.class).kind()).isEqualTo(FailureKind.HUNG);
    assertThat(post("/heartbeat", "").statusCode()).isEqualTo(401);
  }

  @Test
  @DisplayName(
      "[32] heartbeats per request: idle copies are not hung, one with a request in hand is")
  void perRequest() throws Exception {
    var detection = new Detection.Heartbeat(Duration.ofMillis(200), Source.REQUEST);
    run(with(launch(talker()), detection));
    var pid = rig.seen(1, Seen.Running.class).pid();
    assertThat(post("/heartbeat", "{\"serving\": 1}").statusCode()).isEqualTo(204);
    assertThat(post("/heartbeat", "{\"serving\": 0}").statusCode()).isEqualTo(204);
    background.schedule(() -> assertThat(alive(pid)).isTrue(), 600, TimeUnit.MILLISECONDS).get();
    assertThat(post("/heartbeat", "{\"serving\": 1}").statusCode()).isEqualTo(204);
    assertThat(rig.seen(1, Seen.Failed.class).reason()).isEqualTo("no heartbeat for 200 ms");
  }

  @Test
  @DisplayName("[q] ready = api: starting until the copy says that it is ready")
  void ready() throws Exception {
    run(with(launch(talker()), Readiness.When.MODULE_API, Duration.ofSeconds(20)));
    rig.seen(1, Seen.Starting.class);
    assertThat(post("/ready", "").statusCode()).isEqualTo(204);
    rig.seen(1, Seen.Running.class);
  }

  @Test
  @DisplayName("[41] a copy that listens hears its promotion at once; it counts when confirmed")
  void promotion() throws Exception {
    var launch = launch(talker());
    run(launch);
    rig.seen(1, Seen.Running.class);
    try (var lines = listen()) {
      assertThat(lines.readLine()).isEqualTo("{\"status\":\"PRIMARY\",\"epoch\":1}");
      rig.order(order(1, CopyStatus.BACKUP, 5, 5, launch));
      assertThat(lines.readLine()).isEqualTo("{\"status\":\"BACKUP\",\"epoch\":5}");
      rig.order(order(1, CopyStatus.BACKUP, 5, 6, launch));
      assertThat(rig.report(report -> true).epoch().value()).isEqualTo(1);
      assertThat(post("/status", "{\"epoch\": 5}").statusCode()).isEqualTo(204);
      var report = rig.report(it -> it.epoch().value() == 5);
      assertThat(report.status()).isEqualTo(CopyStatus.BACKUP);
    }
  }

  @Test
  @DisplayName("[41] a copy that does not listen takes its promotion at once")
  void promotionUnheard() throws Exception {
    var launch = launch(talker());
    run(launch);
    rig.order(order(1, CopyStatus.PRIMARY, 5, 5, launch));
    assertThat(rig.report(it -> it.epoch().value() == 5).seen()).isInstanceOf(Seen.Running.class);
  }

  @Test
  @DisplayName("[I5] a primary that does not listen, and is to be a backup, is stopped")
  void demotionUnheard() throws Exception {
    var launch = launch(talker());
    run(launch);
    rig.order(order(1, CopyStatus.BACKUP, 5, 5, launch));
    var report = rig.report(it -> it.seen() instanceof Seen.Stopped);
    assertThat(report.run()).isEqualTo(1);
    assertThat(report.status()).isEqualTo(CopyStatus.PRIMARY);
  }

  @Test
  @DisplayName("[33] a listening copy that never confirms its new status is hung")
  void unconfirmed() throws Exception {
    var launch = with(launch(talker()), Readiness.When.STARTED, Duration.ofMillis(300));
    run(launch);
    try (var lines = listen()) {
      assertThat(lines.readLine()).contains("PRIMARY");
      rig.order(order(1, CopyStatus.BACKUP, 5, 5, launch));
      assertThat(rig.seen(1, Seen.Failed.class))
          .isEqualTo(
              new Seen.Failed(
                  FailureKind.HUNG, "it did not confirm that it acts on BACKUP of epoch 5"));
      assertThat(lines.readLine()).contains("BACKUP");
      assertThat(lines.readLine()).isNull();
    }
  }

  @Test
  @DisplayName("[32] what the module API refuses it explains: no token, wrong path, bad body")
  void refusals() throws Exception {
    run(launch(talker()));
    var api = copy.get("UNDERSTUDY_API");
    var bare = HttpRequest.newBuilder(URI.create(api + "/ready"));
    var noToken = send(bare.POST(HttpRequest.BodyPublishers.noBody()));
    assertThat(noToken.statusCode()).isEqualTo(401);
    assertThat(noToken.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(noToken.body()).contains("\"detail\":\"no token: send");
    assertThat(send(bare.header("X-Understudy-Token", "wrong")).statusCode()).isEqualTo(401);
    assertThat(post("/nothing", "").statusCode()).isEqualTo(404);
    assertThat(send(to("/ready").GET()).statusCode()).isEqualTo(405);
    assertThat(post("/status", "{\"epoch\": \"five\"}").statusCode()).isEqualTo(400);
    assertThat(post("/status", "epoch 5").body()).contains("the body is not JSON");
    assertThat(Speaker.refused(413, post("/heartbeat", "x".repeat(100_000))))
        .isEqualTo("the body has 100000 bytes or more: send at most 65536 bytes");
    var notAllowed = send(to("/status").DELETE());
    assertThat(Speaker.refused(405, notAllowed)).isEqualTo("/v1/status is for GET or POST");
    assertThat(notAllowed.headers().firstValue("Allow")).hasValue("GET, POST");
  }

  @Test
  @DisplayName("[32] numbers that are too large, and names that mean nothing, are refused")
  void numbers() throws Exception {
    run(launch(talker()));
    assertThat(Speaker.refused(400, post("/heartbeat", "{\"serving\": 5000000000}")))
        .isEqualTo("\"serving\" is 5000000000: send a whole number from 0 to 2147483647");
    assertThat(Speaker.refused(400, post("/heartbeat", "{\"serving\": -1}")))
        .isEqualTo("\"serving\" is -1: send a whole number from 0 to 2147483647");
    assertThat(Speaker.refused(400, post("/heartbeat", "{\"servng\": 1}")))
        .isEqualTo("\"servng\" means nothing here: send \"serving\" alone");
    assertThat(Speaker.refused(400, post("/ready", "{\"ready\": false}")))
        .isEqualTo("\"ready\" means nothing here: send no fields");
    assertThat(Speaker.refused(400, post("/status", "{\"epoch\": 99999999999999999999999}")))
        .isEqualTo(
            "\"epoch\" is 99999999999999999999999: send a whole number from 0 to"
                + " 9223372036854775807");
    assertThat(Speaker.refused(422, post("/status", "{\"epoch\": 999}")))
        .isEqualTo(
            "epoch 999 was never given to this copy, the last one was 1: send the epoch of a line"
                + " of GET /status");
    assertThat(post("/status", "{\"epoch\": 1}").statusCode()).isEqualTo(204);
    assertThat(post("/status", "{\"epoch\": 0}").statusCode()).isEqualTo(204);
  }

  @Test
  @DisplayName("[32] what is no HTTP is answered with what is wrong, and a slow body with 408")
  void unreadable() throws Exception {
    run(launch(talker()));
    var api = URI.create(copy.get("UNDERSTUDY_API"));
    var wire = new Wire(api.getPort());
    var head = "POST /v1/ready HTTP/1.1\r\nHost: a\r\nX-Understudy-Token: %s\r\n";
    var post = head.formatted(copy.get("UNDERSTUDY_TOKEN"));

    assertThat(wire.refused(400, post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"))
        .startsWith("the body broke off after 0 bytes: ")
        .endsWith("; send it whole, and chunks as HTTP has them");
    assertThat(wire.refused(400, post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"))
        .contains("Content-Length", "; send one Content-Length");
    assertThat(wire.refused(400, post + "Content-Length: -1\r\n\r\n"))
        .contains("Content-Length", "; send one Content-Length");
    assertThat(wire.refused(400, "GET /v1/updates?after=%zz HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("the request cannot be read: Illegal request-target")
        .endsWith("; write special characters of an address percent-encoded, as in %25 for %");
    assertThat(wire.refused(408, post + "Content-Length: 9\r\n\r\nabc"))
        .isEqualTo(
            "the body did not end within 5000 ms, 3 bytes of it came: send all of it at once");
  }

  @Test
  @DisplayName(
      "[32] a copy with very many connections does not keep the others from their heartbeats")
  void manyConnections() throws Exception {
    run(launch(talker()));
    var api = URI.create(copy.get("UNDERSTUDY_API"));
    var open = new ArrayList<Socket>();
    try {
      for (var i = 0; i < 1_100; i++) {
        open.add(new Socket(InetAddress.getLoopbackAddress(), api.getPort()));
      }
      var beat = to("/heartbeat").POST(HttpRequest.BodyPublishers.noBody()).timeout(Rig.LONG);
      assertThat(send(beat).statusCode()).isEqualTo(204);
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName("[2] a running process registers itself, is adopted, and gets the copy's token")
  void registers() throws Exception {
    run(launch(talker()));
    var process = new ProcessBuilder("sleep", "1000").start();
    try {
      rig.registration =
          (token, pid, file) -> {
            assertThat(token).isEqualTo("operator");
            assertThat(file).isEqualTo("module = A");
            rig.order(primary(2, Rig.adopting(launch(talker()), pid)));
            return CompletableFuture.completedFuture(new SelfRegistration.Answer(201, ""));
          };
      var answer =
          send(
              HttpRequest.newBuilder(
                      URI.create(copy.get("UNDERSTUDY_API") + "/register?pid=" + process.pid()))
                  .header("Authorization", "Bearer operator")
                  .POST(HttpRequest.BodyPublishers.ofString("module = A")));
      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(answer.body()).matches("\\{\"copy\":\"A1\",\"token\":\"[0-9a-f]{48}\"}");
      copy =
          Map.of(
              "UNDERSTUDY_API",
              copy.get("UNDERSTUDY_API"),
              "UNDERSTUDY_TOKEN",
              answer.body().replaceAll(".*token\":\"|\".*", ""));
      assertThat(post("/heartbeat", "").statusCode()).isEqualTo(204);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  @DisplayName("[2] a registration that is refused, or comes to nothing, says so")
  void registrationRefused() throws Exception {
    run(launch(talker()));
    rig.registration =
        (token, pid, file) ->
            CompletableFuture.completedFuture(new SelfRegistration.Answer(401, "{\"a\":1}"));
    assertThat(post("/register?pid=4711", "x").statusCode()).isEqualTo(401);
    assertThat(post("/register", "x").statusCode()).isEqualTo(400);
    rig.registration =
        (token, pid, file) ->
            CompletableFuture.completedFuture(new SelfRegistration.Answer(201, ""));
    assertThat(post("/register?pid=4711", "x").statusCode()).isEqualTo(504);
  }
}
