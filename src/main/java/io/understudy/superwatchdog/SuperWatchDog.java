package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.Lives.Life;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetElectors;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetHosts;
import io.understudy.superwatchdog.SuperWatchDogProtocol.GetRing;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HungUp;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.ClusterEvent.MemberDowned;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.jspecify.annotations.Nullable;

/**
 * Hears every WatchDog and every other SuperWatchDog, renews leases, and judges with the others who
 * is dead; while it is the primary it tells the ReplicaManager ([0022] to [0026]).
 *
 * <p>{@link Jury} decides; this carries its messages. A death is repeated with every look until the
 * ReplicaManager no longer believes the host alive, so that none is lost with a manager.
 */
public final class SuperWatchDog extends AbstractBehavior<Command> {
  private final HostId self;
  private final SuperWatchDogSettings settings;
  private final SuperWatchDogs others;
  private final LongSupplier clock;
  private final BiPredicate<Set<String>, String> isMember;
  private final Surroundings.Voice voice;
  private final Executor blocking;
  private final Expulsion expulsion;
  private final Rhythms rhythms;
  private final Hearing hearing;
  private final Memory memory;
  private final Doors doors;
  private final ManagerLine manager;
  private final Judged judged;
  private final Looks looks;

  private Jury jury;
  private Set<String> members;
  private RingBeat said;
  private boolean toldAlone;

  /** A datagram arrived. */
  record Heard(PulseMessage message, SocketAddress from) implements Command {}

  /** A node's lifeline opened, or its last one closed. */
  record Lifeline(String node, boolean open) implements Command {}

  private record ClusterSaw(MemberEvent event) implements Command {}

  private record Knocked(String node, boolean refused) implements Command {}

  private enum Tick implements Command {
    LOOK,
    REPORT
  }

  /**
   * One for each manager node, to be spawned as {@link SuperWatchDogs#NAME}.
   *
   * @param at where it listens for pulses
   * @param seal the same on every node of the cluster
   * @param clock monotonic, in nanoseconds
   */
  public static Behavior<Command> create(
      HostId self,
      InetSocketAddress at,
      Seal seal,
      SuperWatchDogSettings settings,
      LongSupplier clock) {
    return create(
        self,
        settings,
        new Surroundings(clock, ear -> PulseVoice.open(at, seal, ear), Set::contains));
  }

  /**
   * One whose hosts are pretended, and so members of no cluster: all of them are taken for such.
   */
  public static Behavior<Command> ofPretended(
      HostId self, InetSocketAddress at, SuperWatchDogSettings settings) {
    return create(
        self,
        settings,
        new Surroundings(
            System::nanoTime, ear -> PulseVoice.open(at, Seal.NONE, ear), (members, node) -> true));
  }

  /** What outlives a SuperWatchDog that fails: how many there ever were. */
  private static final class Memory {
    int most;
  }

