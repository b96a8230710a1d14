package io.understudy.simulation;

import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.HostLease.Answer;
import io.understudy.superwatchdog.Jury;
import io.understudy.superwatchdog.LeaseTerms;
import io.understudy.superwatchdog.Pace;
import io.understudy.superwatchdog.RingBeat;
import io.understudy.superwatchdog.Seat;
import io.understudy.superwatchdog.Vote;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A SuperWatchDog: the real {@link Jury}, with what carries its messages. */
final class JudgeSide {
  private static final int LATE = 7;
  private static final int QUIET = 5;
  private static final int MISSED = 5;
  private static final long KNOCK_AFTER = Duration.ofMillis(300).toNanos();
  private static final Duration DYING = Duration.ofMillis(40);

  private final Node node;
  private final Cluster cluster;
  private final Set<String> lifelines = new HashSet<>();
  private final Set<String> knocking = new HashSet<>();
  private final Map<String, Long> rhythm = new HashMap<>();
  private final Map<String, Long> lastHeard = new HashMap<>();
  private final Map<HostId, RingBeat> beats = new HashMap<>();
  private final Map<String, Long> deadSince = new HashMap<>();
  private Map<HostId, String> expected = Map.of();
  private Set<String> judged = Set.of();
  private RingBeat said;
  private long lastLook;
  private long looks;
  private Pace pace;
  private boolean isOver;
  Jury jury;

  JudgeSide(Node node) {
    this.node = node;
    this.cluster = node.cluster;
    var now = node.clock();
    this.lastLook = now;
    var seat = Seat.of(node.machine.host(), node.name, cluster.nextLife(), node.mostManagers);
    this.jury = Jury.begin(seat, terms(), now);
    this.said = jury.beat();
    this.pace = Pace.brisk(cluster.scenario.rests() ? QUIET : Integer.MAX_VALUE);
    tickLook();
  }

  private LeaseTerms terms() {
    var terms = cluster.scenario.terms();
    return cluster.switches.holds(Switches.Rule.LEASE_WAIT)
        ? terms
        : new LeaseTerms(terms.lease().dividedBy(4), terms.stopping().dividedBy(8), 0);
  }

  /** It ends without its node: another begins in its place. */
  void end() {
    isOver = true;
  }

  private void tickLook() {
    var set = ++looks;
    node.after(
        pace.next(cluster.scenario.interval()),
        () -> {
          if (!isOver && set == looks) {
            look(node.clock());
            tickLook();
          }
        });
  }

  private void stir() {
    var wasCalm = pace.isCalm();
    pace = pace.stirred();
    if (wasCalm) {
      tickLook();
    }
  }

  /** A WatchDog's heartbeat, which asks for its lease to be renewed. */
  void heard(int from, String incarnation, long askedAt, OptionalLong answered) {
    var now = node.clock();
    var by = node.machine.host();
    if (!isMember(incarnation)) {
      var stranger = new Answer(askedAt, false);
      node.send(
          from, there -> there.host().ifPresent(h -> h.lease().noted(by, incarnation, stranger)));
      return;
    }
    jury = jury.heard(incarnation, answered, now);
    hear(incarnation, now);
    if (jury.mayGrant(incarnation, now)) {
      jury = jury.granted(incarnation, now);
      var grant = jury.grant(askedAt);
      node.send(
          from, there -> there.host().ifPresent(h -> h.lease().granted(by, incarnation, grant)));
    } else {
      var answer = new Answer(askedAt, true);
      node.send(
          from, there -> there.host().ifPresent(h -> h.lease().noted(by, incarnation, answer)));
    }
    judge(now);
  }

  private boolean isMember(String incarnation) {
    return node.membership.gossip.isMember(Incarnation.nodeOf(incarnation));
  }

  private void hear(String subject, long now) {
    if (jury.hears(subject, now)) {
      rhythm.put(subject, now);
    }
    lastHeard.put(subject, now);
  }

  private void heard(RingBeat beat) {
    var now = node.clock();
    beats.put(beat.from(), beat);
    if (cluster.switches.holds(Switches.Rule.MAJORITY)) {
      jury = jury.heard(beat, now);
    }
    hear(beat.node(), now);
    if (!beat.votes().isEmpty() || jury.isMissedBy(beat)) {
      stir();
    }
    beat.votes()
        .forEach(
            (subject, vote) -> {
              if (vote.certainty() == Certainty.CERTAIN && lastHeard.containsKey(subject)) {
                knock(subject);
              }
            });
    judge(now);
  }

  void lifeline(String other, boolean open) {
    stir();
    if (open) {
      lifelines.add(other);
    } else if (lifelines.remove(other)) {
      knock(other);
    }
  }

  /** A member was put out, or left. */
  void gone(String other, boolean left) {
    stir();
    jury = left ? jury.departed(other, "its node left the cluster") : jury.putOut(other);
    judge(node.clock());
  }

  void expect(Map<HostId, String> hosts) {
    var now = node.clock();
    if (!expected.equals(hosts)) {
      expected = hosts;
      for (String incarnation : hosts.values()) {
        lastHeard.putIfAbsent(incarnation, now);
        jury = jury.expect(incarnation, now);
      }
    }
    report(now);
    judge(now);
  }

