package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.Copy;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;

/**
 * A ReplicaManager at work for two hosts that are only played: they register, a module is
 * registered, its primary fails, its backup is promoted, it is deregistered. Then it ends.
 */
final class Play extends AbstractBehavior<Play.Message> {
  private static final HostId FIRST = new HostId("rehearsal-1");
  private static final HostId SECOND = new HostId("rehearsal-2");
  private static final ModuleId MODULE = new ModuleId("rehearsal");
  private static final Location NOWHERE = Location.parse("/rehearsal");
  private static final ModuleSpec SPEC =
      ModuleSpec.of(
          MODULE,
          ReplicationStyle.WARM,
          2,
          List.of(new Copy(FIRST, NOWHERE), new Copy(SECOND, NOWHERE)));
  private static final long PID = 1;
  private static final int SNAPSHOT_EVERY = 5;

  private final ActorRef<WatchDogProtocol.Command> hosts;
  private final ActorRef<ManagerProtocol.Command> manager;
  private final Serialization serialization;
  private long reports;
  private boolean failed;
  private boolean deregistered;

  /** What is said on the stage. */
  sealed interface Message {}

  private record ToKeeper(ManagerProtocol.Command said) implements Message {}

  private record ToHost(WatchDogProtocol.Command said) implements Message {}

  /**
   * A play that begins at once.
   *
   * @param persistenceId its own, of which the journal has nothing yet
   */
  static Behavior<Message> create(ManagerKeeper.Node node, String persistenceId) {
    return Behaviors.setup(context -> new Play(context, node, persistenceId));
  }

  private Play(ActorContext<Message> context, ManagerKeeper.Node node, String persistenceId) {
    super(context);
    hosts = context.messageAdapter(WatchDogProtocol.Command.class, ToHost::new);
    serialization = SerializationExtension.get(Adapter.toClassic(context.getSystem()));
    var around =
        new ReplicaManager.Surroundings(
            node.host(),
            node.clock(),
            address -> true,
            context.getSystem().ignoreRef(),
            context.getSystem().ignoreRef(),
            (module, last) -> {},
            context.messageAdapter(ManagerProtocol.Command.class, ToKeeper::new));
    manager =
        context.spawn(
            ReplicaManager.rehearsed(settings(node), around, persistenceId), "replica-manager");
    context.watch(manager);
  }

  /** With a snapshot on the way. */
  private static ManagerSettings settings(ManagerKeeper.Node node) {
    var own = node.settings();
    return new ManagerSettings(
        own.resendInterval(), own.heartbeatInterval(), SNAPSHOT_EVERY, own.stopTimeout());
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(ToKeeper.class, message -> hear(message.said()))
        .onMessage(ToHost.class, message -> obey(message.said()))
        .onSignal(Terminated.class, end -> Behaviors.stopped())
        .build();
  }

  private Behavior<Message> hear(ManagerProtocol.Command said) {
    if (said instanceof ReplicaManager.Recovered) {
      Stream.of(FIRST, SECOND).forEach(this::register);
      manager.tell(new ManagerProtocol.Register(SPEC, Optional.empty(), nobody()));
    }
    var over = said instanceof ReplicaManager.Answered && deregistered;
    return over ? Behaviors.stopped() : this;
  }

  private void register(HostId host) {
    var pid = ProcessHandle.current().pid();
    say(new WatchDogProtocol.HostUp(host, host.value(), host + ":1", pid, hosts));
  }

  private Behavior<Message> obey(WatchDogProtocol.Command said) {
    carry(said);
    if (said instanceof WatchDogProtocol.Orders(var incarnation, var orders)) {
      var host = new HostId(incarnation);
      report(host, orders.stream().map(Play::done).toList());
      orders.stream()
          .filter(order -> order.status() == CopyStatus.PRIMARY)
          .findFirst()
          .ifPresent(order -> goOn(host, order));
    }
    return this;
  }

  private void goOn(HostId host, CopyOrder primary) {
    if (host.equals(FIRST) && !failed) {
      failed = true;
      report(host, List.of(report(primary, new Seen.Failed(FailureKind.CRASHED, "a rehearsal"))));
    } else if (host.equals(SECOND) && !deregistered) {
      deregistered = true;
      manager.tell(new ManagerProtocol.GetTable(getContext().getSystem().ignoreRef()));
      manager.tell(new ManagerProtocol.Deregister(MODULE, nobody()));
    }
  }

  private void report(HostId host, List<CopyReport> seen) {
    reports++;
    say(new WatchDogProtocol.Observed(host, host.value(), reports, seen, hosts));
  }

  private static CopyReport done(CopyOrder order) {
    var idle = order.status() == CopyStatus.IDLE;
    return report(order, idle ? new Seen.Stopped() : new Seen.Running(PID));
  }

  private static CopyReport report(CopyOrder order, Seen seen) {
    return new CopyReport(order.copy(), order.run(), order.status(), order.epoch(), seen);
  }

  private void say(WatchDogProtocol.ToManager message) {
    var told = new ManagerProtocol.FromWatchDog(message);
    carry(told);
    manager.tell(told);
  }

  /** As if the hosts were elsewhere. */
  private void carry(Object message) {
    var serializer = serialization.findSerializerFor(message);
    var bytes = serialization.serialize(message).get();
    var manifest = Serializers.manifestFor(serializer, message);
    serialization.deserialize(bytes, serializer.identifier(), manifest).get();
  }

  private ActorRef<Reply> nobody() {
    return getContext().getSystem().ignoreRef();
  }
}