  static Behavior<Command> create(
      HostId self, SuperWatchDogSettings settings, Surroundings around) {
    var memory = new Memory();
    memory.most = settings.several() ? 2 : 1;
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new SuperWatchDog(context, timers, self, settings, around, memory)));
  }

  private SuperWatchDog(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HostId self,
      SuperWatchDogSettings settings,
      Surroundings around,
      Memory memory) {
    super(context);
    this.memory = memory;
    this.clock = around.clock();
    context.setLoggerName(SuperWatchDog.class);
    var system = context.getSystem();
    var cluster = Cluster.get(system);
    var now = this.clock.getAsLong();
    this.self = self;
    this.settings = settings;
    this.doors = new Doors(this::knockAt);
    this.manager =
        new ManagerLine(
            settings,
            doors::hasLifeline,
            (whose, after) -> timers.startSingleTimer(whose, Tick.REPORT, after));
    this.isMember = around.isMember();
    this.others = new SuperWatchDogs(system);
    this.looks =
        new Looks(settings.interval(), after -> timers.startSingleTimer(Tick.LOOK, after), now);
    this.expulsion = new Expulsion(system);
    this.judged = new Judged(others, expulsion, context.getLog());
    this.rhythms = new Rhythms(settings.beats(), this.clock);
    this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    var node = SuperWatchDogs.node(cluster.selfMember());
    var seat = Seat.of(self, node, System.nanoTime(), memory.most);
    this.jury = Jury.begin(seat, settings.terms(), now);
    this.hearing = Hearing.of(system);
    this.members = expulsion.members();
    this.said = jury.beat();
    this.voice = around.opening().open(context.getSelf());
    var adapter = context.messageAdapter(MemberEvent.class, ClusterSaw::new);
    cluster.subscriptions().tell(Subscribe.create(adapter, MemberEvent.class));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Command.class, this::handle)
        .onSignal(PostStop.class, stop -> close())
        .onSignal(PreRestart.class, restart -> close())
        .build();
  }

  private Behavior<Command> close() {
    voice.close();
    return this;
  }

  private Behavior<Command> handle(Command command) {
    var now = clock.getAsLong();
    switch (command) {
      case Heard(PulseMessage.Beat beat, var from) -> heard(beat, from, now);
      case Heard(PulseMessage.Ringing(var beat), var from) -> heard(beat, now);
      case Heard(PulseMessage.Granted granted, var from) -> {} // for WatchDogs, not for us
      case Heard(PulseMessage.Noted noted, var from) -> {} // nor is this
      case Heard(PulseMessage.Ended(var node), var from) -> ended(node, now);
      case Heard(PulseMessage.LastWord(var node), var from) -> buried(node, now);
      case Lifeline(var node, var open) -> lifeline(node, open);
      case FromManager m -> hearManager(m, now);
      case ClusterSaw(var event) -> saw(event);
      case Knocked m -> knocked(m, now);
      case Tick.LOOK -> look(now);
      case Tick.REPORT -> manager.report(jury, now);
      case GetRing m -> m.replyTo().tell(shown(now).ring(self, ring()));
      case GetHosts m -> m.replyTo().tell(shown(now).hosts(manager.expected()));
      case GetElectors m -> m.replyTo().tell(shown(now).electors());
      default -> throw new IllegalArgumentException("not a command: " + command);
    }
    judge(now);
    return this;
  }

  /** A WatchDog's heartbeat, which asks for its lease to be renewed. */
  private void heard(PulseMessage.Beat beat, SocketAddress from, long now) {
    var incarnation = beat.incarnation();
    if (!isMember(incarnation)) {
      note(beat, false, from);
      return;
    }
    jury = jury.heard(incarnation, beat.answered(), now);
    if (jury.hears(incarnation, now)) {
      rhythms.heard(incarnation);
    }
    if (jury.mayGrant(incarnation, now)) {
      jury = jury.granted(incarnation, now);
      var lease = settings.terms().lease();
      var grant = jury.grant(beat.askedAt());
      voice.tell(new PulseMessage.Granted(self, incarnation, grant, lease), from);
    } else {
      note(beat, true, from);
    }
  }

  private boolean isMember(String incarnation) {
    return isMember.test(members, Incarnation.nodeOf(incarnation));
  }

  /** Heard, though without a lease; one that was put out, and has not heard of it, hears so now. */
  private void note(PulseMessage.Beat beat, boolean member, SocketAddress to) {
    var answer = new HostLease.Answer(beat.askedAt(), member);
    voice.tell(new PulseMessage.Noted(self, beat.incarnation(), answer), to);
  }

  private void heard(RingBeat beat, long now) {
    jury = jury.heard(beat, now);
    rhythms.heard(beat.node());
    if (!beat.votes().isEmpty() || jury.isMissedBy(beat)) {
      looks.stir();
    }
    beat.votes()
        .forEach(
            (subject, vote) -> {
              if (vote.isCertain() && jury.concerns(subject)) {
                knock(subject);
              }
            });
  }

  private void lifeline(String node, boolean open) {
    looks.stir();
    if (doors.lifeline(node, open)) {
      manager.closed(node, clock.getAsLong());
      if (jury.death(node).isEmpty()) {
        hungUp(node);
        knock(node);
      }
    }
  }

  private void hungUp(String node) {
    Steps.take(Steps.Step.HEARD, node);
    getContext().getSystem().eventStream().tell(new EventStream.Publish<>(new HungUp(node)));
  }

  /** Its guard has seen more than a closing lifeline shows, and nobody needs to knock. */
  private void ended(String node, long now) {
    if (doors.ended(node)) {
      hungUp(node);
      Steps.take(Steps.Step.PROVED, node);
      jury = jury.proved(node, "its node is dead: its guard saw all its threads end", now);
    }
  }

  private void buried(String node, long now) {
    if (manager.buried(node, jury.lives().bySubject().keySet())) {
      Steps.take(Steps.Step.BURIED, node);
      manager.report(jury, now);
    }
  }

  private Shown shown(long now) {
    return new Shown(jury, settings.terms(), rhythms::suspects, now);
  }

  private Ring ring() {
    return new Ring(new ArrayList<>(others.byAge().keySet()));
  }

  private void hearManager(FromManager heartbeat, long now) {
    if (manager.heard(heartbeat, now)) {
      for (String incarnation : manager.expected().values()) {
        jury = jury.expect(incarnation, now);
      }
    }
    manager.report(jury, now);
  }

  /**
   * The cluster's own view of a member. One that it put out may still live and hold a lease; one
   * that left had stopped its copies before.
   */
  private void saw(MemberEvent event) {
    looks.stir();
    members = expulsion.members();
    var node = SuperWatchDogs.node(event.member());
    switch (event) {
      case MemberDowned down -> {
        Steps.take(Steps.Step.DOWN, node);
        jury = jury.putOut(node);
      }
      case MemberRemoved gone when gone.previousStatus().equals(MemberStatus.exiting()) ->
          jury = jury.departed(node, "its node left the cluster");
      case MemberRemoved gone -> {
        Steps.take(Steps.Step.REMOVED, node);
        jury = jury.putOut(node);
      }
      default -> {} // joining and leaving nodes have nothing to recover
    }
  }

  private void look(long now) {
    looks
        .begin(now)
        .ifPresent(
            pause -> {
              jury = jury.paused(pause, now);
              rhythms.paused();
              manager.paused(now);
            });
    members = expulsion.members();
    var ring = ring();
    jury = jury.electors(others.nodes(), now).look(now, rhythms::suspects);
    memory.most = jury.me().most();
    hearing.judge(new Hearing.Judge(jury.judged(), jury.hearsMajority(now), System.nanoTime()));
    say();
    knockAtTheSilent(now);
    forget(ring);
    judged.putOut(jury, now);
    speak(now);
    if (ring.isPrimary(self)) {
      manager.report(jury, now);
      manager.watch(now);
    } else {
      manager.retire(now);
    }
    looks.end(jury.isQuiet(settings.knockAfter(), now));
  }

  private void say() {
    if (jury.me().most() == 1 && members.contains(jury.me().node()) && !toldAlone) {
      toldAlone = true;
      getContext()
          .getLog()
          .warn(
              "{} is the only manager node: there is no majority to lose, so that leases are off,"
                  + " and a host that is only cut off may keep a primary which is started elsewhere"
                  + " too; three manager nodes prevent that",
              self);
    }
  }

  private void speak(long now) {
    jury = jury.spoken(now);
    said = jury.beat();
    var message = new PulseMessage.Ringing(said);
    others
        .pulses()
        .forEach(
            (host, at) -> {
              if (!host.equals(self)) {
                voice.tell(message, at);
              }
            });
  }

  /** What follows from a vote or a verdict does not wait for the next look. */
  private void judge(long now) {
    if (jury.hasNews(said)) {
      speak(now);
    }
    if (judged.learn(jury, now)) {
      judged.putOut(jury, now);
      manager.report(jury, now);
    }
  }

  private void knockAtTheSilent(long now) {
    jury.lives()
        .bySubject()
        .forEach(
            (subject, life) -> {
              var silent = now - life.heardAt();
              if (silent >= settings.knockAfter().toNanos() && jury.death(subject).isEmpty()) {
                knock(Incarnation.nodeOf(subject));
              }
            });
  }

  /** A node that has hung up, or is silent, and refuses connections is certainly dead. */
  private void knock(String node) {
    if (jury.death(node).isEmpty()) {
      doors.knock(node);
    }
  }

  private void knockAt(String node) {
    getContext()
        .pipeToSelf(
            Knock.refused(Incarnation.addressOf(node), blocking),
            (refused, failure) -> new Knocked(node, failure == null && refused));
  }

  private void knocked(Knocked answer, long now) {
    var node = answer.node();
    if (doors.answered(node, answer.refused())) {
      var reason =
          "its node is dead: %s refuses connections".formatted(Incarnation.addressOf(node));
      Steps.take(Steps.Step.PROVED, node);
      manager.proved(node, now);
      jury = jury.proved(node, reason, now);
    }
  }

  /**
   * Whoever is neither a member, nor expected, nor was heard of late needs no memory, unless the
   * primary, whose ReplicaManager expects more than the others know of, asks for votes.
   */
  private void forget(Ring ring) {
    var primary = ring.primary().filter(host -> !host.equals(self));
    var now = clock.getAsLong();
    var nodes = expulsion.nodes();
    var wanted = manager.wanted();
    var late = settings.terms().waitNanos() * 10;
    jury =
        jury.keeping(
            subject ->
                nodes.contains(Incarnation.nodeOf(subject))
                    || wanted.contains(subject)
                    || primary.filter(host -> jury.peers().accuses(host, subject)).isPresent()
                    || isRecent(subject, now - late));
    judged.keep(jury);
    var known = jury.lives().bySubject().keySet();
    rhythms.keep(known);
    manager.keep(known);
  }

  private boolean isRecent(String subject, long since) {
    @Nullable Life life = jury.lives().of(subject);
    return life != null && life.heardAt() - since > 0;
  }
}
