package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.understudy.Await;
import io.understudy.launcher.InProcess.Running;
import io.understudy.launcher.InProcess.Said;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against a node that has everything but a real network. */
class CommandsTest {
  private static final String A =
      """
      module = A
      style = cold
      copies = [ { host = H1, location = /bin/sleep, arguments = ["1000"] } ]
      """;

  @TempDir private static Path data;
  private static Running node;

  @BeforeAll
  static void begin() throws Exception {
    node = InProcess.node("H1", data, Map.of());
    assertThat(node.ready())
        .startsWith("H1 is ready: manager and watchdog, 127.0.0.1:")
        .endsWith(", " + node.url());
  }

  @AfterAll
  static void end() {
    node.close();
  }

  private static Said understudy(String command, String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(command, "--node", node.url()));
    all.addAll(List.of(arguments));
    return InProcess.run(all.toArray(String[]::new));
  }

  private static Path file(String name, String text) throws IOException {
    return Files.writeString(data.resolve(name), text);
  }

  private static JsonNode json(Said said) throws IOException {
    assertThat(said.code()).as(said.err()).isZero();
    return Json.mapper().readTree(said.out());
  }

  private static void said(Said said, int code, String err) {
    assertThat(said.code()).as(said.toString()).isEqualTo(code);
    assertThat(said.err().strip()).contains(err).doesNotContain("Exception");
    assertThat(said.out()).isEmpty();
  }

  @Test
  @DisplayName("[1] [36] a module is registered, runs, and is deregistered from the command line")
  void lifeOfAModule() throws Exception {
    var a = file("A.conf", A).toString();
    var token = data.toString();

    assertThat(understudy("register", "--data", token, a).out())
        .startsWith("module A is registered, at version ");
    assertThat(understudy("register", "--data", token, a).out())
        .startsWith("module A is registered as given, at version ");
    assertThat(
            json(understudy("register", "--json", "--data", token, a)).get("created").asBoolean())
        .isFalse();
    awaitRunning();

    var table = json(understudy("table", "--json"));
    assertThat(table.get("manager").asText()).isEqualTo("H1");
    assertThat(table.at("/modules/0/condition").asText()).isEqualTo("PROTECTED");
    assertThat(understudy("table").out()).contains("A       cold   1").contains("A is PROTECTED");
    assertThat(json(understudy("table", "A", "--json")).at("/spec/module").asText()).isEqualTo("A");
    assertThat(json(understudy("hosts", "--json")).at("/hosts/0/copies/0").asText())
        .isEqualTo("A1");
    assertThat(understudy("hosts").out()).contains("H1    UP");
    assertThat(json(understudy("ring", "--json")).at("/ring/0/role").asText()).isEqualTo("PRIMARY");
    assertThat(understudy("ring").out()).startsWith("manager H1");
    assertThat(understudy("events", "--module", "A").out())
        .contains("ModuleRegistered", "CopyOrdered", "CopyStarted")
        .doesNotContain("HostJoined");
    assertThat(json(understudy("events", "--json", "--after", "1", "--limit", "1")).at("/events"))
        .hasSize(1);

    simulated();
    moves(token);

    assertThat(understudy("deregister", "--data", token, "A").out().strip())
        .isEqualTo("module A is deregistered");
    said(understudy("deregister", "--data", token, "A"), 1, "module A is not registered");
    awaitNothing();
  }

  private static void simulated() throws Exception {
    assertThat(understudy("simulate", "A1").out())
        .startsWith("If A1 failed now: no SuperWatchDog fails, and H1 manages on.")
        .contains("CopyFailed          A1@H1         simulated: it crashes")
        .contains("A: PROTECTED, primary A1@H1 -> PROTECTED, primary A1@H1");
    var view = json(understudy("simulate", "--json", "H1", "A1"));
    assertThat(view.get("fail")).hasToString("[\"H1\",\"A1\"]");
    assertThat(view.at("/managers/recovers").asBoolean()).isFalse();
    assertThat(view.at("/modules/0/condition").asText()).isEqualTo("DOWN");
    assertThat(json(understudy("table", "--json")).at("/modules/0/condition").asText())
        .isEqualTo("PROTECTED");
    said(understudy("simulate", "H2"), 1, "H2 is neither a host nor a copy; did you mean H1?");
    said(understudy("simulate", "ä, b"), 1, "ä is neither a host nor a copy");
    said(understudy("simulate"), 2, "Missing required parameter: 'HOST|COPY'");
  }

  /** Of the only host, where the copy stays. */
  private static void moves(String token) throws Exception {
    said(
        understudy("switchover", "--data", token, "A"),
        1,
        "module A: no other copy could take over, since it lists no other host");
    said(understudy("switchover", "--data", token, "Z"), 1, "module Z is not registered");
    said(understudy("switchover", "--data", token, "A", "one"), 2, "copy \"one\": write");
    assertThat(understudy("switchover", "--data", token, "A", "A1").out())
        .isEqualTo("module A: A1 on H1 takes over\n");
    var why = "A1 stays: its module lists no other host\n";
    assertThat(understudy("drain", "--data", token, "H1").out())
        .isEqualTo("host H1 is drained; still there: A1\n" + why);
    assertThat(json(understudy("hosts", "--json")).at("/hosts/0/drained").asBoolean()).isTrue();
    assertThat(understudy("hosts").out()).contains("UP, drained", "A1 stays on H1: its module");
    said(understudy("drain", "--data", token, "H9"), 1, "host H9 is not in the table");
    assertThat(understudy("resume", "--data", token, "H1").out()).isEqualTo("host H1 is resumed\n");
    var resumed = json(understudy("resume", "--json", "--data", token, "H1"));
    assertThat(resumed.get("drained").asBoolean()).isFalse();
    said(understudy("resume", "--data", token, "a/b"), 2, "a/b");
  }

  /** A module is in the table until its last copy has stopped. */
  private static void awaitNothing() {
    Await.until(
        () -> {
          assertThat(json(understudy("table", "--json")).at("/modules")).isEmpty();
        });
  }

  private static void awaitRunning() {
    Await.until(
        () -> {
          var table = json(understudy("table", "--json"));
          assertThat(table.at("/modules/0/copies/0/running").asBoolean()).isTrue();
        });
  }

  @Test
  void whatIsRefusedExitsWith1AndChangesNothing() throws Exception {
    var before = understudy("table", "--json").out();
    var token = data.toString();
    var wrong = file("wrong.conf", A.replace("cold", "cool")).toString();
    var right = file("right.conf", A.replace("module = A", "module = R")).toString();
    var greedy = file("greedy.conf", A.replace("style = cold", "style = hot, degree = 2"));

    said(
        understudy("register", "--data", token, right, wrong),
        1,
        wrong + ": module A: style (line 2) = \"cool\" is not known; write cold or warm or hot");
    said(
        understudy("register", "--data", token, greedy.toString()),
        1,
        "degree 2 needs 2 hosts, 1 is listed (H1); list 1 more host or lower the degree");
    said(understudy("register", right), 1, "writes need the operator token");
    said(understudy("table", "Nobody"), 1, "module Nobody is not registered");
    assertThat(understudy("table", "--json").out()).isEqualTo(before);
  }

  @Test
  void wrongUsageExitsWith2() throws Exception {
    said(understudy("register", "/no/such.conf"), 2, "module file /no/such.conf cannot be read");
    said(understudy("register", "--data", "/no", "x"), 2, "module file x cannot be read");
    said(
        understudy("deregister", "--data", "/no/such", "A"),
        2,
        "operator token /no/such/operator.token cannot be read");
    said(understudy("deregister", "A B"), 2, "module name \"A B\"");
    said(understudy("events", "--after", "soon"), 2, "--after");
    said(InProcess.run("table", "--node", "http://a b"), 2, "--node http://a b is not possible");
    said(InProcess.run("table", "--node", "file:///etc"), 2, "file:///etc is not possible");
    said(InProcess.run("table", "--node", "http://h:99999"), 2, "http://h:99999 is not possible");
    said(InProcess.run("table", "--node", "http://"), 2, "--node http:// is not possible");
    said(InProcess.run("table", "--node", ""), 2, "--node  is not possible; write a URL");
    said(understudy("table", "A B"), 2, "module name \"A B\"");
    said(understudy("events", "--module", "ä b"), 2, "module name \"ä b\"");
    Files.writeString(
        Files.createDirectories(data.resolve("two")).resolve("operator.token"), "a\nb");
    said(
        understudy("deregister", "--data", data.resolve("two").toString(), "A"),
        2,
        "operator.token cannot be sent over HTTP; it is one line");
    said(InProcess.run("checkpoint-server", "--port", "99999"), 2, "port 99999 is not possible");
    said(InProcess.run("checkpoint-server", "--address", "a b"), 1, "address a b is unknown");
    said(
        InProcess.run("node", "--set", "understudy.pulse-secret=a#b"),
        2,
        "understudy.pulse-secret = a#b cannot be read; put texts with special characters in");
    said(InProcess.run("tabel"), 2, "Did you mean: understudy table");
    said(InProcess.run("register"), 2, "FILE");
    said(InProcess.run("node", "--config", "/no/such"), 2, "settings file /no/such cannot be read");
    said(InProcess.run("node", "--set", "understudy.prot=1"), 2, "did you mean \"port\"?");
    said(InProcess.run("node", "--management", "1"), 2, "write address:port");
    said(InProcess.run("node", "--host", "H1", "--data", "/proc/x"), 2, "cannot be written");
  }

  @Test
  void withoutAManagerItExitsWith3AndNodesAreTriedInTurn() throws Exception {
    var dead = "http://127.0.0.1:" + InProcess.freePort();
    said(
        InProcess.run("table", "--node", dead),
        3,
        "no manager is reachable:\n  %s does not answer (Connection refused)".formatted(dead));
    assertThat(InProcess.run("table", "--node", dead + "," + node.url()).code()).isZero();
    var unavailable =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    unavailable.createContext(
        "/",
        exchange -> {
          var body = "{\"detail\": \"the journal is away\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(503, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    unavailable.start();
    var url = "127.0.0.1:" + unavailable.getAddress().getPort();
    said(InProcess.run("ring", "-n", url), 3, "503 from " + url + ": the journal is away");
    unavailable.stop(0);
  }

  @Test
  @DisplayName("events are followed; who read them has gone, as head does => the command ends")
  void aReaderThatHasGone() throws Exception {
    var gone = new PrintWriter(new StringWriter());
    gone.close(); // all that is printed fails, as into a pipe that nobody reads
    var err = new StringWriter();
    var command = Cli.commandLine().setOut(gone).setErr(new PrintWriter(err, true));
    var url = node.url();

    for (String[] watch : List.of(new String[] {"events", "-f"}, new String[] {"table", "-w"})) {
      var code =
          CompletableFuture.supplyAsync(
              () -> command.execute(watch[0], watch[1], "-n", url),
              work -> Thread.ofPlatform().daemon().start(work));
      assertThat(code.get(InProcess.PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as(watch[0] + err)
          .isZero();
    }
  }

  @Test
  void aSecondNodeOnTheSamePortSaysWhichAndWhose() throws Exception {
    var port = node.node().remoting().replaceFirst("^.*:", "");
    var folder = data.resolve("second").toString();

    said(
        InProcess.run("node", "--host", "H9", "--data", folder, "--port", port),
        1,
        "port %s of 127.0.0.1 is in use by another program; stop that, or change".formatted(port)
            + " understudy.address and port");
    var pulse = "" + node.node().settings().pulsePort();
    said(
        InProcess.run(
            "node", "--data", folder, "--port", "0", "--set", "understudy.pulse-port=" + pulse),
        1,
        "port %s of 127.0.0.1 is in use by another program; stop that, or change".formatted(pulse)
            + " understudy.pulse-port");
    var both = "" + InProcess.freePort();
    said(
        InProcess.run(
            "node", "--data", folder, "--port", both, "--management", "127.0.0.1:" + both),
        2,
        "understudy.port and understudy.management.port are both %s on 127.0.0.1;".formatted(both));
    said(
        InProcess.run("checkpoint-server", "--port", port, "--data", folder),
        1,
        "change --address and --port");
    said(
        InProcess.run("checkpoint-server", "--address", "0.0.0.0", "--data", folder),
        2,
        "0.0.0.0 can be reached from other machines; set UNDERSTUDY_JOURNAL_PASSWORD");
  }

  @Test
  void helpIsForPeople() {
    for (String command :
        new String[] {
          "node",
          "checkpoint-server",
          "register",
          "deregister",
          "table",
          "hosts",
          "ring",
          "events",
          "simulate"
        }) {
      var said = InProcess.run(command, "--help");
      assertThat(said.code()).isZero();
      assertThat(said.out()).startsWith("Usage: understudy " + command);
    }
    assertThat(InProcess.run("register", "--help").out()).contains("A module file:", "Examples:");
    assertThat(InProcess.run().out()).doesNotContain("train");
  }

  @Test
  void completionIsAScriptThatBashCanRead() throws Exception {
    var script = file("completion.sh", InProcess.run("completion").out());
    var bash =
        new ProcessBuilder("bash", "-n", script.toString()).redirectErrorStream(true).start();
    var output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(bash.waitFor()).as(output).isZero();
    assertThat(Files.readString(script)).contains("checkpoint-server", "--follow", "simulate");
  }
}
