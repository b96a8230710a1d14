package io.understudy.manager;

import java.time.Duration;
import java.util.stream.Stream;
import org.apache.pekko.actor.ActorSelection;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberDowned;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.InternalClusterAction;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Makes the members of the cluster agree faster that a manager node is out of it, since the
 * singleton does not move before they have.
 *
 * <p>Their gossip and the leader's actions run by timers of their own; while a member is on its way
 * out they run every few milliseconds. At rest this costs nothing, unlike shorter timers.
 */
final class Haste extends AbstractBehavior<Haste.Message> {
  private static final Duration STEP = Duration.ofMillis(10);

  /** From a member that is down to rest: agreement may not come soon. */
  private static final int STEPS_TO_AGREE = 50;

  /**
   * From its removal to rest: the others have to hear of it, and a new manager has enough to do.
   */
  private static final int STEPS_TO_SPREAD = 5;

  /** Members that hear news before the first step; which ones, chance decides. */
  private static final int TOLD_AT_ONCE = 3;

  private final TimerScheduler<Message> timers;
  private final ActorSelection cluster;
  private int left;

  /** What it hears. */
  sealed interface Message {}

  private record Saw(MemberEvent event) implements Message {}

  private enum Tick implements Message {
    STEP
  }

  private static final Id ID = new Id();

  /** Begins on this node, unless it has. */
  static void begin(ActorSystem<?> system) {
    ID.apply(system);
  }

  /** One for each actor system. */
  private record Begun(ActorRef<Message> actor) implements Extension {}

  private static final class Id extends ExtensionId<Begun> {
    @Override
    public Begun createExtension(ActorSystem<?> system) {
      return new Begun(system.systemActorOf(create(), "haste", Props.empty()));
    }
  }

  private static Behavior<Message> create() {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Haste(context, timers)));
  }

  private Haste(ActorContext<Message> context, TimerScheduler<Message> timers) {
    super(context);
    this.timers = timers;
    this.cluster =
        Adapter.toClassic(context.getSystem()).actorSelection("/system/cluster/core/daemon");
    Cluster.get(context.getSystem())
        .subscriptions()
        .tell(
            Subscribe.create(
                context.messageAdapter(MemberEvent.class, Saw::new), MemberEvent.class));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Saw.class, message -> saw(message.event()))
        .onMessageEquals(Tick.STEP, this::step)
        .build();
  }

  private Behavior<Message> saw(MemberEvent event) {
    var isOut = event instanceof MemberDowned || event instanceof MemberRemoved;
    if (isOut && event.member().hasRole(ManagerSingleton.ROLE)) {
      left = event instanceof MemberDowned ? STEPS_TO_AGREE : STEPS_TO_SPREAD;
      Stream.generate(() -> InternalClusterAction.GossipTick$.MODULE$)
          .limit(TOLD_AT_ONCE)
          .forEach(this::tell);
      step();
      timers.startTimerWithFixedDelay(Tick.STEP, STEP);
    }
    return this;
  }

  private Behavior<Message> step() {
    tell(InternalClusterAction.GossipTick$.MODULE$);
    tell(InternalClusterAction.LeaderActionsTick$.MODULE$);
    left--;
    if (left <= 0) {
      timers.cancel(Tick.STEP);
    }
    return this;
  }

  private void tell(Object tick) {
    cluster.tell(tick, org.apache.pekko.actor.ActorRef.noSender());
  }
}