  private void look(long now) {
    var sinceLast = now - lastLook;
    lastLook = now;
    var interval = cluster.scenario.interval();
    if (sinceLast - pace.next(interval).toNanos() >= LATE * interval.toNanos()) {
      jury = jury.paused(Duration.ofNanos(sinceLast), now);
      rhythm.replaceAll((subject, at) -> now);
    }
    jury = jury.electors(electors(), now).look(now, subject -> suspects(subject, now));
    node.mostManagers = jury.me().most();
    knockAtTheSilent(now);
    expected = node.manager().isPresent() ? expected : Map.of();
    forget(now);
    speak();
    pace = pace.looked(jury.isQuiet(Duration.ofNanos(knockAfter()), now));
    report(now);
    judge(now);
  }

  private Map<HostId, String> electors() {
    return cluster.switches.holds(Switches.Rule.MAJORITY)
        ? node.membership.gossip.electors()
        : Map.of(node.machine.host(), node.name);
  }

  private boolean suspects(String subject, long now) {
    @Nullable Long last = rhythm.get(subject);
    return last == null || now - last > MISSED * cluster.scenario.beats().toNanos();
  }

  private void speak() {
    jury = jury.spoken(node.clock());
    said = jury.beat();
    var beat = said;
    cluster.witness.says(beat);
    node.membership.gossip.managers().stream()
        .filter(member -> !member.node().equals(node.name))
        .forEach(
            member ->
                node.send(member.machine(), there -> there.judge().ifPresent(j -> j.heard(beat))));
  }

  private void judge(long now) {
    if (jury.hasNews(said)) {
      speak();
    }
    var verdicts = jury.verdicts();
    if (verdicts.size() == judged.size() && judged.containsAll(verdicts.keySet())) {
      return;
    }
    var before = judged;
    judged = Set.copyOf(verdicts.keySet());
    verdicts.keySet().stream()
        .filter(subject -> !before.contains(subject))
        .sorted()
        .forEach(subject -> carryOut(subject, verdicts.get(subject)));
    report(now);
  }

  private void carryOut(String subject, @Nullable Vote verdict) {
    if (verdict != null) {
      cluster.say(() -> "%s judges %s dead: %s".formatted(node.name, subject, verdict));
      node.membership.down(Incarnation.nodeOf(subject), verdict.reason());
    }
  }

  private long knockAfter() {
    var scenario = cluster.scenario;
    return scenario.rests() ? scenario.beats().multipliedBy(2).toNanos() : KNOCK_AFTER;
  }

  private void knockAtTheSilent(long now) {
    for (String subject : lastHeard.keySet().stream().sorted().toList()) {
      var silent = now - lastHeard.getOrDefault(subject, now);
      if (silent >= knockAfter() && jury.death(subject).isEmpty()) {
        knock(Incarnation.nodeOf(subject));
      }
    }
  }

  private void knock(String other) {
    if (!lifelines.contains(other) && jury.death(other).isEmpty() && knocking.add(other)) {
      cluster.knock(node, other, refused -> knocked(other, refused));
    }
  }

  private void knocked(String other, boolean refused) {
    knocking.remove(other);
    if (!isOver && refused && !lifelines.contains(other)) {
      cluster.say(() -> "%s knocks at %s and is refused".formatted(node.name, other));
      jury = jury.proved(other, "its node is dead: it refuses connections", node.clock());
      judge(node.clock());
    }
  }

  private void report(long now) {
    node.manager()
        .ifPresent(manager -> expected.forEach((host, life) -> report(manager, host, life, now)));
  }

  private void report(ManagerSide manager, HostId host, String incarnation, long now) {
    jury.death(incarnation)
        .ifPresent(
            death -> {
              var left = manager.mayLeaveProcesses(host) ? dying(incarnation, death, now) : 0;
              if (left <= 0) {
                node.receive(() -> manager.dead(host, incarnation, death));
              } else {
                node.after(Duration.ofNanos(left), () -> report(node.clock()));
              }
            });
  }

  /** How long processes may yet outlive their node, which is proved dead, in nanoseconds (I5). */
  private long dying(String incarnation, Vote death, long now) {
    if (death.certainty() != Certainty.CERTAIN) {
      return 0;
    }
    var since = deadSince.computeIfAbsent(incarnation, key -> now);
    return DYING.toNanos() - (now - since);
  }

  private void forget(long now) {
    var gossip = node.membership.gossip;
    var wanted = new HashSet<>(expected.values());
    expected.values().forEach(incarnation -> wanted.add(Incarnation.nodeOf(incarnation)));
    var primary = gossip.managers().stream().findFirst().map(Gossip.Member::host);
    @Nullable RingBeat ofPrimary = primary.map(beats::get).orElse(null);
    var late = now - 10 * cluster.scenario.terms().lease().toNanos();
    jury =
        jury.keeping(
            subject ->
                gossip.isMember(Incarnation.nodeOf(subject))
                    || wanted.contains(subject)
                    || (ofPrimary != null && ofPrimary.votes().containsKey(subject))
                    || lastHeard.getOrDefault(subject, late) - late > 0);
    judged = judged.stream().filter(jury.verdicts()::containsKey).collect(Collectors.toSet());
    lastHeard.entrySet().removeIf(e -> e.getValue() - late <= 0 && !wanted.contains(e.getKey()));
    deadSince.keySet().retainAll(wanted);
  }
}
