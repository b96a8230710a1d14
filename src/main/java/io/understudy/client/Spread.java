package io.understudy.client;

import io.understudy.model.CopyId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;

/**
 * To whom requests go: to the primaries in turn. One that is known not to answer is asked only if
 * there is no other, until it is another run, or some time has passed.
 *
 * @param primaries that serve, as far as the ReplicaManager has said
 * @param out of these, those that are known not to answer, and until when that counts
 * @param calls that each has been sent and has answered nothing of, by the turn they left in
 * @param turn whose it is: what leaves together goes to one of them
 */
record Spread(
    List<Target> primaries,
    PMap<Target, Duration> out,
    PMap<Target, PSet<Integer>> calls,
    int turn) {
  static final Spread NONE = new Spread(List.of(), HashTreePMap.empty(), HashTreePMap.empty(), 0);

  /** What is asked meanwhile goes together: a message costs more than a request in it. */
  private static final int MOST_CALLS = 2;

  /** It may be about to serve, or to serve again. */
  private static final Duration NOT_NOW = Duration.ofSeconds(1);

  /** Its host is dead: the same run of it never serves again. */
  private static final Duration DEAD = Duration.ofMinutes(1);

  boolean isEmpty() {
    return primaries.isEmpty();
  }

  /** What was known of those that still serve goes on to count. */
  Spread served(List<Target> by) {
    return new Spread(List.copyOf(by), only(by, out), only(by, calls), turn);
  }

  private static <V> PMap<Target, V> only(List<Target> these, PMap<Target, V> known) {
    var left = known;
    for (var target : known.keySet()) {
      left = these.contains(target) ? left : left.minus(target);
    }
    return left;
  }

  Spread turned() {
    return new Spread(primaries, out, calls, turn + 1);
  }

  /** It is sent something in this turn. */
  Spread called(Target target) {
    var open = open(target);
    return open.contains(turn) ? this : with(target, open.plus(turn));
  }

  /** It has answered something that left in this turn, or something else is done about that. */
  Spread heard(Target target, int call) {
    var open = open(target);
    return open.contains(call) ? with(target, open.minus(call)) : this;
  }

  private Spread with(Target target, PSet<Integer> open) {
    return new Spread(primaries, out, calls.plus(target, open), turn);
  }

  private PSet<Integer> open(Target target) {
    return calls.getOrDefault(target, HashTreePSet.empty());
  }

  /** This copy has said that it does not serve, or says nothing. */
  Spread without(CopyId copy, Duration now) {
    return without(target -> target.copy().equals(copy), now.plus(NOT_NOW));
  }

  /** The host at this address is dead. */
  Spread without(String address, Duration now) {
    return without(target -> target.address().equals(address), now.plus(DEAD));
  }

  private Spread without(Predicate<Target> these, Duration until) {
    var known = out;
    for (var target : primaries) {
      known = these.test(target) ? known.plus(target, until) : known;
    }
    return new Spread(primaries, known, calls, turn);
  }

  /** Those to ask; empty only when nobody serves. */
  private List<Target> live(Duration now) {
    var live = primaries.stream().filter(target -> !isOut(target, now)).toList();
    return live.isEmpty() ? primaries : live;
  }

  private boolean isOut(Target target, Duration now) {
    var until = out.get(target);
    return until != null && now.compareTo(until) < 0;
  }

  /** Whether one is known not to answer what it was sent, and another may. */
  boolean isToMove(Target from, Duration now) {
    return isOut(from, now) && hasOther(from, now);
  }

  /** Whether there is another than this one of which nothing is known against it. */
  boolean hasOther(Target than, Duration now) {
    return primaries.stream().anyMatch(target -> !target.equals(than) && !isOut(target, now));
  }

  /** Who is sent what has not been sent yet, each in turn; empty while all have enough in hand. */
  Optional<Target> free(Duration now) {
    var free = live(now).stream().filter(target -> open(target).size() < MOST_CALLS).toList();
    return free.isEmpty()
        ? Optional.empty()
        : Optional.of(free.get(Math.floorMod(turn, free.size())));
  }

  /**
   * For what was sent before: each in turn; not the one that was asked before, if there is another.
   */
  Target next(Optional<Target> before, Duration now) {
    var live = live(now);
    var first = live.get(Math.floorMod(turn, live.size()));
    return before.filter(first::equals).isPresent()
        ? live.get(Math.floorMod(turn + 1, live.size()))
        : first;
  }
}
