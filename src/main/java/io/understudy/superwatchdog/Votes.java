package io.understudy.superwatchdog;

import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.RingBeat.Last;
import java.util.HashSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A SuperWatchDog's own votes, and those that it has taken back without all others having confirmed
 * that they count them no more.
 *
 * @param cast by subject
 * @param withdrawn the first of its beats that is without a vote it once had, by subject
 */
record Votes(PMap<String, Cast> cast, PMap<String, Last> withdrawn) {
  /** Stands for every subject: what a life before this one may have voted. */
  private static final String ALL = "*";

  /**
   * A vote, and when it was cast.
   *
   * @param at of its own monotonic clock, in nanoseconds
   */
  record Cast(Vote vote, long at) {}

  /** None yet; what an earlier life voted is taken back with its first beat. */
  static Votes none(Last first) {
    return new Votes(HashTreePMap.empty(), HashTreePMap.singleton(ALL, first));
  }

  boolean has(String subject) {
    return cast.containsKey(subject);
  }

  /** Whether it is dead for certain, by the vote of this one. */
  boolean hasCertain(String node) {
    @Nullable Cast own = cast.get(node);
    return own != null && own.vote().isCertain();
  }

  /** Whether a vote stands against an incarnation or its node. */
  boolean against(String incarnation) {
    return has(incarnation) || hasCertain(Incarnation.nodeOf(incarnation));
  }

  /** Whether others may count a vote against an incarnation or its node that is no more. */
  boolean mayCount(String incarnation) {
    return withdrawn.containsKey(ALL)
        || withdrawn.containsKey(incarnation)
        || withdrawn.containsKey(Incarnation.nodeOf(incarnation));
  }

  boolean isWithdrawn(String subject) {
    return withdrawn.containsKey(subject);
  }

  /** A vote that is certain replaces a suspicion, and nothing replaces it. */
  Votes plus(String subject, Vote vote, long now) {
    return hasCertain(subject) || (has(subject) && !vote.isCertain())
        ? this
        : new Votes(cast.plus(subject, new Cast(vote, now)), withdrawn.minus(subject));
  }

  /** Takes one back, with a beat. */
  Votes minus(String subject, Last with) {
    return new Votes(cast.minus(subject), withdrawn.plus(subject, with));
  }

  /** Those taken back with beats that all others have heard are past. */
  Votes confirmed(Predicate<Last> allHave) {
    var done = new HashSet<String>();
    withdrawn.forEach(
        (subject, first) -> {
          if (allHave.test(first)) {
            done.add(subject);
          }
        });
    return done.isEmpty() ? this : new Votes(cast, withdrawn.minusAll(done));
  }

  Votes keeping(Predicate<String> wanted) {
    var gone = cast.keySet().stream().filter(wanted.negate()).toList();
    return gone.isEmpty() ? this : new Votes(cast.minusAll(gone), withdrawn);
  }

  /** Whether one has heard of all that was taken back of what these subjects were accused of. */
  boolean knownBy(Predicate<Last> has, Predicate<String> subjects) {
    return withdrawn.entrySet().stream()
        .filter(entry -> subjects.test(entry.getKey()))
        .allMatch(entry -> has.test(entry.getValue()));
  }
}
