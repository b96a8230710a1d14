package io.understudy.simulation;

import io.understudy.model.HostId;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;

/** What a node knows of the membership; it only grows, so that any two views can be joined. */
final class Gossip {
  static final Gossip NOTHING =
      new Gossip(HashTreePMap.empty(), HashTreePSet.empty(), HashTreePSet.empty());

  /** A node that joined, as the age-th. */
  record Member(String node, int machine, boolean manager, long age) {
    HostId host() {
      return Scenario.host(machine);
    }
  }

  /** Every node that ever was a member, by name. */
  private final PMap<String, Member> joined;

  /** Those that were put out. */
  private final PSet<String> downed;

  /** Those that left in peace, after all that ran on them. */
  private final PSet<String> left;

  /** Looked at far more often than anything changes. */
  private final List<Member> members;

  private final List<Member> managers;

  private Gossip(PMap<String, Member> joined, PSet<String> downed, PSet<String> left) {
    this.joined = joined;
    this.downed = downed;
    this.left = left;
    this.members =
        joined.values().stream()
            .filter(member -> !isOut(member.node()))
            .sorted(Comparator.comparingLong(Member::age).thenComparing(Member::node))
            .toList();
    this.managers = members.stream().filter(Member::manager).toList();
  }

  Gossip join(Gossip other) {
    if (this.equals(other)) {
      return this;
    }
    return new Gossip(
        joined.plusAll(other.joined), downed.plusAll(other.downed), left.plusAll(other.left));
  }

  Gossip with(Member member) {
    return new Gossip(joined.plus(member.node(), member), downed, left);
  }

  Gossip down(String node) {
    return new Gossip(joined, downed.plus(node), left);
  }

  Gossip leave(String node) {
    return new Gossip(joined, downed, left.plus(node));
  }

  boolean isMember(String node) {
    return joined.containsKey(node) && !isOut(node);
  }

  boolean isOut(String node) {
    return downed.contains(node) || left.contains(node);
  }

  /** The names of all that ever were members. */
  Set<String> ever() {
    return joined.keySet();
  }

  boolean hasLeft(String node) {
    return left.contains(node);
  }

  /** The oldest first. */
  List<Member> members() {
    return members;
  }

  /** The oldest first. */
  List<Member> managers() {
    return managers;
  }

  /** The SuperWatchDogs' nodes by host, the oldest first. */
  Map<HostId, String> electors() {
    var found = new LinkedHashMap<HostId, String>();
    managers.forEach(member -> found.put(member.host(), member.node()));
    return found;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Gossip that
            && joined.equals(that.joined)
            && downed.equals(that.downed)
            && left.equals(that.left));
  }

  @Override
  public int hashCode() {
    return Objects.hash(joined, downed, left);
  }
}
