package io.understudy.superwatchdog;

import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
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

  Expulsion(ActorSystem<?> system) {
    this.system = system;
    this.cluster = Cluster.get(system);
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
    var nodes = new HashSet<String>();
    for (Member member : cluster.state().getMembers()) {
      if (!isPutOut(member)) {
        nodes.add(SuperWatchDogs.node(member));
      }
    }
    return nodes;
  }

  /** The names of all nodes that are members. */
  Set<String> nodes() {
    var nodes = new HashSet<String>();
    for (Member member : cluster.state().getMembers()) {
      nodes.add(SuperWatchDogs.node(member));
    }
    return nodes;
  }
}
