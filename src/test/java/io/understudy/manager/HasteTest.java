package io.understudy.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.Await;
import io.understudy.Quiet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import scala.Option;

/** Clusters whose own timers never run. */
class HasteTest {
  private final Quiet quiet = new Quiet("org.apache.pekko");
  private final List<ActorTestKit> nodes =
      Stream.of("manager", "manager", "manager", "watchdog").map(HasteTest::node).toList();

  private static ActorTestKit node(String role) {
    return ActorTestKit.create("understudy", config(role));
  }

  private static Config config(String role) {
    return ConfigFactory.parseMap(
            Map.of(
                "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                "pekko.remote.artery.canonical.port", 0,
                "pekko.cluster.roles", List.of(role),
                "pekko.cluster.gossip-interval", "1h",
                "pekko.cluster.leader-actions-interval", "1h",
                "pekko.cluster.failure-detector.acceptable-heartbeat-pause", "60s",
                "pekko.cluster.run-coordinated-shutdown-when-down", "off",
                // leaving would wait for the ticks
                "pekko.coordinated-shutdown.run-by-actor-system-terminate", "off",
                "pekko.persistence.journal.auto-start-journals", List.of(),
                "pekko.persistence.snapshot-store.auto-start-snapshot-stores", List.of()))
        .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
        .withFallback(ConfigFactory.load());
  }

  @AfterEach
  void end() {
    nodes.forEach(ActorTestKit::shutdownTestKit);
    quiet.close();
  }

  @Test
  @DisplayName("[60] the leader puts a manager's node out => all others are without it")
  void byLeader() {
    together();
    var sorted = sorted();
    putOut(sorted.get(1), sorted.getFirst());
    without(sorted.get(1));
  }

  @Test
  @DisplayName("[60] one who does not lead puts the leader out => all others are without it")
  void theLeader() {
    together();
    var sorted = sorted();
    putOut(sorted.getFirst(), sorted.get(2));
    without(sorted.getFirst());
  }

  /** Joined, with the ticks given by hand. */
  private void together() {
    var first = Cluster.get(nodes.getFirst().system());
    nodes.forEach(
        node -> Cluster.get(node.system()).manager().tell(new Join(first.selfMember().address())));
    Await.until(
        () -> {
          nodes.forEach(HasteTest::tick);
          return nodes.stream().allMatch(node -> up(node).size() == nodes.size());
        });
    nodes.forEach(node -> node.spawn(Haste.create()));
  }

  private static void tick(ActorTestKit node) {
    var cluster = ClusterCore.of(node.system());
    cluster.gossip();
    cluster.act();
  }

  private static Set<Member> up(ActorTestKit node) {
    var up = new HashSet<Member>();
    for (Member member : Cluster.get(node.system()).state().getMembers()) {
      if (member.status().equals(MemberStatus.up())) {
        up.add(member);
      }
    }
    return up;
  }

  /** The managers, the first by address first. */
  private List<ActorTestKit> sorted() {
    return nodes.stream()
        .filter(node -> self(node).hasRole(ManagerSingleton.ROLE))
        .sorted((a, b) -> Member.addressOrdering().compare(self(a).address(), self(b).address()))
        .toList();
  }

  private static Member self(ActorTestKit node) {
    return Cluster.get(node.system()).selfMember();
  }

  private static void putOut(ActorTestKit whom, ActorTestKit by) {
    var member = self(whom);
    var system = (ExtendedActorSystem) Adapter.toClassic(by.system());
    Option<Object> uid = Option.apply(member.uniqueAddress().longUid());
    ((RemoteActorRefProvider) system.provider()).quarantine(member.address(), uid, "it is dead");
    Cluster.get(by.system()).manager().tell(new Down(member.address()));
  }

  private void without(ActorTestKit gone) {
    var left = nodes.stream().filter(node -> node != gone).toList();
    var members = left.stream().map(HasteTest::self).toList();
    Await.until(
        () ->
            left.stream()
                .allMatch(
                    node -> {
                      var state = Cluster.get(node.system()).state();
                      var seen = new HashSet<Member>();
                      state.getMembers().forEach(seen::add);
                      return seen.equals(new HashSet<>(members));
                    }));
    assertThat(members).hasSize(nodes.size() - 1);
  }
}
