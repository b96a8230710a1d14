package io.understudy.simulation;

import io.understudy.manager.Outbox;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.Vote;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ReplicaManager: the real table and {@link Outbox}, persist, then order. */
final class ManagerSide {
  private static final Duration RESEND = Duration.ofMillis(300);
  private static final Duration HEARTBEAT = Duration.ofMillis(200);
  private static final Duration AGAIN = Duration.ofMillis(200);
  private static final Duration DUE = Duration.ofMillis(100);
  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private final Node node;
  private final Cluster cluster;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private ReplicationTable table = ReplicationTable.EMPTY;
  private Outbox outbox = new Outbox();
  private boolean ready;
  private boolean persisting;
  private int generation;

  ManagerSide(Node node) {
    this.node = node;
    this.cluster = node.cluster;
    cluster.say(() -> node.name + " manages");
    begin();
  }

  boolean isReady() {
    return ready;
  }

  ReplicationTable table() {
    return table;
  }

  /** It ends, or begins anew; what was under way is not for it any more. */
  void end() {
    generation++;
    ready = false;
    persisting = false;
    waiting.clear();
  }

  private Runnable unlessOver(Runnable what) {
    var then = generation;
    return () -> {
      if (then == generation) {
        what.run();
      }
    };
  }

  private void every(Duration interval, Runnable what) {
    node.after(
        interval,
        unlessOver(
            () -> {
              what.run();
              every(interval, what);
            }));
  }

  void begin() {
    end();
    var then = generation;
    cluster.books.read(
        node,
        durable -> {
          if (then == generation) {
            recovered(durable);
          }
        },
        unlessOver(this::failed));
  }

  private void failed() {
    end();
    node.after(AGAIN, unlessOver(this::begin));
  }

  private void recovered(ReplicationTable durable) {
    table = durable;
    outbox = new Outbox();
    ready = true;
    table.modules().values().forEach(row -> outbox.changed(table, row));
    send(outbox.unanswered());
    every(RESEND, () -> send(outbox.unanswered()));
    every(HEARTBEAT, this::heartbeat);
    every(DUE, this::due);
    heartbeat();
  }

  private Instant now() {
    return BEGINNING.plusNanos((long) (cluster.agenda.now() * node.machine.clock.rate()));
  }

  /** One change at a time: what comes while the journal writes waits for it. */
  private void handle(Runnable what) {
    if (!ready) {
      return;
    }
    if (persisting) {
      waiting.add(what);
    } else {
      what.run();
    }
  }

  private void change(Change change, Runnable then) {
    persist(table.decide(change, now()).eventList(), then);
  }

  private void persist(List<TableEvent> events, Runnable then) {
    if (events.isEmpty()) {
      then.run();
      return;
    }
    var before = table;
    Runnable follow =
        () -> {
          table = before.evolve(events);
          follow(before, events);
          then.run();
        };
    var first = cluster.switches.holds(Switches.Rule.PERSIST_FIRST);
    if (!first) {
      follow.run();
    }
    persisting = true;
    Runnable done = first ? () -> durable(follow) : () -> durable(() -> {});
    cluster.books.append(
        node, before.version(), events, unlessOver(done), unlessOver(this::failed));
  }

  private void durable(Runnable follow) {
    persisting = false;
    follow.run();
    while (!persisting && !waiting.isEmpty()) {
      waiting.remove().run();
    }
  }

  private void follow(ReplicationTable before, List<TableEvent> events) {
    for (TableEvent event : events) {
      if (event instanceof TableEvent.OfHostLife ofHost) {
        outbox.forget(ofHost.host());
      }
    }
    var news = new HashMap<HostId, List<CopyOrder>>();
    for (ModuleId module : before.touched(events)) {
      table
          .module(module)
          .ifPresentOrElse(
              row ->
                  outbox
                      .changed(table, row)
                      .forEach(
                          (host, orders) ->
                              news.computeIfAbsent(host, h -> new ArrayList<>()).addAll(orders)),
              () -> outbox.removed(module));
    }
    send(news);
  }

  private void send(Map<HostId, List<CopyOrder>> orders) {
    orders.forEach(
        (host, ofHost) -> table.host(host).filter(HostRow::up).ifPresent(row -> send(row, ofHost)));
  }

  private void send(HostRow row, List<CopyOrder> orders) {
    orders.forEach(cluster.books::orderLeaves);
    node.send(
        cluster.machineOf(row.host()),
        there -> there.host().ifPresent(host -> host.orders(row.incarnation(), orders)));
  }

  private void heartbeat() {
    node.judge().ifPresent(judge -> judge.expect(table.incarnations()));
  }

  private void due() {
    for (ModuleId module : table.modules().keySet()) {
      handle(
          () -> {
            if (table.due(module, now()).filter(at -> !at.isAfter(now())).isPresent()) {
              change(new Change.TimePassed(module), () -> {});
            }
          });
    }
  }

  /** A client asks for it again and again until it is so. */
  void register(ModuleSpec spec) {
    handle(() -> change(new Change.Register(spec, Optional.empty()), () -> {}));
  }

  void deregister(ModuleId module) {
    handle(() -> change(new Change.Deregister(module), () -> {}));
  }

  /** What an operator asked for. */
  void move(Change change) {
    handle(() -> change(change, () -> {}));
  }

  /** Whether processes may outlive this host's node by moments: none runs that is not durable. */
  boolean mayLeaveProcesses(HostId host) {
    return table.modules().values().stream()
        .flatMap(ModuleRow::mayLeaveProcesses)
        .anyMatch(host::equals);
  }

  void dead(HostId host, String incarnation, Vote death) {
    handle(
        () ->
            change(
                new Change.HostFailed(host, incarnation, death.certainty(), death.reason()),
                () -> {}));
  }

  void hostUp(HostRow row) {
    handle(
        () -> {
          var known = table.host(row.host());
          var same = known.filter(it -> it.incarnation().equals(row.incarnation()));
          if (same.isPresent()) {
            answer(same.get());
          } else {
            change(new Change.HostUp(row), () -> welcome(row));
          }
        });
  }

  private void answer(HostRow row) {
    if (row.up()) {
      welcome(row);
      var orders = outbox.unanswered(row.host());
      if (!orders.isEmpty()) {
        send(row, orders);
      }
    } else {
      declaredDead(row.host(), row.incarnation());
    }
  }

  private void welcome(HostRow row) {
    tell(row.host(), host -> host.welcome(row.incarnation()));
  }

  private void declaredDead(HostId host, String incarnation) {
    tell(host, it -> it.declaredDead(incarnation));
  }

  private void tell(HostId host, java.util.function.Consumer<HostSide> message) {
    node.send(cluster.machineOf(host), there -> there.host().ifPresent(message));
  }

  void observed(HostId host, String incarnation, long sequence, List<CopyReport> reports) {
    handle(() -> hear(host, incarnation, sequence, reports));
  }

  private void hear(HostId host, String incarnation, long sequence, List<CopyReport> reports) {
    var known = table.host(host);
    if (known.isEmpty()) {
      return;
    }
    if (!known.get().up() || !known.get().incarnation().equals(incarnation)) {
      declaredDead(host, incarnation);
      return;
    }
    var events = new ArrayList<TableEvent>();
    var next = table;
    for (var report : reports) {
      outbox.reported(host, report);
      var more = next.decide(new Change.Reported(host, incarnation, report), now()).eventList();
      events.addAll(more);
      next = next.evolve(more);
    }
    persist(events, () -> tell(host, it -> it.heard(incarnation, sequence)));
  }
}
