package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who the SuperWatchDogs are, and so what it means if some of them die at once (README, how many
 * manager nodes).
 *
 * @param nodes of all of them, by host
 * @param most how many there ever were, or are to be; with one, leases are off
 */
public record Electors(Map<HostId, String> nodes, int most) {
  public Electors {
    nodes = Map.copyOf(nodes);
  }

  /** What those who are left can do about the dead. */
  public enum Outlook {
    /** They judge them, and recover what they ran. */
    JUDGES,
    /**
     * They do if each of the dead has refused a connection, as where its node was killed; of hosts
     * that are silent, as without power, they cannot judge.
     */
    JUDGES_PROVED,
    /** Nobody is left. */
    NOBODY
  }

  /** Hosts run primaries only while a majority of them says so (I5). */
  public boolean leases() {
    return most > 1;
  }

  /** How many of them are a majority. */
  public int majority() {
    return nodes.size() / 2 + 1;
  }

  /**
   * Whether all leases end without these: no majority is left to renew them until there is a
   * verdict on the dead, which waits for as long.
   */
  public boolean leasesEnd(Set<HostId> dead) {
    return leases() && left(dead).size() < majority();
  }

  /** Without these, as {@link Tally} counts. */
  public Outlook without(Set<HostId> dead) {
    var left = left(dead);
    if (left.isEmpty()) {
      return Outlook.NOBODY;
    }
    return left.size() >= majority() || (ofTwo() && left.contains(lowest()))
        ? Outlook.JUDGES
        : Outlook.JUDGES_PROVED;
  }

  private List<HostId> left(Set<HostId> dead) {
    return nodes.keySet().stream().filter(host -> !dead.contains(host)).toList();
  }

  /** Of two that never were more, the one of the lower name goes on alone. */
  private boolean ofTwo() {
    return most == 2 && nodes.size() == 2;
  }

  private HostId lowest() {
    return nodes.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }
}
