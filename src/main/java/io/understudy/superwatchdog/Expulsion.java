package io.understudy.superwatchdog;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.remote.RemoteActorRefProvider;
import scala.Option;

/** Puts dead nodes out of the cluster, so that what they hosted there moves. */
final class Expulsion {
  private final ActorSystem<?> system;
  private final Cluster cluster;

  Expulsion(ActorSystem<?> system) {
    this.system = system;
    this.cluster = Cluster.get(system);
  }

  /** The members at such an address, system@host:port. */
  List<Member> members(Predicate<String> address) {
    var found = new ArrayList<Member>();
    for (Member member : cluster.state().getMembers()) {
      if (address.test(member.address().hostPort())) {
        found.add(member);
      }
    }
    return found;
  }

  /** The member is to leave; it is removed when the failure detector misses it too. */
  void down(Member member) {
    cluster.manager().tell(new Down(member.address()));
  }

  /**
   * The member is to leave at once: a quarantined association makes it unreachable without waiting
   * for the failure detector. The uid keeps a process that was started again at the same address
   * out of it.
   */
  void certainlyDead(Member member) {
    var classic = (ExtendedActorSystem) Adapter.toClassic(system);
    if (classic.provider() instanceof RemoteActorRefProvider provider) {
      Option<Object> uid = Option.apply(member.uniqueAddress().longUid());
      provider.quarantine(member.address(), uid, "its node is dead");
    }
    down(member);
  }
}
