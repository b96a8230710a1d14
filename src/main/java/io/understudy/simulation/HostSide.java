package io.understudy.simulation;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.Incarnation;
import io.understudy.table.HostRow;
import io.understudy.watchdog.CopyState.Effect;
import io.understudy.watchdog.HostCopies;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A WatchDog and its copies: the real {@link HostCopies}. */
final class HostSide {
  private static final Duration REPEAT = Duration.ofMillis(300);
  private static final Duration HOST_UP = Duration.ofSeconds(2);

  private static final int KILL_MICROS = 40_000;

  private final Node node;
  private final Cluster cluster;
  private final Map<CopyId, Body> bodies = new TreeMap<>();
  private final Map<CopyId, CopyOrder> obeyed = new TreeMap<>();
  private final LeaseSide lease;
  private long lives;
  private boolean welcome;
  private boolean isClearing;
  private boolean isOver;
  HostCopies copies = HostCopies.NONE;
  String incarnation = "";

  HostSide(Node node) {
    this.node = node;
    this.cluster = node.cluster;
    this.lease = new LeaseSide(node, this::hostUp, this::fence);
    node.every(cluster.scenario.beats(), lease::beat);
    node.every(REPEAT, this::repeat);
    node.every(HOST_UP, this::hostUp);
    fresh();
  }

  private void fresh() {
    cluster.witness.begins(node.machine);
    lives++;
    incarnation = Incarnation.of(node.name, lives);
    copies = HostCopies.NONE;
    bodies.clear();
    obeyed.clear();
    welcome = false;
    isClearing = false;
    lease.begin(incarnation);
    hostUp();
    lease.beat();
  }

  LeaseSide lease() {
    return lease;
  }

  boolean mayRunPrimaries() {
    return lease.isHeld() && !isClearing;
  }

  /** The lease is over. */
  private void fence() {
    copies
        .needingLease()
        .forEach(copy -> kill(copy, new Seen.Failed(FailureKind.FENCED, "no lease")));
    copies = copies.fenced();
  }

  private void overtaken(List<CopyOrder> orders) {
    var overtaken = copies.overtaken(orders);
    overtaken.forEach(copy -> kill(copy, new Seen.Failed(FailureKind.FENCED, "no lease")));
    copies = copies.abandoned(overtaken);
  }

  private void repeat() {
    if (!welcome) {
      hostUp();
    }
    if (!copies.unheard().isEmpty()) {
      observed();
    }
  }

  private void toManager(BiConsumer<ManagerSide, Node> message) {
    if (isOver) {
      return;
    }
    node.membership.gossip.managers().stream()
        .findFirst()
        .ifPresent(
            oldest ->
                node.send(
                    oldest.machine(),
                    there -> there.manager().ifPresent(m -> message.accept(m, there))));
  }

  void hostUp() {
    var row = new HostRow(node.machine.host(), incarnation, node.machine.address(), 1, "ref", true);
    toManager((manager, there) -> manager.hostUp(row));
  }

  private void observed() {
    var who = incarnation;
    var next = copies.unheard().next();
    var host = node.machine.host();
    toManager((manager, there) -> manager.observed(host, who, next.sequence(), next.reports()));
  }

  void welcome(String to) {
    welcome = welcome || incarnation.equals(to);
  }

  void heard(String to, long sequence) {
    copies = incarnation.equals(to) ? copies.heard(sequence) : copies;
  }

  /** What is left is killed, then it begins again (I9). */
  void declaredDead(String to) {
    if (incarnation.equals(to) && !isClearing) {
      cluster.say(() -> incarnation + " learns that it is dead, and begins anew");
      begin();
    }
  }

  /** The WatchDog begins again on the same node. */
  void begin() {
    isClearing = true;
    copies = copies.abandoned();
    for (CopyId copy : List.copyOf(bodies.keySet())) {
      kill(copy, new Seen.Stopped());
    }
    clearIfQuiet();
  }

  /** Its node leaves: it kills what runs, and says nothing more. */
  void retire() {
    isOver = true;
    lease.end();
    begin();
  }

  private void clearIfQuiet() {
    if (isClearing && !isOver && bodies.values().stream().noneMatch(body -> body.alive)) {
      fresh();
    }
  }

  void orders(String to, List<CopyOrder> orders) {
    if (!incarnation.equals(to)) {
      hostUp();
    } else if (!isClearing) {
      if (!lease.isHeld()) {
        overtaken(orders);
      }
      var permitted = HostCopies.permitted(orders, !lease.isHeld());
      var known = cluster.switches.holds(Switches.Rule.EPOCHS) ? permitted : any(permitted);
      var decision = copies.decide(known);
      orders.forEach(this::alone);
      permitted.forEach(order -> obeys(order, decision));
      carryOut(decision);
    }
  }

