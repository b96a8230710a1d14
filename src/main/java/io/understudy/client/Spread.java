package io.understudy.client;

import io.understudy.model.CopyId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * To whom requests go: to the primaries in turn. One that is known not to answer is asked only if
 * there is no other, until it is another run, or some time has passed.
 *
 * @param primaries that serve, as far as the ReplicaManager has said
 * @param out of these, those that are known not to answer, and until when that counts
 * @param turn whose it is: what leaves together goes to one of them
 */
record Spread(List<Target> primaries, PMap<Target, Duration> out, int turn) {
  static final Spread NONE = new Spread(List.of(), HashTreePMap.empty(), 0);

  /** It may be about to serve, or to serve again. */
  private static final Duration NOT_NOW = Duration.ofSeconds(1);

  /** Its host is dead: the same run of it never serves again. */
  private static final Duration DEAD = Duration.ofMinutes(1);

  boolean isEmpty() {
    return primaries.isEmpty();
  }

  /** What was known of those that still serve goes on to count. */
  Spread served(List<Target> by) {
    var known = out;
    for (var target : out.keySet()) {
      known = by.contains(target) ? known : known.minus(target);
    }
    return new Spread(List.copyOf(by), known, turn);
  }

  Spread turned() {
    return new Spread(primaries, out, turn + 1);
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
    return new Spread(primaries, known, turn);
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

  /** Each in turn; not the one that was asked before, if there is another. */
  Target next(Optional<Target> before, Duration now) {
    var live = live(now);
    var first = live.get(Math.floorMod(turn, live.size()));
    return before.filter(first::equals).isPresent()
        ? live.get(Math.floorMod(turn + 1, live.size()))
        : first;
  }
}
