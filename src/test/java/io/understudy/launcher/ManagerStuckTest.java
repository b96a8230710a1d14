package io.understudy.launcher;

import static io.understudy.launcher.NodeProcesses.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.launcher.NodeProcesses.Started;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A thread of the ReplicaManager that neither works nor stops, on a real node. */
@Tag("slow")
class ManagerStuckTest {
  private static final String JOURNAL = "jdbc:h2:tcp://127.0.49.9:9092/./understudy";

  @RegisterExtension private final NodeProcesses nodes = new NodeProcesses();

  private Started node(String host, String address) throws IOException {
    return nodes.node(
        host,
        address,
        "--journal",
        JOURNAL,
        "--seeds",
        "127.0.49.1:17355,127.0.49.2:17355",
        "--set",
        "understudy.superwatchdog.manager-timeout=1s",
        "--set",
        "understudy.manager.stop-timeout=500ms");
  }

  @Test
  @DisplayName(
      "[63] the ReplicaManager's thread cannot be stopped: its node ends, the next manages")
  void stuck() throws Exception {
    var data = nodes.folder().resolve("server").toString();
    nodes
        .understudy("checkpoint-server", "--address", "127.0.49.9", "--data", data)
        .awaitSaying("the Checkpoint Server is ready");
    nodes.export("JAVA_TOOL_OPTIONS", Debugged.OPTION);
    var first = node("H1", "127.0.49.1");
    first.awaitSaying("the ReplicaManager on H1 manages");
    var second = node("H2", "127.0.49.2");
    second.awaitSaying("H2 is ready");
    var copy = nodes.copyOn("H1", "127.0.49.1", first);

    try (var jvm = Debugged.attach(first)) {
      await(
          () -> jvm.suspend("understudy.manager.dispatcher") || !first.process().isAlive(), first);
      assertThat(first.exitCode()).isEqualTo(Complaint.REFUSED);
    }
    assertThat(first.said()).contains("the ReplicaManager on H1 hangs and cannot be stopped");
    assertThat(first.said()).doesNotContain("the node does not end by itself");
    await(() -> !copy.isAlive(), first);
    second.awaitSaying("the ReplicaManager on H2 manages");
    second.awaitSaying("HostFailed on H1: its node is dead");
  }
}
