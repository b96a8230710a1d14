package io.understudy.manager;

import io.understudy.superwatchdog.SuperWatchDogs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberDowned;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.ClusterEvent.SeenChanged;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Makes the members of the cluster agree faster that a manager node is out of it, since the
 * singleton does not move before they have.
 *
 * <p>Their gossip goes to members that chance decides, and the leader acts now and then. While a
 * manager node is on its way out, who changes what all are to know tells each of them, and has
 * their answers; then the leader acts. So nobody works for gossip that nobody needs, just when all
 * processors are wanted for what follows. At rest this costs nothing, unlike shorter timers.
 */
final class Haste extends AbstractBehavior<Haste.Message> {
  /** In case a message is lost, or several change something at once. */
  private static final Duration STEP = Duration.ofMillis(50);

  /** From a member that is down to rest: agreement may not come soon. */
  private static final int STEPS_TO_AGREE = 20;

  /** From its removal to rest: the others have to hear of it. */
  private static final int STEPS_TO_SPREAD = 2;

  /** Members that are told by name; in a larger cluster they tell the others by chance. */
  private static final int MOST_TOLD = 20;

  private final TimerScheduler<Message> timers;
  private final ClusterCore cluster;
  private final Cluster members;
  private final Address self;
  private final Set<Address> out = new HashSet<>();
  private boolean seenHereOnly;
  private boolean told;
  private int left;

  /** What it hears. */
  sealed interface Message {}

  private record Saw(MemberEvent event) implements Message {}

  private record Seen(SeenChanged event) implements Message {}

  private enum Tick implements Message {
    STEP
  }

  /** One for each node. */
  static Behavior<Message> create() {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Haste(context, timers)));
  }

  private Haste(ActorContext<Message> context, TimerScheduler<Message> timers) {
    super(context);
    this.timers = timers;
    this.cluster = ClusterCore.of(context.getSystem());
    this.members = Cluster.get(context.getSystem());
    this.self = members.selfMember().address();
    var subscriptions = members.subscriptions();
    subscriptions.tell(
        Subscribe.create(context.messageAdapter(MemberEvent.class, Saw::new), MemberEvent.class));
    subscriptions.tell(
        Subscribe.create(context.messageAdapter(SeenChanged.class, Seen::new), SeenChanged.class));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Saw.class, message -> saw(message.event()))
        .onMessage(Seen.class, message -> seen(message.event()))
        .onMessageEquals(Tick.STEP, this::step)
        .build();
  }

  private Behavior<Message> saw(MemberEvent event) {
    var isOut = event instanceof MemberDowned || event instanceof MemberRemoved;
    if (isOut && event.member().hasRole(ManagerSingleton.ROLE)) {
      out.add(event.member().address());
      left = event instanceof MemberDowned ? STEPS_TO_AGREE : STEPS_TO_SPREAD;
      timers.startTimerWithFixedDelay(Tick.STEP, STEP);
      if (seenHereOnly) {
        tellAll();
      }
    }
    return this;
  }

  /**
   * What nobody else has seen was changed here. Who is told answers that it has seen it, so that
   * this node is the first to know that all have; the leader, should it be another, hears that
   * last.
   */
  private Behavior<Message> seen(SeenChanged seen) {
    seenHereOnly = seen.seenBy().size() == 1 && seen.seenBy().contains(self);
    if (left > 0) {
      if (seenHereOnly && !seen.convergence()) {
        tellAll();
      } else if (seen.convergence()) {
        cluster.act();
        if (told) {
          told = false;
          tellLeader();
        }
      }
    }
    return this;
  }

  private void tellAll() {
    told = true;
    var others = others();
    others.sort(Comparator.comparing(member -> !member.hasRole(ManagerSingleton.ROLE)));
    others.stream().limit(MOST_TOLD).forEach(this::tell);
    if (others.size() > MOST_TOLD) {
      cluster.gossip();
    }
  }

  private void tellLeader() {
    SuperWatchDogs.leader(members.state(), member -> out.contains(member.address()))
        .filter(leader -> !leader.address().equals(self))
        .ifPresent(this::tell);
  }

  private List<Member> others() {
    var others = new ArrayList<Member>();
    for (Member member : members.state().getMembers()) {
      if (!member.address().equals(self) && !out.contains(member.address())) {
        others.add(member);
      }
    }
    return others;
  }

  private Behavior<Message> step() {
    cluster.gossip();
    cluster.act();
    left--;
    if (left <= 0) {
      timers.cancel(Tick.STEP);
      out.clear();
    }
    return this;
  }

  private void tell(Member member) {
    cluster.gossipTo(member.address());
  }
}