  /** From the moment it is told, whether the lease lets it obey or not. */
  private void alone(CopyOrder order) {
    var body = bodies.get(order.copy());
    var known = copies.copies().get(order.copy());
    if (body != null
        && known != null
        && body.order.run() == order.run()
        && order.version() > known.order().version()
        && order.epoch().compareTo(known.order().epoch()) >= 0
        && order.status() == CopyStatus.PRIMARY) {
      body.alone = order.launch().alone();
      cluster.witness.acts(body);
    }
  }

  private void obeys(CopyOrder order, HostCopies.Decision decision) {
    for (Effect effect : decision.effects()) {
      if (effect instanceof Effect.Take(var taken) && taken.copy().equals(order.copy())) {
        var before = obeyed.put(order.copy(), order);
        cluster.witness.obeys(incarnation, before, order);
      } else if (effect instanceof Effect.Start(var started)
          && started.copy().equals(order.copy())) {
        obeyed.put(order.copy(), order);
      }
    }
  }

  /** Makes old orders look new. */
  private List<CopyOrder> any(List<CopyOrder> orders) {
    return orders.stream()
        .map(
            order -> {
              var known = copies.copies().get(order.copy());
              return known == null || known.order().run() > order.run()
                  ? order
                  : new CopyOrder(
                      order.copy(),
                      order.run(),
                      order.status(),
                      known.order().epoch(),
                      Math.max(order.version(), known.order().version()),
                      order.launch(),
                      order.group());
            })
        .toList();
  }

  private void carryOut(HostCopies.Decision decision) {
    copies = decision.state();
    var tell = false;
    for (Effect effect : decision.effects()) {
      switch (effect) {
        case Effect.Start(var order) -> start(order);
        case Effect.Take(var order) -> take(order);
        case Effect.Watch watch -> {} // nobody polls here
        case Effect.Regroup regroup -> {} // copies here have no state
        case Effect.Stop(var report) -> stop(report.copy());
        case Effect.Tell told -> tell = true;
      }
    }
    if (tell) {
      observed();
    }
  }

  private void start(CopyOrder order) {
    var body = new Body(order, incarnation);
    bodies.put(order.copy(), body);
    node.machine.bodies.add(body);
    cluster.witness.acts(body);
    node.after(
        micros(1_000, 60_000),
        () -> {
          if (body.alive) {
            body.ready = true;
            seen(report(body));
          }
        });
  }

  private void take(CopyOrder order) {
    var body = bodies.get(order.copy());
    if (body == null) {
      return;
    }
    node.after(
        micros(100, 5_000),
        () -> {
          var last = copies.copies().get(order.copy());
          if (!body.alive || last == null || last.order().run() != body.order.run()) {
            return;
          }
          if (body.ceasesByDeath() && last.order().status() == CopyStatus.BACKUP) {
            stop(order.copy());
          } else {
            body.status = last.order().status();
            body.epoch = last.order().epoch();
            cluster.witness.acts(body);
            seen(report(body));
          }
        });
  }

  private static CopyReport report(Body body) {
    var seen = body.ready ? new Seen.Running(1) : new Seen.Starting(java.util.OptionalLong.empty());
    return new CopyReport(body.order.copy(), body.order.run(), body.status, body.epoch, seen);
  }

  private void stop(CopyId copy) {
    end(copy, new Seen.Stopped(), micros(1_000, 200_000));
  }

  private void kill(CopyId copy, Seen seen) {
    end(copy, seen, micros(500, KILL_MICROS));
  }

  /** A copy dies by itself. */
  void crash(CopyId copy) {
    end(copy, new Seen.Failed(FailureKind.CRASHED, "crashed"), Duration.ZERO);
  }

  List<CopyId> running() {
    return bodies.values().stream().filter(b -> b.alive).map(b -> b.order.copy()).toList();
  }

  List<Body> bodies() {
    return bodies.values().stream().filter(body -> body.alive).toList();
  }

  private void end(CopyId copy, Seen seen, Duration within) {
    var body = bodies.get(copy);
    if (body == null || !body.alive) {
      return;
    }
    // The kernel does it, whether the node is stopped or not.
    cluster.agenda.after(
        within,
        () -> {
          if (body.alive) {
            cluster.witness.dies(body);
            node.receive(() -> ended(body, seen));
          }
        });
  }

  private void ended(Body body, Seen seen) {
    seen(new CopyReport(body.order.copy(), body.order.run(), body.status, body.epoch, seen));
    clearIfQuiet();
  }

  private void seen(CopyReport report) {
    carryOut(copies.seen(report));
  }

  private Duration micros(int least, int most) {
    return Duration.ofNanos(node.random().nextInt(least, most) * 1_000L);
  }

  /** Whether this copy runs as is ordered. */
  boolean runs(CopyOrder order) {
    var body = bodies.get(order.copy());
    return body != null
        && body.alive
        && body.ready
        && body.status == order.status()
        && body.order.run() == order.run();
  }
}
