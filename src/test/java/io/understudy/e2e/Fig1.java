package io.understudy.e2e;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.Await;
import io.understudy.e2e.Shell.Said;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The six hosts of FIG. 1, brought up by the project's own scripts on a data folder of a test. */
final class Fig1 implements AutoCloseable {
  static final List<String> HOSTS = List.of("H1", "H2", "H3", "H4", "H5", "H6");

  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Path data;

  /** A row of the table, as far as the tests look. */
  record Row(String host, String status, boolean running, long pid) {}

  private Fig1(Path data) {
    this.data = data;
  }

  /** A data folder that stays, so that a failure can be read in its logs. */
  static Path folder(String name) {
    return Shell.PROJECT.resolve("target/e2e").resolve(name);
  }

  /** What runs on this folder, if anything does. */
  static Fig1 on(Path data) {
    return new Fig1(data);
  }

  /** Brings it up, and returns when the script says that all is up. */
  static Fig1 up(Path data) {
    var fig1 = new Fig1(data);
    fig1.script("run", "--fresh", "--detach").ok();
    return fig1;
  }

  Path data() {
    return data;
  }

  /**
   * Runs one of the scripts of deploy/fig1 on this data folder. Nodes that it starts compile late,
   * which takes a third of their start from them; as they are, they run in ReadmeTest.
   */
  Said script(String name, String... arguments) {
    var command =
        Stream.concat(
                Stream.of("deploy/fig1/" + name, "--data", data.toString()), Stream.of(arguments))
            .toList();
    return Shell.run(Map.of("UNDERSTUDY_JAVA_OPTS", LanHost.COMPILES_LATE), command);
  }

  /** Runs the command line against these hosts. */
  Said understudy(String... arguments) {
    var nodes =
        String.join(",", HOSTS.stream().map(host -> "http://" + address(host) + ":7626").toList());
    var command = Stream.concat(Stream.of("deploy/understudy"), Stream.of(arguments)).toList();
    return Shell.run(
        Map.of("UNDERSTUDY_NODE", nodes, "UNDERSTUDY_OPERATOR_TOKEN", token()), command);
  }

  String token() {
    try {
      return Files.readString(data.resolve("operator.token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String address(String host) {
    return "127.0.0." + host.substring(1);
  }

  /**
   * The process of a copy as soon as it runs, of a host's node or of the Checkpoint Server: what
   * deploy/fig1/pid prints, without a JVM for each question.
   */
  long pid(String name) {
    return Await.until(
        () -> {
          var pid = isNode(name) ? nodePid(name) : copyPid(name);
          assertThat(ProcessHandle.of(pid)).as("process %d of %s", pid, name).isPresent();
          return pid;
        });
  }

  private static boolean isNode(String name) {
    return HOSTS.contains(name) || name.equals("checkpoint-server");
  }

  private long copyPid(String id) {
    return modules(table())
        .flatMap(Fig1::copiesOf)
        .filter(copy -> copy.get("id").asText().equals(id))
        .mapToLong(copy -> copy.path("pid").asLong())
        .findFirst()
        .orElseThrow();
  }

  /** The pid of a host's node, or of the Checkpoint Server, without asking anybody. */
  long nodePid(String name) {
    try {
      return Long.parseLong(Files.readString(data.resolve("pids/" + name + ".pid")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The table from the first host that answers. */
  JsonNode table() {
    return get("/understudy/table");
  }

  JsonNode get(String path) {
    var why = new ArrayList<IOException>();
    for (String host : HOSTS) {
      try {
        return get(host, path);
      } catch (IOException e) {
        why.add(e); // the next host may live
      }
    }
    throw new AssertionError("no host answers %s: %s".formatted(path, why));
  }

  JsonNode get(String host, String path) throws IOException {
    var uri = URI.create("http://%s:7626%s".formatted(address(host), path));
    var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
    try {
      var response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException("%s: %d %s".formatted(uri, response.statusCode(), response.body()));
      }
      return Json.mapper().readTree(response.body());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Registers a module at one host, and returns the status code, or throws when none came. */
  int put(String host, String module, String body) throws IOException {
    var uri = URI.create("http://%s:7626/understudy/modules/%s".formatted(address(host), module));
    var request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + token())
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The rows of a module by copy id. */
  Map<String, Row> rows(String module) {
    return rows(table(), module);
  }

  /** The rows of a module in such a table. */
  static Map<String, Row> rows(JsonNode table, String module) {
    return modules(table)
        .filter(row -> row.get("module").asText().equals(module))
        .flatMap(Fig1::copiesOf)
        .collect(toMap(copy -> copy.get("id").asText(), Fig1::row, (a, b) -> b, TreeMap::new));
  }

  private static Stream<JsonNode> modules(JsonNode table) {
    return StreamSupport.stream(table.get("modules").spliterator(), false);
  }

  private static Stream<JsonNode> copiesOf(JsonNode module) {
    return StreamSupport.stream(module.get("copies").spliterator(), false);
  }

  private static Row row(JsonNode copy) {
    return new Row(
        copy.get("host").asText(),
        copy.get("status").asText(),
        copy.get("running").asBoolean(),
        copy.path("pid").asLong(0));
  }

  /** A module's statuses in the order of its copies, as in "A1 IDLE, A2 PRIMARY*"; * runs. */
  String statuses(String module) {
    return statuses(table(), module);
  }

  /** The same in such a table. */
  static String statuses(JsonNode table, String module) {
    return String.join(
        ", ",
        rows(table, module).entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue().status() + star(e.getValue()))
            .toList());
  }

  private static String star(Row row) {
    return row.running() ? "*" : "";
  }

  @Override
  public void close() {
    script("stop").ok();
  }
}
