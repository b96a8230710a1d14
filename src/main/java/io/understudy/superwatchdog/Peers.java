package io.understudy.superwatchdog;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.RingBeat.Last;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The SuperWatchDogs as one of them knows them: who they are, and what each of the others said
 * last.
 *
 * <p>Times are readings of its own monotonic clock, in nanoseconds.
 *
 * @param me the one that knows
 * @param nodes of all of them, by host
 * @param beats the last of each other
 * @param shrunkAt when the last of them was dropped
 */
record Peers(
    Seat me, PMap<HostId, String> nodes, PMap<HostId, RingBeat> beats, OptionalLong shrunkAt) {

  static Peers alone(Seat me) {
    return new Peers(
        me,
        HashTreePMap.singleton(me.host(), me.node()),
        HashTreePMap.empty(),
        OptionalLong.empty());
  }

  /**
   * Who they are now, by the membership. One that it lists no more stays until there is a verdict
   * on it: a cluster that is cut apart drops members on both sides, and only a majority of those
   * who were there before may go on without the others.
   */
  Peers listed(Map<HostId, String> members, Predicate<String> hasVerdict, long now) {
    PMap<HostId, String> all = HashTreePMap.from(members);
    all = all.plus(me.host(), me.node());
    for (var known : nodes.entrySet()) {
      var isLeft = all.containsKey(known.getKey()) || hasVerdict.test(known.getValue());
      all = isLeft ? all : all.plus(known.getKey(), known.getValue());
    }
    if (all.equals(nodes)) {
      return this;
    }
    var left = beats;
    for (var beat : beats.values()) {
      left = beat.node().equals(all.get(beat.from())) ? left : left.minus(beat.from());
    }
    var isSmaller = !all.keySet().containsAll(nodes.keySet());
    return new Peers(me.among(all.size()), all, left, isSmaller ? OptionalLong.of(now) : shrunkAt);
  }

  /** So few of so many that they need not have granted any of the leases that still run. */
  boolean mayBeUnknowing() {
    return majority(nodes.size()) + majority(me.most()) <= me.most();
  }

  private static int majority(int of) {
    return of / 2 + 1;
  }

  Peers spoken() {
    return new Peers(me.next(), nodes, beats, shrunkAt);
  }

  /** Whether it comes from one of the others, and after all that was heard of that one. */
  boolean isNews(RingBeat beat) {
    @Nullable RingBeat known = beats.get(beat.from());
    var isOther = beat.node().equals(nodes.get(beat.from())) && !beat.node().equals(me.node());
    return isOther
        && (known == null
            || beat.life() > known.life()
            || (beat.life() == known.life() && beat.sequence() > known.sequence()));
  }

  Peers heard(RingBeat beat) {
    return new Peers(me, nodes, beats.plus(beat.from(), beat), shrunkAt);
  }

  /** The last beat of each of the others. */
  Map<HostId, Last> heard() {
    var heard = new HashMap<HostId, Last>();
    beats.forEach((host, beat) -> heard.put(host, beat.asLast()));
    return heard;
  }

  /** Those against whom any of the others votes. */
  Set<String> accused() {
    var subjects = new HashSet<String>();
    beats.values().forEach(beat -> subjects.addAll(beat.votes().keySet()));
    return subjects;
  }

  /** Whether any of the others holds it for dead. */
  boolean accuse(String subject) {
    return beats.values().stream().anyMatch(beat -> beat.votes().containsKey(subject));
  }

  /** Whether this other one does. */
  boolean accuses(HostId other, String subject) {
    @Nullable RingBeat beat = beats.get(other);
    return beat != null && beat.votes().containsKey(subject);
  }

  /** The SuperWatchDogs whose nodes are among these subjects. */
  Set<HostId> among(Predicate<String> subjects) {
    return nodes.entrySet().stream()
        .filter(entry -> subjects.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .collect(toSet());
  }

  /** Whether that one has heard so much from this one. */
  boolean has(HostId host, Last beat) {
    @Nullable RingBeat last = beats.get(host);
    @Nullable Last heard = last == null ? null : last.heard().get(me.host());
    return heard != null && heard.covers(beat);
  }

  /** Whether all have. */
  boolean allHave(Last beat) {
    return me.last().covers(beat)
        && nodes.keySet().stream()
            .filter(host -> !host.equals(me.host()))
            .allMatch(host -> has(host, beat));
  }

  boolean shrunkSince(long then) {
    return shrunkAt.isPresent() && shrunkAt.getAsLong() - then > 0;
  }
}
