package io.understudy.superwatchdog;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.remote.RemoteActorRefProvider;
import scala.Option;

/** Puts nodes out of the cluster, so that what they hosted there moves. */
final class Expulsion {
  private final ActorSystem<?> system;
  private final Cluster cluster;
  private final Supplier<Set<String>> members;
  private final Supplier<Set<String>> nodes;

  Expulsion(ActorSystem<?> system) {
    this.system = system;
    this.cluster = Cluster.get(system);
    members = new Derived<>(cluster::state, state -> named(state, member -> !isPutOut(member)));
    nodes = new Derived<>(cluster::state, state -> named(state, member -> true));
  }

  /**
   * Puts a node out, if it is still a member. A quarantined association makes it unreachable
   * without waiting for the failure detector, so that the leader removes it at once. Its name holds
   * the uid of the process, which keeps one that was started again at the same address out of it.
   * Its own node has no association with itself: that it is down is all there is to say.
   */
  void putOut(String node, String reason) {
    for (Member member : cluster.state().getMembers()) {
      if (SuperWatchDogs.node(member).equals(node) && !isPutOut(member)) {
        putOut(member, reason);
      }
    }
  }

  private static boolean isPutOut(Member member) {
    return member.status().equals(MemberStatus.down());
  }

  private void putOut(Member member, String reason) {
    var classic = (ExtendedActorSystem) Adapter.toClassic(system);
    var isOwn = member.uniqueAddress().equals(cluster.selfMember().uniqueAddress());
    if (!isOwn && classic.provider() instanceof RemoteActorRefProvider provider) {
      Option<Object> uid = Option.apply(member.uniqueAddress().longUid());
      provider.quarantine(member.address(), uid, reason);
    }
    cluster.manager().tell(new Down(member.address()));
  }

  /** The names of all members that nobody has put out. */
  Set<String> members() {
    return members.get();
  }

  /** The names of all nodes that are members. */
  Set<String> nodes() {
    return nodes.get();
  }

  private static Set<String> named(CurrentClusterState state, Predicate<Member> which) {
    var nodes = new HashSet<String>();
    for (Member member : state.getMembers()) {
      if (which.test(member)) {
        nodes.add(SuperWatchDogs.node(member));
      }
    }
    return Set.copyOf(nodes);
  }
}
