package io.understudy.simulation;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.HostLease;
import io.understudy.superwatchdog.Touch;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * A WatchDog's lease, the real {@link HostLease}: the beats that ask for it, and the guard that
 * ends the node should it outlast it.
 */
final class LeaseSide {
  private final Node node;
  private final Cluster cluster;
  private final Runnable held;
  private final Runnable lost;
  private String incarnation = "";
  private HostLease lease = HostLease.none("");
  private boolean isHeld;
  private boolean isOver;
  private boolean isGuarded;
  private long timer;
  private long beaten;

  /**
   * None yet.
   *
   * @param held is told when there is one
   * @param lost is told when it is over
   */
  LeaseSide(Node node, Runnable held, Runnable lost) {
    this.node = node;
    this.cluster = node.cluster;
    this.held = held;
    this.lost = lost;
  }

  /** Another life of the WatchDog. */
  void begin(String who) {
    incarnation = who;
    isHeld = false;
  }

  /** Asks no more. */
  void end() {
    isOver = true;
  }

  boolean isHeld() {
    return isHeld;
  }

  void granted(HostId by, String to, HostLease.Grant grant) {
    lease = lease.granted(by, to, grant);
  }

  void noted(HostId by, String to, HostLease.Answer answer) {
    lease = lease.noted(by, to, answer);
  }

  Touch touch() {
    var managers = node.membership.gossip.managers().stream().map(Gossip.Member::host).toList();
    return lease.touch(managers, node.clock() - cluster.scenario.terms().lease().toNanos());
  }

  /** Asks every SuperWatchDog. */
  void beat() {
    if (isOver) {
      return;
    }
    check();
    if (!node.alive) {
      return;
    }
    if (!lease.incarnation().equals(incarnation)) {
      lease = HostLease.none(incarnation);
    }
    beaten = node.clock();
    ask(by -> true);
    if (cluster.scenario.rests()) {
      repeat(beaten, 1);
    }
  }

  private void ask(Predicate<HostId> whom) {
    var now = node.clock();
    var who = incarnation;
    var from = node.machine.index;
    node.membership.gossip.managers().stream()
        .filter(member -> whom.test(member.host()))
        .forEach(
            member -> {
              cluster.lifeline(node, member);
              var answered = lease.answeredBy(member.host());
              node.send(
                  member.machine(),
                  there -> there.judge().ifPresent(j -> j.heard(from, who, now, answered)));
            });
  }

  /** As a node's Pulse does, until the WatchDog's next beat. */
  private void repeat(long of, int fifths) {
    node.after(
        cluster.scenario.beats().dividedBy(5).multipliedBy(fifths),
        () -> {
          if (beaten == of && !isOver && lease.incarnation().equals(incarnation)) {
            ask(by -> lease.lacks(by, of));
            if (fifths == 1) {
              repeat(of, 2);
            }
          }
        });
  }

  private void check() {
    var now = node.clock();
    var holds = holds(now);
    var end = lease.stopAt(cluster.scenario.terms());
    if (holds && !lease.off() && end.isPresent()) {
      var set = ++timer;
      node.after(
          Duration.ofNanos(end.getAsLong() - now),
          () -> {
            if (set == timer) {
              check();
            }
          });
    }
    if (holds && !lease.off()) {
      guard();
    }
    if (holds && !isHeld) {
      isHeld = true;
      held.run();
    } else if (!holds && isHeld) {
      isHeld = false;
      cluster.say(() -> incarnation + " stops its primaries, its lease is over");
      lost.run();
    }
  }

  private boolean holds(long now) {
    var end = lease.stopAt(cluster.scenario.terms());
    return lease.off() || (end.isPresent() && end.getAsLong() - now > 0);
  }

  /**
   * The guard is not stopped with the JVM, and kills it if primaries outlast the lease; half of the
   * time to stop them is left for their processes to die in (NodeActors).
   */
  private void guard() {
    var asked = lease.askedAt();
    if (isGuarded || asked.isEmpty()) {
      return;
    }
    isGuarded = true;
    var terms = cluster.scenario.terms();
    var end = asked.getAsLong() + terms.lease().minus(terms.stopping().dividedBy(2)).toNanos();
    var left = node.machine.clock.trueNanos(Math.max(0, end - node.clock()));
    cluster.agenda.after(
        left,
        () -> {
          isGuarded = false;
          var now = lease.askedAt();
          if (!node.alive || isOver || !isHeld || lease.off()) {
            return;
          }
          if (now.isPresent() && now.getAsLong() - asked.getAsLong() > 0) {
            guard();
          } else {
            cluster.end(node, "its guard kills it");
          }
        });
  }
}
