package io.understudy.manager;

import java.time.Duration;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.ReachabilityEvent;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * Lets the cluster rest while nothing changes in it: gossip and the leader's actions, which cost a
 * node more than the copies that it watches, run once a second, and several times a second from
 * each change of a member for some seconds.
 */
final class Stir extends AbstractBehavior<Stir.Message> {
  static final Duration STEP = Duration.ofMillis(200);

  /** From the last change to rest; a change that takes longer to be agreed on goes on slowly. */
  static final int STEPS = 25;

  private final TimerScheduler<Message> timers;
  private final ClusterCore cluster;
  private int left;

  /** What it hears. */
  enum Message {
    CHANGED,
    STEP
  }

  /** One for each node. */
  static Behavior<Message> create() {
    return Behaviors.setup(
        context -> {
          var events = Cluster.get(context.getSystem()).subscriptions();
          events.tell(
              Subscribe.create(
                  context.messageAdapter(MemberEvent.class, event -> Message.CHANGED),
                  MemberEvent.class));
          events.tell(
              Subscribe.create(
                  context.messageAdapter(ReachabilityEvent.class, event -> Message.CHANGED),
                  ReachabilityEvent.class));
          return create(ClusterCore.of(context.getSystem()));
        });
  }

  /** One that is told of changes. */
  static Behavior<Message> create(ClusterCore cluster) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Stir(context, timers, cluster)));
  }

  private Stir(ActorContext<Message> context, TimerScheduler<Message> timers, ClusterCore cluster) {
    super(context);
    this.timers = timers;
    this.cluster = cluster;
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Message.CHANGED, this::changed)
        .onMessageEquals(Message.STEP, this::step)
        .build();
  }

  private Behavior<Message> changed() {
    left = STEPS;
    if (!timers.isTimerActive(Message.STEP)) {
      timers.startTimerWithFixedDelay(Message.STEP, STEP);
    }
    return this;
  }

  private Behavior<Message> step() {
    cluster.gossip();
    cluster.act();
    left--;
    if (left <= 0) {
      timers.cancel(Message.STEP);
    }
    return this;
  }
}
