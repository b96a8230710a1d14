package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.SuperWatchDogs;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.ClusterSingletonSettings;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Exactly one ReplicaManager in the cluster, on the oldest manager node (patent [0021]). */
public final class ManagerSingleton {
  /** The cluster role of its candidates. */
  public static final String ROLE = "manager";

  private static final Logger LOG = LoggerFactory.getLogger(ManagerSingleton.class);
  private static final String NAME = "ReplicaManager";
  private static final Duration BETWEEN_REHEARSALS = Duration.ofMinutes(5);
  private static final Set<MemberStatus> ALIVE =
      Set.of(
          MemberStatus.joining(),
          MemberStatus.weaklyUp(),
          MemberStatus.up(),
          MemberStatus.leaving(),
          MemberStatus.exiting());

  private ManagerSingleton() {}

  /** Makes this node a candidate, and gives the way to whichever candidate manages. */
  public static ActorRef<Command> candidate(ActorSystem<?> system, ManagerKeeper.Node node) {
    var schema = new Schema(node.journal());
    var rehearsal =
        system.systemActorOf(
            Rehearsal.create(
                node,
                schema,
                BETWEEN_REHEARSALS,
                () -> LOG.debug("{} has rehearsed a take-over", node.host())),
            "rehearsal",
            Props.empty());
    var ring = new SuperWatchDogs(system);
    system.systemActorOf(
        Standby.create(
            gone -> isNext(ring.addresses(), node.host(), gone), Foresight.of(system)::begin),
        "standby",
        Props.empty());
    // Not before, since a node that starts is busy enough.
    org.apache.pekko.cluster.Cluster.get(system)
        .registerOnMemberUp(() -> rehearsal.tell(Rehearsal.Cue.BEGIN));
    return init(system, ManagerKeeper.create(node, schema));
  }

  /**
   * Whether the node of that name manages, and this host is the next to.
   *
   * @param candidates the oldest first
   */
  static boolean isNext(Map<HostId, Address> candidates, HostId self, String node) {
    var byAge = List.copyOf(candidates.entrySet());
    return byAge.size() > 1
        && byAge.get(1).getKey().equals(self)
        && byAge.get(0).getValue().hostPort().endsWith("@" + Incarnation.addressOf(node));
  }

  /** The way to the ReplicaManager from a node that is no candidate. */
  public static ActorRef<Command> proxy(ActorSystem<?> system) {
    return init(system, Behaviors.empty());
  }

  private static ActorRef<Command> init(ActorSystem<?> system, Behavior<Command> behavior) {
    Agreement.begin(system);
    return ClusterSingleton.get(system)
        .init(
            SingletonActor.of(behavior, NAME)
                .withSettings(ClusterSingletonSettings.create(system).withRole(ROLE)));
  }

  /** Whether the cluster holds the node of this name, or any at this host:port, for alive. */
  public static boolean isMember(ActorSystem<?> system, String node) {
    var state = Cluster.get(system).state();
    var unreachable = new HashSet<Member>();
    state.getUnreachable().forEach(unreachable::add);
    for (Member member : state.getMembers()) {
      var name = SuperWatchDogs.node(member);
      if ((name.equals(node) || Incarnation.addressOf(name).equals(node))
          && ALIVE.contains(member.status())
          && !unreachable.contains(member)) {
        return true;
      }
    }
    return false;
  }
}
