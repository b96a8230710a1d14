package io.understudy.simulation;

import io.understudy.simulation.Gossip.Member;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node's part in a simple model of Pekko's membership: gossip, a failure detector, and the
 * split-brain resolver with keep-majority of the managers. Any node may put others out, once all
 * that it reaches miss the same ones.
 */
final class Membership {
  private static final Duration GOSSIP = Duration.ofMillis(250);
  private static final Duration JOIN = Duration.ofMillis(400);
  private static final long UNREACHABLE = Duration.ofMillis(1_200).toNanos();
  private static final long STABLE_AFTER = Duration.ofMillis(600).toNanos();

  private final Node node;
  private final Map<String, Long> heard = new HashMap<>();
  private final Map<String, Set<String>> missed = new HashMap<>();
  private Set<String> unreachable = Set.of();
  private long stableSince;
  Gossip gossip = Gossip.NOTHING;

  Membership(Node node) {
    this.node = node;
  }

  boolean joined() {
    return gossip.isMember(node.name);
  }

  /** Asks the others to be let in; the first node of all begins alone. */
  void join() {
    if (!node.cluster.exists()) {
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

  /** The leader lets a node in when all members agree and reach each other. */
  private void letIn(Member member) {
    if (!joined()) {
      return;
    }
    if (gossip.isMember(member.node()) || gossip.isOut(member.node())) {
      welcome(member);
    } else if (isLeader() && node.cluster.agrees(gossip, member)) {
      var next = gossip.with(member);
      for (var known : gossip.members()) {
        if (known.machine() == member.machine()) {
          next = next.down(known.node()); // its address has a new owner
        }
      }
      accept(next);
      welcome(member);
    }
  }

  private void welcome(Member member) {
    var now = gossip;
    node.send(member.machine(), other -> other.membership.hear(node.name, now, member.node()));
  }

  private boolean isLeader() {
    return lowest(gossip.members()).node().equals(node.name);
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
    var silent = unreachable;
    for (var member : gossip.members()) {
      if (!member.node().equals(node.name)) {
        node.send(
            member.machine(),
            other -> {
              other.membership.missed.put(node.name, silent);
              other.membership.hear(node.name, now, member.node());
            });
      }
    }
  }

  private void hear(String from, Gossip other, String to) {
    if (!node.name.equals(to)) {
      return; // meant for an earlier process here
    }
    if (gossip.isOut(from)) {
      var now = gossip;
      node.cluster
          .nodeCalled(from)
          .ifPresent(
              put -> node.send(put.machine.index, it -> it.membership.hear(node.name, now, from)));
      return;
    }
    heard.put(from, node.clock());
    if (joined() || other.joined().containsKey(node.name)) {
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
      if (before.equals(Gossip.NOTHING) && gossip.joined().size() > 1) {
        tick();
      }
    }
    for (String out : gossip.joined().keySet()) {
      if (gossip.isOut(out) && !before.isOut(out)) {
        var left = gossip.left().contains(out);
        node.judge().ifPresent(judge -> judge.gone(out, left));
      }
    }
    sing();
  }

  /** The singleton is with the oldest manager. */
  private void sing() {
    var mine =
        gossip.managers().findFirst().filter(oldest -> oldest.node().equals(node.name)).isPresent();
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
    var now = gossip.leave(node.name);
    for (var member : gossip.members()) {
      if (!member.node().equals(node.name)) {
        node.send(member.machine(), other -> other.membership.hear(node.name, now, member.node()));
      }
    }
    node.after(GOSSIP, () -> node.cluster.end(node, "it has left"));
  }

  /** Keep-majority: the side with most of the managers goes on, the other ends itself. */
  private void resolve() {
    var now = node.clock();
    var silent = new HashSet<String>();
    for (var member : gossip.members()) {
      var last = heard.getOrDefault(member.node(), now);
      if (!member.node().equals(node.name) && now - last > UNREACHABLE) {
        silent.add(member.node());
      }
    }
    if (!silent.equals(unreachable)) {
      unreachable = silent;
      stableSince = now;
    } else if (!silent.isEmpty() && now - stableSince > STABLE_AFTER && allMiss(silent)) {
      decide(silent);
    }
  }

  private boolean allMiss(Set<String> silent) {
    return gossip.members().stream()
        .map(Member::node)
        .filter(other -> !other.equals(node.name) && !silent.contains(other))
        .allMatch(other -> silent.equals(missed.get(other)));
  }

  private void decide(Set<String> silent) {
    List<Member> managers = gossip.managers().toList();
    var reached = managers.stream().filter(m -> !silent.contains(m.node())).toList();
    var twice = 2 * reached.size();
    var keeps =
        twice > managers.size()
            || (twice == managers.size()
                && !managers.isEmpty()
                && reached.contains(lowest(managers)));
    if (keeps) {
      silent.forEach(other -> down(other, "it is unreachable"));
    } else {
      node.cluster.end(node, "it reaches no majority of the managers");
    }
  }

  private static Member lowest(List<Member> managers) {
    return managers.stream().min(java.util.Comparator.comparingInt(Member::machine)).orElseThrow();
  }
}
