package io.understudy.superwatchdog;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What a node does about those who cannot be reached, where the juries do not: they judge hosts and
 * SuperWatchDogs, by what they hear of them, and this one has the patience to leave that to them.
 *
 * <p>An oldest manager that is in touch with a majority puts out whoever it has missed for too long
 * and no jury judges: applications that have joined, and nodes that never had a pulse. A member
 * that the majority hears stays, though connections to it stall. Any node that has lost touch with
 * the majority for too long, or is a stranger to it, ends, to join again as if it were new: that is
 * how those who were put out without hearing of it come back. Until then it lets nobody in: with
 * those who were restarted elsewhere it would make a second cluster, whose SuperWatchDogs know
 * nothing of the leases that the first has granted (I5).
 *
 * <p>Times are readings of one monotonic clock, in nanoseconds, given by the caller.
 *
 * @param missed since when a member has been out of reach that no jury judges, by node
 * @param touchedAt when it was last in touch, or began to miss the managers; empty before it knew
 *     any
 * @param strangeSince since when it has been a stranger
 * @param lookedAt when it looked last
 */
public record Resolver(
    Patience patience,
    PMap<String, Long> missed,
    Optional<Long> touchedAt,
    Optional<Long> strangeSince,
    long lookedAt) {

  /**
   * For how long what may pass by itself is waited for.
   *
   * @param missing until one who is out of reach is put out, and one who has lost touch ends
   * @param strange until a stranger ends: it may only just have joined
   * @param pause between two looks that shows that this node itself was stopped
   */
  public record Patience(Duration missing, Duration strange, Duration pause) {}

  /**
   * What a node sees of the cluster.
   *
   * @param managers the nodes with the manager role, the oldest first
   * @param others all members but itself
   */
  public record Sight(String self, List<String> managers, Map<String, Other> others, Touch touch) {
    public Sight {
      managers = List.copyOf(managers);
      others = Map.copyOf(others);
    }
  }

  /**
   * Another member.
   *
   * @param reached whether the cluster's messages reach it
   * @param judged whether a jury listens for it
   */
  public record Other(boolean reached, boolean judged) {}

  /** One that begins. */
  public static Resolver begin(Patience patience, long now) {
    return new Resolver(patience, HashTreePMap.empty(), Optional.empty(), Optional.empty(), now);
  }

  /** Looks again. What this node slept through counts for nothing. */
  public Resolver look(Sight sight, long now) {
    var slept = now - lookedAt >= patience.pause().toNanos() ? now - lookedAt : 0;
    return new Resolver(
        patience,
        missed(sight, slept, now),
        touchedAt(sight, slept, now),
        sight.touch() == Touch.STRANGER
            ? Optional.of(strangeSince.map(at -> at + slept).orElse(now))
            : Optional.empty(),
        now);
  }

  private Optional<Long> touchedAt(Sight sight, long slept, long now) {
    var begins = touchedAt.isEmpty() && !sight.managers().isEmpty();
    return begins || sight.touch() == Touch.MAJORITY
        ? Optional.of(now)
        : touchedAt.map(at -> at + slept);
  }

  /**
   * Whether nodes may join through this one, as it sees the cluster now: it is in touch, or there
   * were never any managers to be in touch with.
   */
  public boolean admits(Sight sight) {
    return sight.touch() == Touch.MAJORITY || (touchedAt.isEmpty() && sight.managers().isEmpty());
  }

  private PMap<String, Long> missed(Sight sight, long slept, long now) {
    PMap<String, Long> next = HashTreePMap.empty();
    for (var other : sight.others().entrySet()) {
      if (!other.getValue().reached() && !other.getValue().judged()) {
        var at = missed.getOrDefault(other.getKey(), now - slept) + slept;
        next = next.plus(other.getKey(), at);
      }
    }
    return next;
  }

  /**
   * Whom this node is to put out now. The oldest manager does it; each further one takes as much
   * longer as the oldest, in case that cannot.
   */
  public Set<String> out(Sight sight) {
    var place = sight.managers().indexOf(sight.self()) + 1;
    var out = new HashSet<String>();
    if (place > 0 && sight.touch() == Touch.MAJORITY) {
      var most = patience.missing().multipliedBy(place);
      missed.forEach(
          (node, at) -> {
            if (isOver(at, most)) {
              out.add(node);
            }
          });
    }
    return out;
  }

  /** Why this node is to end and join again, if it is. */
  public Optional<String> end() {
    if (strangeSince.filter(at -> isOver(at, patience.strange())).isPresent()) {
      return Optional.of("a majority of the SuperWatchDogs says that it is not in their cluster");
    }
    return touchedAt
        .filter(at -> isOver(at, patience.missing()))
        .map(
            at ->
                "it has been out of touch with the majority of the SuperWatchDogs for %d s"
                    .formatted((lookedAt - at) / 1_000_000_000));
  }

  private boolean isOver(long at, Duration most) {
    return lookedAt - at >= most.toNanos();
  }
}
