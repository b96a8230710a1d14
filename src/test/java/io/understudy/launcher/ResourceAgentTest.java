package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.Await;
import io.understudy.launcher.NodeProcesses.Started;
import io.understudy.ocf.Agents;
import io.understudy.wire.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Copies that are resource agents, on real nodes: their resources outlive nobody. */
@Tag("slow")
class ResourceAgentTest {
  private static final String MANAGER = "127.0.66.1";
  private static final String OTHER = "127.0.66.2";
  private static final String URL = "http://" + MANAGER + ":7626";
  private static final Path PROGRAM = Path.of("deploy/ocf").toAbsolutePath();

  @RegisterExtension private final NodeProcesses nodes = new NodeProcesses();

  /** Also after a failure, when what stops resources would go on to try. */
  @AfterEach
  void end() {
    Await.until(
        () -> {
          own().forEach(ProcessHandle::destroyForcibly);
          assertThat(own()).isEmpty();
        });
  }

  private Stream<ProcessHandle> own() {
    var folder = nodes.folder().toString();
    return ProcessHandle.allProcesses()
        .filter(it -> it.info().commandLine().orElse("").contains(folder));
  }

  private Started node(String host, String address, String roles) throws IOException {
    return nodes.node(
        host,
        address,
        "--set",
        "understudy.watchdog.allowed-paths=[%s]".formatted(PROGRAM.getParent()),
        "--set",
        "understudy.superwatchdog.processes-die-within=60s",
        "--set",
        "understudy.roles=[%s]".formatted(roles),
        "--set",
        "understudy.seeds=[\"%s:17355\"]".formatted(MANAGER));
  }

  private void register(String module) throws Exception {
    var file = Files.writeString(nodes.folder().resolve("module.conf"), module);
    var token = nodes.folder().resolve("H1" + MANAGER).toString();
    var said = nodes.understudy("register", "-n", URL, "--data", token, file.toString());
    assertThat(said.exitCode()).as(said.said()).isZero();
  }

  private static JsonNode copy(String id) throws IOException {
    var copies =
        Json.mapper()
            .readTree(URI.create(URL + "/understudy/table").toURL())
            .at("/modules/0/copies");
    return StreamSupport.stream(copies.spliterator(), false)
        .filter(copy -> copy.path("id").asText().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitRunning(String id, String status) {
    Await.until(
        () -> {
          assertThat(copy(id).path("status").asText()).isEqualTo(status);
          assertThat(copy(id).path("running").asBoolean()).isTrue();
        });
  }

  private List<String> done() throws IOException {
    return Files.readAllLines(nodes.folder().resolve("log"));
  }

  /** The last of the one was before the last of the other. */
  private void assertOrder(String one, String other) throws IOException {
    assertThat(done().lastIndexOf(one)).as(done().toString()).isNotNegative();
    assertThat(done().lastIndexOf(other))
        .as(done().toString())
        .isGreaterThan(done().lastIndexOf(one));
  }

  @Test
  @DisplayName("a promotable agent, warm: whatever kills a copy, its resource is stopped first")
  void promotable() throws Exception {
    nodes.export("OCF_ROOT", Agents.install(nodes.folder().resolve("ocf")).toString());
    var manager = node("H1", MANAGER, "watchdog,manager");
    manager.awaitSaying("H1 is ready");
    var other = node("H2", OTHER, "watchdog");
    other.awaitSaying("H2 is ready");
    register(
        """
        module = M, style = warm, degree = 2, ready = { when = api, deadline = 60s }
        copies = [
          { host = H2, location = "%1$s", arguments = ["test:Mark", "folder=%2$s"] }
          { host = H1, location = "%1$s", arguments = ["test:Mark", "folder=%2$s"] }
        ]
        """
            .formatted(PROGRAM, nodes.folder()));
    awaitRunning("M1", "PRIMARY");
    awaitRunning("M2", "BACKUP");
    Await.until(() -> assertThat(done()).contains("H2 promoted", "H1 started"));

    // The program between WatchDog and agent is killed.
    new ProcessBuilder("kill", "-9", copy("M1").path("pid").asText()).start().waitFor();
    awaitRunning("M2", "PRIMARY");
    awaitRunning("M1", "BACKUP");
    assertOrder("H2 stopped", "H1 promoted");
    assertOrder("H2 stopped", "H2 started");

    // The resource ends, behind everybody's back.
    Files.delete(nodes.folder().resolve("H1.state"));
    awaitRunning("M1", "PRIMARY");
    awaitRunning("M2", "BACKUP");
    assertThat(Json.mapper().readTree(URI.create(URL + "/understudy/events").toURL()).toString())
        .contains("resource agent test:Mark: monitor: code 7 (not running): there is no");

    // The whole node is killed, guards and all, and starts again at once: the word that no copy is
    // left waits for the resource, and so does the new node, whose registration says so too.
    var stuck = Files.createFile(nodes.folder().resolve("stop-fails"));
    var promotions = Collections.frequency(done(), "H1 promoted");
    var line = new ArrayList<>(List.of("kill", "-KILL", "" + other.process().pid()));
    other
        .process()
        .descendants()
        .filter(it -> it.info().commandLine().orElse("").contains("/guard.sh "))
        .forEach(it -> line.add("" + it.pid()));
    new ProcessBuilder(line).start().waitFor();
    other = node("H2", OTHER, "watchdog");
    other.awaitSaying("H2 waits until what it ran before has ended");
    assertThat(Collections.frequency(done(), "H1 promoted")).isEqualTo(promotions);
    Files.delete(stuck);
    awaitRunning("M2", "PRIMARY");
    awaitRunning("M1", "BACKUP");
    assertOrder("H2 stopped", "H1 promoted");
    assertOrder("H2 stopped", "H2 started");

    other.signal("TERM");
    other.exitCode();
    manager.signal("TERM");
    manager.exitCode();
    assertThat(done().getLast()).isEqualTo("H1 stopped");
  }
}
