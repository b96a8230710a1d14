package io.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole clusters in virtual time; {@code deploy/simulate --from SEED --trace} replays one. */
@Execution(ExecutionMode.CONCURRENT)
class SimulationTest {
  private static final int FEW = 300; // and many are ManyClustersTest's

  private static final int THREADS = 2;

  @Test
  @DisplayName("300 clusters, whatever fails: the invariants hold, and everything heals")
  void fewClustersKeepTheInvariants() throws InterruptedException {
    keepTheInvariants(1, FEW);
  }

  static void keepTheInvariants(long from, long to) throws InterruptedException {
    var played = new AtomicLong();
    var failing = new Seeds(Switches.NONE, THREADS).firstFailing(from, to + 1, played);
    if (failing.isPresent()) {
      fail(Report.of(failing.getAsLong(), Switches.NONE).text());
    }
    assertThat(played).hasValue(to - from + 1);
  }

  @ParameterizedTest(name = "seed {0}, which failed once, keeps the invariants")
  @ValueSource(longs = {5005728, 5008377, 6024294, 8005815, 8017673, 8395747})
  void whatFailedOnceFailsNoMore(long seed) throws InterruptedException {
    keepTheInvariants(seed, seed);
  }

  @ParameterizedTest(name = "without the rule {0} some of {2} clusters from {1} break {3}")
  @CsvSource({
    "ADMISSION, 8017673, 1, I5",
    "EPOCHS, 1, 2000, I4",
    "LEASE_WAIT, 1, 2000, I5",
    "MAJORITY, 1, 2000, I5",
    "PERSIST_FIRST, 1, 50, I2"
  })
  void aMissingRuleIsNoticed(Switches.Rule rule, long from, long seeds, String invariant) {
    var without = new Switches(Set.of(rule));
    for (long seed = from; seed < from + seeds; seed++) {
      var failure = Simulation.failure(Scenario.of(seed), without, Optional.empty());
      if (failure.filter(it -> it.getMessage().startsWith(invariant)).isPresent()) {
        return;
      }
    }
    fail("none of %d clusters noticed that %s is missing".formatted(seeds, rule));
  }

  @Test
  void aSeedReplaysExactly() {
    for (long seed = 1; seed <= 20; seed++) {
      assertThat(trace(seed)).isEqualTo(trace(seed));
    }
  }

  @Test
  void theShortestTraceOfAFailureStillFails() {
    var without = new Switches(Set.of(Switches.Rule.PERSIST_FIRST));
    var scenario = Scenario.of(1);
    var shortest = Simulation.shortest(scenario, without);
    assertThat(shortest.faults()).isEmpty();
    assertThat(Simulation.failure(shortest, without, Optional.empty())).isPresent();
  }

  private static List<String> trace(long seed) {
    var lines = new ArrayList<String>();
    Consumer<String> trace = lines::add;
    var unused = Simulation.failure(Scenario.of(seed), Switches.NONE, Optional.of(trace));
    return lines;
  }
}
