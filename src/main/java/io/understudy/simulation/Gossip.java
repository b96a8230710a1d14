package io.understudy.simulation;

import io.understudy.model.HostId;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;

/**
 * What a node knows of the membership; it only grows, so that any two views can be joined.
 *
 * @param joined every node that ever was a member, by name
 * @param downed those that were put out
 * @param left those that left in peace, after all that ran on them
 */
record Gossip(PMap<String, Member> joined, PSet<String> downed, PSet<String> left) {
  static final Gossip NOTHING =
      new Gossip(HashTreePMap.empty(), HashTreePSet.empty(), HashTreePSet.empty());

  /** A node that joined, as the age-th. */
  record Member(String node, int machine, boolean manager, long age) {
    HostId host() {
      return Scenario.host(machine);
    }
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

  /** The oldest first. */
  List<Member> members() {
    return joined.values().stream()
        .filter(member -> !isOut(member.node()))
        .sorted(Comparator.comparingLong(Member::age).thenComparing(Member::node))
        .toList();
  }

  Stream<Member> managers() {
    return members().stream().filter(Member::manager);
  }

  /** The SuperWatchDogs' nodes by host, the oldest first. */
  Map<HostId, String> electors() {
    var found = new LinkedHashMap<HostId, String>();
    managers().forEach(member -> found.put(member.host(), member.node()));
    return found;
  }
}
