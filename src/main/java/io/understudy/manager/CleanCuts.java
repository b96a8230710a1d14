package io.understudy.manager;

import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.Reachability;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.sbr.DowningStrategy;
import org.apache.pekko.cluster.sbr.KeepMajority;
import scala.Option;
import scala.collection.immutable.Set;

/**
 * Keep-majority of the manager nodes, but only where the cluster is cut in two. Pekko's own puts
 * out any two members that cannot reach each other while others reach both; when every fifth packet
 * is lost, that becomes of a connection on which seven retransmissions were lost, after which the
 * kernel waits for half a minute. Whether such members live the SuperWatchDogs hear better: their
 * heartbeats are datagrams, and none waits for one that was lost.
 */
final class CleanCuts extends DowningStrategy {
  private final KeepMajority majority;

  CleanCuts(String dataCenter, Option<String> role, UniqueAddress self) {
    super(dataCenter, self);
    majority = new KeepMajority(dataCenter, role, self);
  }

  @Override
  public Option<String> role() {
    return majority.role();
  }

  @Override
  public Decision decide() {
    return majority.decide();
  }

  @Override
  public Set<UniqueAddress> nodesToDown(Decision decision) {
    return majority.hasIndirectlyConnected()
        ? scala.collection.immutable.Set$.MODULE$.empty()
        : majority.nodesToDown(decision);
  }

  // What the resolver tells this one, its actor asks for as well.

  @Override
  public void add(Member member) {
    super.add(member);
    majority.add(member);
  }

  @Override
  public void remove(Member member) {
    super.remove(member);
    majority.remove(member);
  }

  @Override
  public void addUnreachable(Member member) {
    super.addUnreachable(member);
    majority.addUnreachable(member);
  }

  @Override
  public void addReachable(Member member) {
    super.addReachable(member);
    majority.addReachable(member);
  }

  @Override
  public void setReachability(Reachability reachability) {
    super.setReachability(reachability);
    majority.setReachability(reachability);
  }

  @Override
  public void setSeenBy(Set<Address> seenBy) {
    super.setSeenBy(seenBy);
    majority.setSeenBy(seenBy);
  }
}
