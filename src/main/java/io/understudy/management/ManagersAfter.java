package io.understudy.management;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.Electors;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the managers if some of their hosts fail.
 *
 * @param before where the ReplicaManager runs
 * @param after where it runs then; absent if nobody recovers anything
 * @param superWatchDogs how many there are
 * @param majority how many of them have to agree
 * @param left those whose hosts do not fail
 * @param recovers whether what fails is recovered
 * @param leases whether primaries of cold and warm modules stop, as no majority renews their leases
 * @param reason of both, in words for an operator
 */
record ManagersAfter(
    String before,
    Optional<String> after,
    int superWatchDogs,
    int majority,
    List<String> left,
    boolean recovers,
    boolean leases,
    String reason) {

  /**
   * If these fail.
   *
   * @param byAge the hosts of the SuperWatchDogs, the oldest first, which manages
   */
  static ManagersAfter of(Failing failing, HostId manager, Electors electors, List<HostId> byAge) {
    var left = byAge.stream().filter(host -> !failing.hosts().contains(host)).toList();
    var outlook = electors.without(failing.hosts());
    var next = failing.hosts().contains(manager) ? left.stream().findFirst() : Optional.of(manager);
    var after = outlook == Electors.Outlook.JUDGES ? next : Optional.<HostId>empty();
    var counts =
        "%d of %d SuperWatchDogs %s left"
            .formatted(left.size(), electors.nodes().size(), left.size() == 1 ? "is" : "are");
    var isHit = electors.nodes().keySet().stream().anyMatch(failing.hosts()::contains);
    var reason =
        switch (outlook) {
          case JUDGES ->
              isHit
                  ? counts + enough(left.size(), electors) + managing(manager, after)
                  : "no SuperWatchDog fails, and %s manages on".formatted(manager);
          case JUDGES_PROVED -> counts + tooFew(next);
          case NOBODY -> "no SuperWatchDog is left: nothing is recovered" + consequence(electors);
        };
    return new ManagersAfter(
        manager.value(),
        after.map(HostId::value),
        electors.nodes().size(),
        electors.majority(),
        left.stream().map(HostId::value).toList(),
        after.isPresent(),
        electors.leasesEnd(failing.hosts()),
        reason);
  }

  private static String tooFew(Optional<HostId> next) {
    return ", no majority: hosts that are silent, as without power, they cannot judge, so that"
        + " nothing is recovered, and each primary of a cold or warm module stops when its host's"
        + " lease ends. Nodes that were killed on hosts that refuse connections since, they can:"
        + " then %s manages when all leases have run out, and recovers what it can"
            .formatted(next.map(HostId::value).orElse("one of them"));
  }

  private static String enough(int left, Electors electors) {
    return left >= electors.majority()
        ? ", a majority"
        : ", and of two that one goes on alone when all leases have run out and each primary of a"
            + " cold or warm module has stopped";
  }

  private static String managing(HostId before, Optional<HostId> after) {
    var is = after.map(HostId::value).orElse("nobody");
    return after.filter(before::equals).isPresent()
        ? ": %s manages on".formatted(is)
        : ": %s manages next, with the same table".formatted(is);
  }

  private static String consequence(Electors electors) {
    return electors.leases()
        ? ", and each primary of a cold or warm module stops when its host's lease ends"
        : "; with a single manager node leases are off, so that copies elsewhere run on";
  }
}
