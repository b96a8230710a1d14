package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A host's lease as the host itself knows it: it holds while a majority of the SuperWatchDogs has
 * renewed it (I5).
 *
 * <p>Times are readings of the host's own monotonic clock, in nanoseconds.
 *
 * @param incarnation of its WatchDog; grants for another are not for this one
 * @param answered the last of its beats that each SuperWatchDog has answered, with a grant or not
 */
public record HostLease(
    String incarnation, PMap<HostId, Grant> grants, PMap<HostId, Long> answered) {

  /**
   * What one SuperWatchDog granted last.
   *
   * @param askedAt when the host asked for it
   * @param electors how many SuperWatchDogs there are, as this one sees it
   */
  public record Grant(long askedAt, int electors) {
    int majority() {
      return electors / 2 + 1;
    }
  }

  /** Nothing is granted yet. */
  public static HostLease none(String incarnation) {
    return new HostLease(incarnation, HashTreePMap.empty(), HashTreePMap.empty());
  }

  /** A grant arrived; one that is older than what is known changes nothing. */
  public HostLease granted(HostId by, String to, Grant grant) {
    var next = noted(by, to, grant.askedAt());
    @Nullable Grant known = grants.get(by);
    var fresh = known == null || grant.askedAt() - known.askedAt() > 0;
    return fresh && incarnation.equals(to)
        ? new HostLease(incarnation, grants.plus(by, grant), next.answered())
        : next;
  }

  /** A beat was heard there. */
  public HostLease noted(HostId by, String to, long askedAt) {
    @Nullable Long known = answered.get(by);
    var fresh = known == null || askedAt - known > 0;
    return fresh && incarnation.equals(to)
        ? new HostLease(incarnation, grants, answered.plus(by, askedAt))
        : this;
  }

  /** The last of its beats that this one has answered: said with the next, it shows that it hears. */
  public OptionalLong answeredBy(HostId by) {
    @Nullable Long known = answered.get(by);
    return known == null ? OptionalLong.empty() : OptionalLong.of(known);
  }

  /** A single SuperWatchDog has no majority to lose: it says so, and leases are off. */
  public boolean off() {
    return latest().filter(grant -> grant.electors() == 1).isPresent();
  }

  private Optional<Grant> latest() {
    return grants.values().stream().max(latestFirst().reversed());
  }

  /**
   * The time of asking from which the lease counts: a majority has granted since, by the count of
   * each that belongs to it. Empty when no majority ever has.
   */
  public OptionalLong askedAt() {
    var sorted = grants.values().stream().sorted(latestFirst()).toList();
    var needed = 0;
    for (int i = 0; i < sorted.size(); i++) {
      needed = Math.max(needed, sorted.get(i).majority());
      if (i + 1 >= needed) {
        return OptionalLong.of(sorted.get(i).askedAt());
      }
    }
    return OptionalLong.empty();
  }

  /** When the host is to stop its primaries; empty when it may not run any. Only while not off. */
  public OptionalLong stopAt(LeaseTerms terms) {
    var asked = askedAt();
    return asked.isPresent()
        ? OptionalLong.of(terms.stopAt(asked.getAsLong()))
        : OptionalLong.empty();
  }

  /** Differences, because a monotonic clock may wrap. */
  private static Comparator<Grant> latestFirst() {
    return (a, b) -> Long.signum(b.askedAt() - a.askedAt());
  }
}
