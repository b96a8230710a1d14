package io.understudy.manager;

import io.understudy.superwatchdog.SuperWatchDogs;
import java.util.List;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * The {@link Detour}s that may reach the ReplicaManager where this node does not: those on every
 * node that may manage, but for this one and the one that does.
 */
public final class Detours implements Supplier<List<ActorRef<Detour.Message>>> {
  private final SuperWatchDogs superWatchDogs;
  private final ActorRefResolver resolver;
  private final Address self;

  public Detours(ActorSystem<?> system) {
    superWatchDogs = new SuperWatchDogs(system);
    resolver = ActorRefResolver.get(system);
    self = Cluster.get(system).selfMember().address();
  }

  /** Their nodes. */
  List<Address> addresses() {
    return superWatchDogs.addresses().values().stream()
        .skip(1) // on the oldest one the ReplicaManager runs
        .filter(address -> !address.equals(self))
        .toList();
  }

  @Override
  public List<ActorRef<Detour.Message>> get() {
    return addresses().stream()
        .map(address -> "%s/user/%s".formatted(address, Detour.NAME))
        .map(resolver::<Detour.Message>resolveActorRef)
        .toList();
  }
}
