package io.understudy.simulation;

import io.understudy.simulation.Gossip.Member;
import io.understudy.superwatchdog.Resolver;
import io.understudy.superwatchdog.Resolver.Patience;
import io.understudy.superwatchdog.Resolver.Sight;
import io.understudy.superwatchdog.Touch;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A node's part in a simple model of Pekko's membership: gossip, a failure detector, and the real
 * {@link Resolver}.
 */
final class Membership {
  private static final Duration GOSSIP = Duration.ofMillis(250);
  private static final Duration JOIN = Duration.ofMillis(400);
  private static final long UNREACHABLE = Duration.ofMillis(1_200).toNanos();

  /** In leases. */
  private static final int PATIENCE = 6;

  private final Node node;
  private final Map<String, Long> heard = new HashMap<>();
  private Resolver resolver;
  private boolean isLeaving;
  Gossip gossip = Gossip.NOTHING;

  Membership(Node node) {
    this.node = node;
    var missing = node.cluster.scenario.terms().lease().multipliedBy(PATIENCE);
    this.resolver =
        Resolver.begin(
            new Patience(missing, missing.dividedBy(8), GOSSIP.multipliedBy(8)), node.clock());
  }

  boolean joined() {
    return gossip.isMember(node.name);
  }

  /** Asks the others to be let in; the first seed begins alone where there are none. */
  void join() {
    if (node.machine.index == 0 && !node.cluster.exists()) {
      accept(Gossip.NOTHING.with(self()));
    } else if (!joined()) {
      for (var machine : node.cluster.machines()) {
        if (machine.index != node.machine.index) {
          node.send(machine.index, other -> other.membership.letIn(self()));
        }
      }
      node.after(JOIN, this::join);
      return;
    }
    tick();
  }

  private Member self() {
    return new Member(
        node.name, node.machine.index, node.machine.manager, node.cluster.nextAge(node.name));
  }

  /** Whoever does not admit it says so, and is not asked again. */
  private void letIn(Member member) {
    if (!joined() || isLeaving || !admits()) {
      return;
    }
    if (gossip.isMember(member.node()) || gossip.isOut(member.node())) {
      welcome(member);
      return;
    }
    for (var known : gossip.members()) {
      if (known.machine() == member.machine()) {
        down(known.node(), "its address has a new owner"); // Pekko does so when it is asked
      }
    }
    node.send(leader().machine(), other -> other.membership.admit(member));
  }

  private boolean admits() {
    return !node.cluster.switches.holds(Switches.Rule.ADMISSION)
        || resolver.admits(sight(node.clock()));
  }

  /**
   * The leader lets a node in when all members agree and reach each other, once its place is free.
   */
  private void admit(Member member) {
    var free = gossip.members().stream().noneMatch(known -> known.machine() == member.machine());
    if (free && isLeader() && node.cluster.agrees(gossip, member)) {
      accept(gossip.with(member));
      welcome(member);
    }
  }

  private void welcome(Member member) {
    var now = gossip;
    node.send(member.machine(), other -> other.membership.hear(node.name, now, member.node()));
  }

  private boolean isLeader() {
    return joined() && leader().node().equals(node.name);
  }

  private void tick() {
    resolve();
    if (!node.alive) {
      return;
    }
    tell();
    node.after(GOSSIP, this::tick);
  }

  private void tell() {
    var now = gossip;
    for (var member : gossip.members()) {
      if (!member.node().equals(node.name)) {
        node.send(member.machine(), other -> other.membership.hear(node.name, now, member.node()));
      }
    }
  }

  private void hear(String from, Gossip other, String to) {
    if (!node.name.equals(to)) {
      return; // meant for an earlier process here
    }
    if (gossip.isOut(from)) {
      return; // who was put out does not hear of it here
    }
    heard.put(from, node.clock());
    if (other.equals(gossip)) {
      gossip = other; // the very same, which is quickly compared
    } else if (joined() || other.ever().contains(node.name)) {
      accept(gossip.join(other));
    }
  }

  /** What this node decides or learns about others; its actors hear of it. */
  void accept(Gossip next) {
    if (next.equals(gossip)) {
      return;
    }
    var before = gossip;
    var began = joined();
    gossip = next;
    if (gossip.isOut(node.name)) {
      node.cluster.end(node, "it was put out of the cluster");
      return;
    }
    for (var member : gossip.members()) {
      heard.putIfAbsent(member.node(), node.clock());
    }
    if (!began && joined()) {
      node.begin();
      node.cluster.say(() -> node.name + " joins");
      if (before.equals(Gossip.NOTHING) && gossip.ever().size() > 1) {
        tick();
      }
    }
    for (String out : gossip.ever()) {
      if (gossip.isOut(out) && !before.isOut(out)) {
        var left = gossip.hasLeft(out);
        node.judge().ifPresent(judge -> judge.gone(out, left));
      }
    }
    sing();
  }

  /** The singleton is with the oldest manager. */
  private void sing() {
    var mine =
        gossip.managers().stream()
            .findFirst()
            .filter(oldest -> oldest.node().equals(node.name))
            .isPresent();
    if (mine && node.manager == null) {
      node.manager = new ManagerSide(node);
    } else if (!mine && node.manager != null) {
      node.manager.end();
      node.manager = null;
    }
  }

  void down(String other, String why) {
    if (gossip.isMember(other)) {
      node.cluster.say(() -> "%s puts %s out: %s".formatted(node.name, other, why));
      accept(gossip.down(other));
      tell();
    }
  }

  /** Says goodbye, and ends. */
  void leave() {
    isLeaving = true;
    var now = gossip.leave(node.name);
    for (var member : gossip.members()) {
      if (!member.node().equals(node.name)) {
        node.send(member.machine(), other -> other.membership.hear(node.name, now, member.node()));
      }
    }
    node.after(GOSSIP, () -> node.cluster.end(node, "it has left"));
  }

  /** Who is out of reach, and whether this node itself is. */
  private void resolve() {
    var now = node.clock();
    var sight = sight(now);
    resolver = resolver.look(sight, now);
    resolver.out(sight).stream().sorted().forEach(other -> down(other, "it is out of reach"));
    resolver.end().ifPresent(why -> node.cluster.end(node, why));
  }

  private Sight sight(long now) {
    var judged = node.judge().map(judge -> judge.jury.judged()).orElse(Set.of());
    var others = new HashMap<String, Resolver.Other>();
    for (var member : gossip.members()) {
      if (!member.node().equals(node.name)) {
        var reached = now - heard.getOrDefault(member.node(), now) <= UNREACHABLE;
        others.put(member.node(), new Resolver.Other(reached, judged.contains(member.node())));
      }
    }
    return new Sight(
        node.name, gossip.managers().stream().map(Member::node).toList(), others, touch(now));
  }

  /** A leaving node's WatchDog is gone before it. */
  private Touch touch(long now) {
    var ofHost = node.host().map(host -> host.lease().touch()).orElse(Touch.MAJORITY);
    var ofJudge = node.judge().map(judge -> judge.jury.hearsMajority(now));
    return ofHost == Touch.STRANGER || ofJudge.isEmpty()
        ? ofHost
        : ofJudge.get() ? Touch.MAJORITY : Touch.NONE;
  }

  private Member leader() {
    return gossip.members().stream().min(Comparator.comparingInt(Member::machine)).orElseThrow();
  }
}
