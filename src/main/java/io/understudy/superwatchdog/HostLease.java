package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
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
 * @param answered what each SuperWatchDog has answered last, with a grant or not
 * @param askedAt from when the lease counts: the latest time of asking since which a majority has
 *     granted, by the count of each that belongs to it; empty when none ever has. What was granted
 *     stays so: a count that has grown since, of which the new ones have not granted yet, might as
 *     well have come late
 */
public record HostLease(
    String incarnation,
    PMap<HostId, Grant> grants,
    PMap<HostId, Answer> answered,
    OptionalLong askedAt) {

  /**
   * What one SuperWatchDog granted last.
   *
   * @param askedAt when the host asked for it
   * @param from from when the host is to count it: then, or earlier if its lease is the shorter one
   * @param electors how many SuperWatchDogs there are, as this one sees it; 0 if leases are off
   */
  public record Grant(long askedAt, long from, int electors) {
    /** Of a lease as long as the host's own. */
    public Grant(long askedAt, int electors) {
      this(askedAt, askedAt, electors);
    }

    /** From one that is alone for good. */
    static Grant off(long askedAt) {
      return new Grant(askedAt, 0);
    }

    /** The same by one whose leases are so long. */
    Grant by(LeaseTerms own, Duration lease) {
      var shorter = Math.max(0, own.lease().minus(lease).toNanos());
      return new Grant(askedAt, askedAt - shorter, electors);
    }

    int majority() {
      return electors / 2 + 1;
    }
  }

  /**
   * What one SuperWatchDog answered last.
   *
   * @param askedAt when the host sent the beat that it answers
   * @param member whether this host's node is in its cluster
   */
  public record Answer(long askedAt, boolean member) {}

  /** Nothing is granted yet. */
  public static HostLease none(String incarnation) {
    return new HostLease(
        incarnation, HashTreePMap.empty(), HashTreePMap.empty(), OptionalLong.empty());
  }

  /** A grant arrived; one that is older than what is known changes nothing. */
  public HostLease granted(HostId by, String to, Grant grant) {
    var next = noted(by, to, new Answer(grant.askedAt(), true));
    @Nullable Grant known = grants.get(by);
    var fresh = known == null || grant.askedAt() - known.askedAt() > 0;
    if (!fresh || !incarnation.equals(to)) {
      return next;
    }
    var all = grants.plus(by, grant);
    return new HostLease(incarnation, all, next.answered(), later(askedAt, askedAt(all.values())));
  }

  /** A beat was heard there. */
  public HostLease noted(HostId by, String to, Answer answer) {
    @Nullable Answer known = answered.get(by);
    var fresh = known == null || answer.askedAt() - known.askedAt() > 0;
    return fresh && incarnation.equals(to)
        ? new HostLease(incarnation, grants, answered.plus(by, answer), askedAt)
        : this;
  }

  /**
   * The last of its beats that this one has answered: said with the next, it shows that it hears.
   */
  public OptionalLong answeredBy(HostId by) {
    @Nullable Answer known = answered.get(by);
    return known == null ? OptionalLong.empty() : OptionalLong.of(known.askedAt());
  }

  /** Whether this one has answered nothing that it was asked since then. */
  boolean misses(HostId by, long since) {
    @Nullable Answer answer = answered.get(by);
    return answer == null || answer.askedAt() - since <= 0;
  }

  /** Whether this one has renewed nothing that it was asked then or later. */
  public boolean lacks(HostId by, long then) {
    @Nullable Grant grant = grants.get(by);
    return grant == null || grant.askedAt() - then < 0;
  }

  /** How this host stands with these SuperWatchDogs: what they answered to what it asked since. */
  public Touch touch(Collection<HostId> superWatchDogs, long since) {
    var members = 0;
    var strangers = 0;
    for (HostId host : superWatchDogs) {
      @Nullable Answer answer = answered.get(host);
      if (answer != null && answer.askedAt() - since > 0) {
        members += answer.member() ? 1 : 0;
        strangers += answer.member() ? 0 : 1;
      }
    }
    return 2 * members > superWatchDogs.size()
        ? Touch.MAJORITY
        : 2 * strangers > superWatchDogs.size() ? Touch.STRANGER : Touch.NONE;
  }

  /** A single SuperWatchDog has no majority to lose: it says so, and leases are off. */
  public boolean off() {
    return latest().filter(grant -> grant.electors() == 0).isPresent();
  }

  private Optional<Grant> latest() {
    return grants.values().stream().max(latestFirst(Grant::askedAt).reversed());
  }

  /** The time of asking since which a majority has granted, by the count of each of them. */
  private static OptionalLong askedAt(Collection<Grant> grants) {
    var sorted = grants.stream().sorted(latestFirst(Grant::from)).toList();
    var needed = 0;
    for (int i = 0; i < sorted.size(); i++) {
      needed = Math.max(needed, sorted.get(i).majority());
      if (i + 1 >= needed) {
        return OptionalLong.of(sorted.get(i).from());
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong later(OptionalLong one, OptionalLong other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isEmpty() ? other : one;
    }
    return other.getAsLong() - one.getAsLong() > 0 ? other : one;
  }

  /** When the host is to stop its primaries; empty when it may not run any. Only while not off. */
  public OptionalLong stopAt(LeaseTerms terms) {
    return askedAt.isPresent()
        ? OptionalLong.of(terms.stopAt(askedAt.getAsLong()))
        : OptionalLong.empty();
  }

  /** Differences, because a monotonic clock may wrap. */
  private static Comparator<Grant> latestFirst(ToLongFunction<Grant> when) {
    return (a, b) -> Long.signum(when.applyAsLong(b) - when.applyAsLong(a));
  }
}
