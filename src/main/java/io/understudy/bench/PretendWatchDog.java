package io.understudy.bench;

import io.understudy.manager.ManagerProtocol;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.HostId;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.Heard;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * A host that says it runs whatever it is ordered to run, at once, and repeats it until it is
 * heard.
 */
final class PretendWatchDog extends AbstractBehavior<PretendWatchDog.Message> {
  private static final Duration REPEAT = Duration.ofMillis(500);

  private final HostId host;
  private final String incarnation;
  private final ActorRef<ManagerProtocol.Command> manager;
  private final AtomicLong lastNews;
  private final ActorRef<Command> self;
  private final Map<CopyId, CopyOrder> orders = new HashMap<>();
  private final Map<CopyId, Numbered> unheard = new HashMap<>();

  private long sequence;
  private boolean welcome;
  private boolean dead;

  /** What it is told. */
  sealed interface Message {}

  /** The host falls silent. */
  enum Die implements Message {
    NOW
  }

  private enum Repeat implements Message {
    TICK
  }

  private record Told(Command command) implements Message {}

  /** A report and the sequence number that it was first told with. */
  private record Numbered(long sequence, CopyReport report) {}

  /**
   * A host that registers itself.
   *
   * @param lastNews is set to {@link System#nanoTime} whenever an order says something new
   */
  static Behavior<Message> create(
      HostId host, ActorRef<ManagerProtocol.Command> manager, AtomicLong lastNews) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Repeat.TICK, REPEAT);
                  return new PretendWatchDog(context, host, manager, lastNews);
                }));
  }

  private PretendWatchDog(
      ActorContext<Message> context,
      HostId host,
      ActorRef<ManagerProtocol.Command> manager,
      AtomicLong lastNews) {
    super(context);
    this.host = host;
    this.incarnation = host + "-1";
    this.manager = manager;
    this.lastNews = lastNews;
    this.self = context.messageAdapter(Command.class, Told::new);
    register();
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::handle).build();
  }

  private Behavior<Message> handle(Message message) {
    switch (message) {
      case Die now -> dead = true;
      case Message other when dead -> {}
      case Repeat tick -> repeat();
      case Told(Orders m) -> observe(m.orders());
      case Told(Welcome m) -> welcome = true;
      case Told(Heard m) -> heard(m.sequence());
      case Told(Command m) -> throw new IllegalStateException("%s was told %s".formatted(host, m));
    }
    return this;
  }

  private void repeat() {
    if (!welcome) {
      register();
    }
    if (!unheard.isEmpty()) {
      tell(unheard.values().stream().map(Numbered::report).toList());
    }
  }

  private void heard(long upTo) {
    unheard.values().removeIf(numbered -> numbered.sequence() <= upTo);
  }

  private void register() {
    var pid = ProcessHandle.current().pid();
    var up = new HostUp(host, incarnation, host + ":17355", pid, self);
    manager.tell(new ManagerProtocol.FromWatchDog(up));
  }

  private void observe(List<CopyOrder> told) {
    for (CopyOrder order : told) {
      var known = orders.put(order.copy(), order);
      if (known == null || known.version() < order.version()) {
        lastNews.set(System.nanoTime());
      }
    }
    sequence++;
    var reports = told.stream().map(PretendWatchDog::report).toList();
    reports.forEach(report -> unheard.put(report.copy(), new Numbered(sequence, report)));
    tell(reports);
  }

  private static CopyReport report(CopyOrder order) {
    var seen =
        order.status() == CopyStatus.IDLE
            ? new Seen.Stopped()
            : new Seen.Running(ProcessHandle.current().pid());
    return new CopyReport(order.copy(), order.run(), order.status(), order.epoch(), seen);
  }

  private void tell(List<CopyReport> reports) {
    var observed = new Observed(host, incarnation, sequence, reports, self);
    manager.tell(new ManagerProtocol.FromWatchDog(observed));
  }
}
