package io.understudy.superwatchdog;

import static java.util.stream.Collectors.groupingBy;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts the votes against subjects, as one jury knows them at a moment. */
final class Tally {
  private final Jury jury;
  private final long now;

  /** Once for all subjects, of which there are many when a part of the network is lost. */
  private final Map<String, Vote> said;

  private final Map<String, List<String>> lives;

  Tally(Jury jury, long now) {
    this.jury = jury;
    this.now = now;
    this.said = jury.said();
    this.lives =
        jury.lives().bySubject().keySet().stream().collect(groupingBy(Incarnation::nodeOf));
  }

  /** What a majority finds, if it does. */
  Optional<Vote> verdict(String subject) {
    var cast = cast(subject);
    var certain = new HashMap<>(cast);
    certain.values().removeIf(vote -> !vote.isCertain());
    // A firewall may refuse in a host's place: of what one alone has found, while there are or were
    // others, nothing follows before its leases are over, and not if it is heard meanwhile.
    var over = isOver(subject);
    var believed = certain.size() > 1 || over || jury.me().most() == 1;
    if (believed && 2 * certain.size() > jury.living().size()) {
      return Optional.of(ownOr(certain));
    }
    cast.values().removeIf(vote -> vote.isCertain() && !over);
    return enough(cast.keySet())
        ? Optional.of(Vote.suspected(ownOr(cast).reason()))
        : Optional.empty();
  }

  private Map<HostId, Vote> cast(String subject) {
    var cast = new HashMap<HostId, Vote>();
    var accused = new HashSet<HostId>();
    count(subject, jury.me().host(), said, cast, accused);
    for (var beat : jury.peers().beats().values()) {
      // Who has not been heard of late may have put this one out, and withdrawn its votes since.
      if (jury.lives().spokeSince(beat.node(), now - jury.terms().lease().toNanos())) {
        count(subject, beat.from(), beat.votes(), cast, accused);
      }
    }
    cast.keySet().removeAll(accused);
    return cast;
  }

  /**
   * Who accuses a SuperWatchDog may have helped others to go on without it, and does not judge
   * together with it: one that hears nobody would make a majority with each of two sides.
   */
  private void count(
      String subject,
      HostId voter,
      Map<String, Vote> votes,
      Map<HostId, Vote> cast,
      Set<HostId> accused) {
    @Nullable Vote vote = votes.get(subject);
    if (vote != null) {
      cast.put(voter, vote);
      accused.addAll(jury.peers().among(votes::containsKey));
    }
  }

  private Vote ownOr(Map<HostId, Vote> cast) {
    return Optional.ofNullable(cast.get(jury.me().host()))
        .orElseGet(() -> cast.values().iterator().next());
  }

  /** Whether all leases from here have run out there, and nothing was heard for as long. */
  private boolean isOver(String subject) {
    var onNode = lives.getOrDefault(Incarnation.nodeOf(subject), List.of());
    return Stream.concat(Stream.of(subject), onNode.stream())
        .map(jury.lives()::of)
        .allMatch(
            life ->
                life == null
                    || (jury.expired(life, now)
                        && now - life.heardAt() >= jury.terms().waitNanos()));
  }

  /**
   * A majority. Where there never were more than two, also the one with the node of the lower name,
   * so that one of two goes on when they are cut apart: a lease needs both. Of two that are left of
   * more it may not, for those that left may have granted leases with the other.
   */
  private boolean enough(Collection<HostId> voters) {
    var electors = jury.peers().nodes();
    var lowest = electors.entrySet().stream().min(Map.Entry.comparingByValue());
    return 2 * voters.stream().filter(electors::containsKey).count() > electors.size()
        || (jury.me().most() == 2
            && electors.size() == 2
            && lowest.filter(entry -> voters.contains(entry.getKey())).isPresent());
  }
}
