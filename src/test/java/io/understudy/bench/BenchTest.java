package io.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What deploy/bench says, not how fast this machine is today. */
@Tag("slow")
class BenchTest {
  @TempDir Path folder;

  /** Runs the script, and gives the numbers of values by measurement; all must be positive. */
  private Map<String, Integer> bench(String... arguments) throws Exception {
    var json = folder.resolve("figures.json");
    var out = folder.resolve("out.txt");
    var command = new ArrayList<>(List.of("deploy/bench"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--json", json.toString(), "--data", folder.resolve("data").toString()));
    var status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start()
            .waitFor();
    assertThat(status).as(Files.readString(out)).isZero();

    var counts = new TreeMap<String, Integer>();
    for (JsonNode measured : new ObjectMapper().readTree(json.toFile()).get("measurements")) {
      var id = measured.get("id").asText();
      assertThat(Files.readString(out)).contains(measured.get("what").asText());
      assertThat(measured.get("min").asDouble()).as(id).isNotNegative();
      assertThat(measured.get("median").asDouble())
          .as(id)
          .isBetween(measured.get("min").asDouble(), measured.get("p99").asDouble());
      if (measured.has("values")) {
        assertThat(measured.get("values").size()).as(id).isEqualTo(measured.get("n").asInt());
      }
      counts.put(id, measured.get("n").asInt());
    }
    return counts;
  }

  @Test
  void failoverMeasuresEveryKindOfFailureAndLeavesNothingBehind() throws Exception {
    var counts =
        bench(
            "failover",
            "--trials",
            "2",
            "--node-trials",
            "1",
            "--warm-ups",
            "1",
            "--node-warm-ups",
            "0",
            "--network",
            "127.31.7");

    assertThat(counts)
        .containsEntry("restart", 2)
        .containsEntry("promotion", 2)
        .containsEntry("promotion.told", 2)
        .containsEntry("hang", 2)
        .containsEntry("node", NodeTrials.MODULES)
        .containsEntry("silent", NodeTrials.MODULES)
        .containsKeys("silent.reported", "silent.decided", "silent.ordered")
        .containsEntry("manager", 1)
        .containsKey("commit");
    // The guard of a killed JVM says its last word several times, and only then ends.
    var unused =
        Until.seen(
            "the end of all processes of the cluster",
            Duration.ofSeconds(60),
            Duration.ofMillis(50),
            () -> Optional.of(folder).filter(it -> !isUsed(it)));
  }

  private static boolean isUsed(Path folder) {
    return ProcessHandle.allProcesses()
        .anyMatch(it -> it.info().commandLine().orElse("").contains(folder.toString()));
  }

  @Test
  void scaleMeasuresWhatALargeTableTakes() throws Exception {
    assertThat(bench("scale", "--modules", "200"))
        .containsEntry("register", 200)
        .containsKeys("register.protected", "persist", "table", "restart", "host", "host.events")
        .containsKeys("host.ordered", "host.protected", "recover", "events");
  }

  @Test
  void modulesMeasuresUntilAllAreProtectedAndUntilAllThatWasLostIsReplaced() throws Exception {
    assertThat(
            bench(
                "modules",
                "--modules",
                "20",
                "--hosts",
                "3",
                "--degree",
                "2",
                "--settle",
                "0",
                "--network",
                "127.31.9"))
        .containsKeys("modules.registered", "modules.protected", "modules.protected.events")
        .containsKeys("modules.lost", "modules.promoted", "modules.refilled", "modules.lost.events")
        .containsKeys("modules.protected.cpu.N1", "modules.lost.cpu.N1");
  }

  @Test
  void stateMeasuresUpdatesGapsAndACopyThatJoins() throws Exception {
    assertThat(
            bench(
                "state",
                "--only",
                "sync,crash,join",
                "--seconds",
                "1",
                "--bytes",
                "100",
                "--in-flight",
                "64",
                "--modules",
                "1,3",
                "--styles",
                "hot",
                "--trials",
                "1",
                "--warm-up",
                "2",
                "--warm-ups",
                "1",
                "--mebibytes",
                "8",
                "--network",
                "127.31.8"))
        .containsKeys("sync.1.64.100", "sync.1.64.100.latency", "sync.1.64.100.work")
        .containsKeys("sync.3.1.100", "sync.3.1.100.client")
        .containsKeys("gap.hot.calm", "gap.hot.crash", "gap.hot.unanswered")
        .containsKeys("join", "join.from", "join.to", "join.gap");
  }
}
