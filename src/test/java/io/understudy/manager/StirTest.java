package io.understudy.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.cluster.InternalClusterAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StirTest {
  private final ActorTestKit kit = ActorTestKit.create("StirTest", ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<Object> cluster = kit.createTestProbe();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private void expectStep() {
    time.timePasses(Stir.STEP);
    assertThat(List.of(cluster.receiveMessage(), cluster.receiveMessage()))
        .containsExactly(
            InternalClusterAction.GossipTick$.MODULE$,
            InternalClusterAction.LeaderActionsTick$.MODULE$);
  }

  @Test
  @DisplayName("a member changes => the cluster is stirred, for a while; then it rests")
  void stirs() {
    var stir = kit.spawn(Stir.create(new ClusterCore(cluster.getRef()::tell)));
    time.expectNoMessageFor(Duration.ofMinutes(1), cluster);
    stir.tell(Stir.Message.CHANGED);
    cluster.expectNoMessage(Duration.ofMillis(50)); // so that it is heard before time passes
    for (int step = 0; step < Stir.STEPS; step++) {
      expectStep();
    }
    time.expectNoMessageFor(Duration.ofMinutes(1), cluster);
    stir.tell(Stir.Message.CHANGED);
    cluster.expectNoMessage(Duration.ofMillis(50));
    expectStep();
  }
}
