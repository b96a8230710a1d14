package io.understudy.manager;

import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;

/** What the ReplicaManager tells the SuperWatchDog of its host, all the time ([0026]). */
final class ToSuperWatchDog {
  private final ActorRef<SuperWatchDogProtocol.Command> superWatchDog;
  private final ActorRef<SuperWatchDogProtocol.ToManager> answersTo;
  private Set<HostId> withProcesses = Set.of();
  private long toldOf = -1;

  /**
   * It has been told nothing.
   *
   * @param answersTo who hears of dead hosts
   */
  ToSuperWatchDog(
      ActorRef<SuperWatchDogProtocol.Command> superWatchDog,
      ActorRef<SuperWatchDogProtocol.ToManager> answersTo) {
    this.superWatchDog = superWatchDog;
    this.answersTo = answersTo;
  }

  /**
   * Before the first process of a host is ordered: should its node die, the SuperWatchDog waits for
   * the end of its processes (I5). It runs on this node, so that no word is lost or late.
   */
  void beforeOrders(ReplicationTable table, Collection<ModuleId> modules) {
    var changed = modules.stream().map(table::module).flatMap(Optional::stream);
    if (!withProcesses.containsAll(withProcesses(changed))) {
      heartbeat(table);
    }
  }

  /** The ReplicaManager is alive, and believes this. */
  void heartbeat(ReplicationTable table) {
    if (table.version() != toldOf) {
      withProcesses = withProcesses(table.modules().values().stream());
      toldOf = table.version();
    }
    superWatchDog.tell(
        new SuperWatchDogProtocol.FromManager(table.incarnations(), withProcesses, answersTo));
  }

  private static Set<HostId> withProcesses(Stream<ModuleRow> rows) {
    return rows.flatMap(ModuleRow::mayLeaveProcesses).collect(Collectors.toUnmodifiableSet());
  }
}
