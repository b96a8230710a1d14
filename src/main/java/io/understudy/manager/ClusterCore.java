package io.understudy.manager;

import java.util.function.Consumer;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.InternalClusterAction;

/**
 * Pekko's actor that keeps the membership of a node: it can be told to do at once what it does by
 * timers of its own.
 */
record ClusterCore(Consumer<Object> tell) {
  static ClusterCore of(ActorSystem<?> system) {
    var daemon = Adapter.toClassic(system).actorSelection("/system/cluster/core/daemon");
    return new ClusterCore(action -> daemon.tell(action, ActorRef.noSender()));
  }

  /** Tells a member that chance decides what it knows. */
  void gossip() {
    tell.accept(InternalClusterAction.GossipTick$.MODULE$);
  }

  /** Tells this member what it knows. */
  void gossipTo(Address member) {
    tell.accept(new InternalClusterAction.SendGossipTo(member));
  }

  /** Does what is the leader's, if it leads. */
  void act() {
    tell.accept(InternalClusterAction.LeaderActionsTick$.MODULE$);
  }
}
