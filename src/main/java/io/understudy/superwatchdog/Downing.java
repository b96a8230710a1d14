package io.understudy.superwatchdog;

import io.understudy.superwatchdog.Resolver.Other;
import io.understudy.superwatchdog.Resolver.Patience;
import io.understudy.superwatchdog.Resolver.Sight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.remote.artery.ThisActorSystemQuarantinedEvent;

/** Carries out what {@link Resolver} decides, on every member of the cluster. */
public final class Downing extends AbstractBehavior<Downing.Command> {
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration STRANGE = Duration.ofSeconds(2);
  private static final Duration PAUSE = LOOK.multipliedBy(4);
  private static final Set<MemberStatus> IN = Set.of(MemberStatus.up(), MemberStatus.weaklyUp());

  private final Cluster cluster;
  private final org.apache.pekko.cluster.Cluster classic;
  private final Hearing hearing;
  private final Expulsion expulsion;
  private Resolver resolver;

  /** What it hears. */
  public sealed interface Command {}

  private enum Tick implements Command {
    LOOK
  }

  /** Another member will not hear this node any more: it has put it out. */
  private record Quarantined(ThisActorSystemQuarantinedEvent event) implements Command {}

  /** A node asks whether it may join through this one. */
  record Asked(ActorRef<Admission.Told> replyTo) implements Command {}

  /** One for each member; it reads {@code understudy.superwatchdog.put-out-after}. */
  public static Behavior<Command> create() {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Tick.LOOK, LOOK);
                  return new Downing(context);
                }));
  }

  private Downing(ActorContext<Command> context) {
    super(context);
    ActorSystem<?> system = context.getSystem();
    cluster = Cluster.get(system);
    classic = org.apache.pekko.cluster.Cluster.get(Adapter.toClassic(system));
    hearing = Hearing.of(system);
    expulsion = new Expulsion(system);
    var missing = system.settings().config().getDuration("understudy.superwatchdog.put-out-after");
    resolver = Resolver.begin(new Patience(missing, STRANGE, PAUSE), System.nanoTime());
    var quarantined =
        context.messageAdapter(ThisActorSystemQuarantinedEvent.class, Quarantined::new);
    Adapter.toClassic(system)
        .eventStream()
        .subscribe(Adapter.toClassic(quarantined), ThisActorSystemQuarantinedEvent.class);
    Admission.open(system, context.getSelf());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Tick.class, tick -> look())
        .onMessage(Quarantined.class, this::quarantined)
        .onMessage(Asked.class, this::asked)
        .build();
  }

  private Behavior<Command> quarantined(Quarantined by) {
    var other = by.event().remoteAddress().address();
    for (Member member : cluster.state().getMembers()) {
      if (member.address().equals(other)) {
        end("%s has put it out of the cluster".formatted(other));
      }
    }
    return this;
  }

  private Behavior<Command> asked(Asked question) {
    question.replyTo().tell(new Admission.Told(standing()));
    return this;
  }

  private Admission.Standing standing() {
    var self = cluster.selfMember();
    if (!IN.contains(self.status())) {
      return Admission.Standing.NO_MEMBER;
    }
    return resolver.admits(sight(self))
        ? Admission.Standing.ADMITS
        : Admission.Standing.OUT_OF_TOUCH;
  }

  private Behavior<Command> look() {
    var self = cluster.selfMember();
    if (!IN.contains(self.status())) {
      return this;
    }
    var sight = sight(self);
    resolver = resolver.look(sight, System.nanoTime());
    for (String node : resolver.out(sight)) {
      getContext().getLog().warn("{} is put out of the cluster: it is out of reach", node);
      expulsion.putOut(node, "it is out of reach");
    }
    resolver.end().ifPresent(this::end);
    return this;
  }

  private void end(String why) {
    getContext().getLog().error("this node ends, and joins again: {}", why);
    cluster.manager().tell(new Down(cluster.selfMember().address()));
  }

  private Sight sight(Member self) {
    var state = cluster.state();
    var managers = new ArrayList<String>();
    SuperWatchDogs.managers(state).forEach(member -> managers.add(SuperWatchDogs.node(member)));
    var others = new HashMap<String, Other>();
    for (Member member : state.getMembers()) {
      if (!member.uniqueAddress().equals(self.uniqueAddress())) {
        var node = SuperWatchDogs.node(member);
        var reached = !state.getUnreachable().contains(member) || reaches(member);
        others.put(node, new Other(reached, hearing.judges(node)));
      }
    }
    var me = SuperWatchDogs.node(self);
    var touch = hearing.touch().orElseGet(() -> byReach(managers, others));
    return new Sight(me, managers, others, touch);
  }

  /** It may be out of reach of others only. */
  private boolean reaches(Member member) {
    var detector = classic.failureDetector();
    return detector.isMonitoring(member.address()) && detector.isAvailable(member.address());
  }

  private static Touch byReach(List<String> managers, Map<String, Other> others) {
    var here = new Other(true, true);
    var reached = managers.stream().filter(node -> others.getOrDefault(node, here).reached());
    return 2 * reached.count() > managers.size() ? Touch.MAJORITY : Touch.NONE;
  }
}
