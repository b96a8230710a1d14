package io.understudy.manager;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.watchdog.WatchDog;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import java.util.List;
import java.util.function.Predicate;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * A WatchDog's way to the ReplicaManager, and also by all {@link Detours} while the SuperWatchDog
 * beside that one does not answer this host, and the others do.
 */
public final class WayToManager implements WatchDog.ManagerLink {
  private final ActorRef<ManagerProtocol.Command> manager;
  private final Predicate<HostId> misses;
  private final SuperWatchDogs superWatchDogs;
  private final Detours detours;

  /**
   * The way from a node.
   *
   * @param manager the direct way
   * @param misses whether the SuperWatchDog of a host does not answer this one, and others do
   */
  public WayToManager(
      ActorSystem<?> system, ActorRef<ManagerProtocol.Command> manager, Predicate<HostId> misses) {
    this.manager = manager;
    this.misses = misses;
    this.superWatchDogs = new SuperWatchDogs(system);
    this.detours = new Detours(system);
  }

  @Override
  public void tell(ToManager message) {
    manager.tell(new ManagerProtocol.FromWatchDog(message));
    if (roundabout()) {
      detours.get().forEach(by -> by.tell(new Detour.ToReplicaManager(message)));
    }
  }

  /** Nodes that may reach the ReplicaManager while this one does not; none while it does. */
  public List<Address> around() {
    return roundabout() ? detours.addresses() : List.of();
  }

  /** The ReplicaManager runs on the oldest of the nodes that may manage. */
  @Override
  public boolean roundabout() {
    return superWatchDogs.addresses().keySet().stream().findFirst().filter(misses).isPresent();
  }
}
