package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.understudy.Await;
import io.understudy.client.OwnProcess;
import io.understudy.client.Registration;
import io.understudy.client.UnderstudyClient;
import io.understudy.example.RegisterExample;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several nodes in one JVM, wired as the launcher wires them. */
class NodesTest {
  @TempDir private static Path data;
  private static final int API_PORT = InProcess.freePort();

  private static InProcess.Running manager;
  private static InProcess.Running host;

  @BeforeAll
  static void begin() throws Exception {
    manager = InProcess.node("H2", data.resolve("H2"), roles("manager"));
    manager.ready();
    host = joining("H1", "watchdog");
    host.ready();
  }

  @AfterAll
  static void end() {
    host.close();
    manager.close();
  }

  private static Map<String, Object> roles(String role) {
    return Map.of("understudy.roles", List.of(role));
  }

  private static InProcess.Running joining(String name, String role) {
    return joining(name, role, data.resolve(name), API_PORT);
  }

  private static InProcess.Running joining(String name, String role, Path folder, int apiPort) {
    return InProcess.node(
        name,
        folder,
        Map.of(
            "understudy.roles", List.of(role),
            "understudy.watchdog.api.port", apiPort,
            "understudy.seeds", List.of(manager.node().remoting())));
  }

  @Test
  @DisplayName(
      "[8] [64] a manager without a WatchDog and a WatchDog without a manager are a cluster")
  void eitherRoleAlone() throws Exception {
    assertThat(manager.ready()).startsWith("H2 is ready: manager, ");
    assertThat(host.ready()).startsWith("H1 is ready: watchdog, ");
    assertThat(InProcess.run("hosts", "-n", manager.url()).out()).contains("H1    UP");
    assertThat(InProcess.run("table", "-n", host.url(), "--json").out())
        .isEqualTo(InProcess.run("table", "-n", manager.url(), "--json").out());
    assertThat(InProcess.run("events", "-n", host.url()).out()).contains("HostJoined");
  }

  @Test
  void aSecondNodeOfTheSameNameEndsAndSaysWhose() throws Exception {
    var second = joining("H1", "watchdog", data.resolve("second"), 0);
    second.node().system().getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);

    assertThat(second.line()).isNotDone();
    assertThat(second.node().failure())
        .hasValueSatisfying(
            reason ->
                assertThat(reason)
                    .contains("host name H1 is in use by the node at " + host.node().remoting())
                    .contains("another understudy.host"));
  }

  @Test
  void aNodeWhoseSeedsAreSilentSaysWhichItWaitsFor() throws Exception {
    var waiting =
        InProcess.node(
            "H3",
            data.resolve("H3"),
            Map.of(
                "understudy.roles", List.of("watchdog"),
                "understudy.seeds", List.of("127.0.0.1:1", "127.0.0.1:2")));
    try (waiting) {
      Await.until(
          () ->
              assertThat(waiting.node().readiness().unready())
                  .contains(
                      "H3 waits for one of its seeds to let it in: 127.0.0.1:1, 127.0.0.1:2;"
                          + " start one, or correct understudy.seeds"));
      assertThat(waiting.line()).isNotDone();
    }
  }

  @Test
  @DisplayName("[1] the example registers a module from an actor system of the cluster")
  void theExampleRegisters() throws Exception {
    var answer =
        RegisterExample.register(host.node().system(), "/bin/cat")
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);

    assertThat(answer).isInstanceOf(Registration.Registered.class);
    assertThat(InProcess.run("table", "-n", host.url()).out()).contains("billing  warm   2");
    var client = UnderstudyClient.create(host.node().system());
    var gone = client.deregister(new ModuleId("billing")).toCompletableFuture();
    assertThat(gone.get(30, TimeUnit.SECONDS)).isInstanceOf(Registration.Registered.class);
    var refused = client.deregister(new ModuleId("nobody")).toCompletableFuture();
    assertThat(refused.get(30, TimeUnit.SECONDS)).isInstanceOf(Registration.Refused.class);
  }

  private static ModuleSpec sleeping(String name) {
    return ModuleSpec.of(
        new ModuleId(name),
        ReplicationStyle.COLD,
        1,
        List.of(new Copy(new HostId("H1"), Location.parse("/bin/sleep"), List.of("3600"))));
  }

  private static String token(String host) throws Exception {
    return Files.readString(data.resolve(host).resolve("operator.token")).strip();
  }

  @Test
  @DisplayName("[2] a process registers itself at any node, and is adopted where it runs")
  void aProcessRegistersItself() throws Exception {
    var process = new ProcessBuilder("/bin/sleep", "3600").start();
    var own = new OwnProcess(process.toHandle(), token("H2"));
    var management = URI.create(manager.url());

    assertThat(own.register(management, new HostId("H1"), sleeping("own")))
        .isInstanceOf(Registration.Registered.class);
    awaitTable("own     cold   1       H1    /bin/sleep  own1  Primary  yes      " + process.pid());

    var stranger = new OwnProcess(process.toHandle(), "wrong");
    assertThat(stranger.register(management, new HostId("H1"), sleeping("own")))
        .isInstanceOfSatisfying(
            Registration.Refused.class,
            refused -> assertThat(refused.reason()).contains("not the operator token"));
    assertThat(own.register(management, new HostId("H9"), sleeping("own")))
        .isInstanceOfSatisfying(
            Registration.Refused.class,
            refused -> assertThat(refused.reason()).contains("runs on H9, which is not listed"));
    assertThat(own.register(URI.create("http://127.0.0.1:1"), new HostId("H1"), sleeping("own")))
        .isInstanceOf(Registration.Unavailable.class);

    var gone = UnderstudyClient.create(host.node().system()).deregister(new ModuleId("own"));
    gone.toCompletableFuture().get(30, TimeUnit.SECONDS);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  @DisplayName("[2] a process registers itself at its WatchDog, and may speak as its copy")
  void aProcessRegistersItselfAtItsWatchDog() throws Exception {
    var process = new ProcessBuilder("/bin/sleep", "3600").start();
    var own = new OwnProcess(process.toHandle(), token("H1"));
    var api = URI.create("http://127.0.0.1:%d/v1".formatted(API_PORT));

    assertThat(own.registerAtWatchDog(api, sleeping("self")))
        .isInstanceOfSatisfying(
            OwnProcess.Adoption.Adopted.class,
            adopted -> {
              assertThat(adopted.copy()).hasToString("self1");
              assertThatCode(() -> adopted.api().heartbeat()).doesNotThrowAnyException();
            });
    var wrong = new OwnProcess(process.toHandle(), "wrong");
    assertThat(wrong.registerAtWatchDog(api, sleeping("self")))
        .isInstanceOfSatisfying(
            OwnProcess.Adoption.NotAdopted.class,
            not -> assertThat(not.answer()).isInstanceOf(Registration.Refused.class));

    var gone = UnderstudyClient.create(host.node().system()).deregister(new ModuleId("self"));
    gone.toCompletableFuture().get(30, TimeUnit.SECONDS);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitTable(String row) {
    Await.until(
        () -> {
          assertThat(InProcess.run("table", "-n", host.url()).out()).contains(row);
        });
  }
}
