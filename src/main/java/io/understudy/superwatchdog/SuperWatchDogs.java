package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * The SuperWatchDogs of the cluster, found by its membership: one at a fixed path on each manager
 * node.
 */
public final class SuperWatchDogs {
  /** The name under which a node's SuperWatchDog runs. */
  public static final String NAME = "super-watchdog";

  /** The cluster role that carries a node's host name: this, then the name. */
  public static final String HOST_ROLE = "host-";

  /** The cluster role that says where a SuperWatchDog listens for pulses: this, then the port. */
  public static final String PULSE_ROLE = "pulse-";

  private static final String MANAGER_ROLE = "manager";
  private static final Set<MemberStatus> ON_THE_RING =
      Set.of(MemberStatus.up(), MemberStatus.leaving(), MemberStatus.exiting());

  private static final Set<MemberStatus> LEADS = Set.of(MemberStatus.up(), MemberStatus.leaving());

  private final Cluster cluster;
  private final ActorRefResolver resolver;
  private final Supplier<Map<HostId, ActorRef<SuperWatchDogProtocol.Command>>> byAge;
  private final Supplier<Map<HostId, String>> nodes;
  private final Supplier<Map<HostId, InetSocketAddress>> pulses;
  private final Supplier<Map<HostId, Address>> addresses;
  private final HostNames names;
  private final Map<Address, ActorRef<SuperWatchDogProtocol.Command>> refs = new HashMap<>();

  public SuperWatchDogs(ActorSystem<?> system) {
    cluster = Cluster.get(system);
    resolver = ActorRefResolver.get(system);
    byAge = ofEach(member -> Optional.of(ref(member.address())));
    nodes = ofEach(member -> Optional.of(node(member)));
    pulses = ofEach(SuperWatchDogs::pulse);
    addresses = ofEach(member -> Optional.of(member.address()));
    var blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    names = new HostNames(InetAddress::getByName, blocking, System::nanoTime);
  }

  /** By host, the oldest first; those of which there is nothing are left out. */
  private <T> Supplier<Map<HostId, T>> ofEach(Function<Member, Optional<T>> what) {
    return new Derived<>(
        cluster::state,
        state -> {
          var found = new LinkedHashMap<HostId, T>();
          for (Member member : managers(state)) {
            host(member).ifPresent(host -> what.apply(member).ifPresent(it -> found.put(host, it)));
          }
          return Collections.unmodifiableMap(found);
        });
  }

  /** Each host's SuperWatchDog, the oldest first. */
  public Map<HostId, ActorRef<SuperWatchDogProtocol.Command>> byAge() {
    return byAge.get();
  }

  /** Each host's node, the oldest first. */
  Map<HostId, String> nodes() {
    return nodes.get();
  }

  /** Those of the membership, while no SuperWatchDog says whom it counts. */
  public Electors electors() {
    return new Electors(nodes(), nodes().size());
  }

  /** Each host's node's remoting, the oldest first: on that one the ReplicaManager runs. */
  public Map<HostId, Address> addresses() {
    return addresses.get();
  }

  /** Where each listens for pulses; unresolved while nobody knows its name. Never waits. */
  public Map<HostId, InetSocketAddress> pulses() {
    var found = new LinkedHashMap<>(pulses.get());
    found.replaceAll(
        (host, at) ->
            names
                .find(at.getHostString())
                .map(there -> new InetSocketAddress(there, at.getPort()))
                .orElse(at));
    return found;
  }

  private static Optional<InetSocketAddress> pulse(Member member) {
    var at = member.address().getHost().orElse("");
    return role(member, PULSE_ROLE)
        .map(port -> InetSocketAddress.createUnresolved(at, Integer.parseInt(port)));
  }

  /** Those that may manage, the oldest first. */
  static List<Member> managers(CurrentClusterState state) {
    List<Member> managers = new ArrayList<>();
    for (Member member : state.getMembers()) {
      if (member.hasRole(MANAGER_ROLE) && ON_THE_RING.contains(member.status())) {
        managers.add(member);
      }
    }
    managers.sort((a, b) -> a.isOlderThan(b) ? -1 : b.isOlderThan(a) ? 1 : 0);
    return managers;
  }

  /** The node that leads the cluster, or will without those that are dead. */
  Optional<String> leader(Predicate<String> isDead) {
    return leader(cluster.state(), member -> isDead.test(node(member))).map(SuperWatchDogs::node);
  }

  /**
   * Who leads the cluster, or will without those that are on their way out: the first by address.
   */
  public static Optional<Member> leader(CurrentClusterState state, Predicate<Member> isOut) {
    for (Member member : state.getMembers()) {
      if (LEADS.contains(member.status()) && !isOut.test(member)) {
        return Optional.of(member);
      }
    }
    return Optional.empty();
  }

  /** The name of a member's node, see {@link Incarnation}. */
  public static String node(Member member) {
    var address = member.address().hostPort();
    return Incarnation.node(
        address.substring(address.indexOf('@') + 1), member.uniqueAddress().longUid());
  }

  /** The host name of a member. */
  public static Optional<HostId> host(Member member) {
    return role(member, HOST_ROLE).map(HostId::new);
  }

  private static Optional<String> role(Member member, String prefix) {
    return member.getRoles().stream()
        .filter(role -> role.startsWith(prefix))
        .findFirst()
        .map(role -> role.substring(prefix.length()));
  }

  private synchronized ActorRef<SuperWatchDogProtocol.Command> ref(Address address) {
    return refs.computeIfAbsent(
        address, at -> resolver.resolveActorRef("%s/user/%s".formatted(at, NAME)));
  }
}
