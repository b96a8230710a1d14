package io.understudy.simulation;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** As many as there is time for; {@code -Dunderstudy.cluster-seeds=1000000} plays more. */
@Tag("slow")
class ManyClustersTest {
  private static final long SEEDS = Long.getLong("understudy.cluster-seeds", 20_000);

  @Test
  @DisplayName("20,000 clusters, whatever fails: the invariants hold, and everything heals")
  void keepTheInvariants() throws InterruptedException {
    SimulationTest.keepTheInvariants(1, SEEDS);
  }
}
