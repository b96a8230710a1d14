package io.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * As many as there is time for; {@code -Dunderstudy.cluster-seeds=1000000} plays more. They take
 * the processors while tests of real processes wait, and give way to those at any other time.
 */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class ManyClustersTest {
  private static final long SEEDS = Long.getLong("understudy.cluster-seeds", 20_000);

  @Test
  @DisplayName("20,000 clusters, whatever fails: the invariants hold, and everything heals")
  void keepTheInvariants() throws IOException, InterruptedException {
    var command = List.of("nice", "-n", "19", "deploy/simulate", "--seeds", Long.toString(SEEDS));
    var simulation = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(simulation.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(said);
    assertThat(simulation.waitFor()).as(said).isZero();
    assertThat(said).contains("%,d seeds from 1 in ".formatted(SEEDS));
  }
}
