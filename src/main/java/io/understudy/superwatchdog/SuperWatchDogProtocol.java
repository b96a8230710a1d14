package io.understudy.superwatchdog;

import io.understudy.model.Certainty;
import io.understudy.model.HostId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/** What a SuperWatchDog is told and what it tells (patent [0022] to [0026]). */
public final class SuperWatchDogProtocol {
  private SuperWatchDogProtocol() {}

  /** What a SuperWatchDog is told. */
  public interface Command {}

  /**
   * The ReplicaManager is alive ([0026]).
   *
   * @param hosts that it believes alive, with the incarnations of their WatchDogs
   * @param withProcesses hosts on which copies may run that are processes, which outlive a killed
   *     node by moments; told before the first of them is ordered
   * @param manager where host failures are reported, and where to ask for a restart
   */
  public record FromManager(
      Map<HostId, String> hosts, Set<HostId> withProcesses, ActorRef<ToManager> manager)
      implements Command {
    public FromManager {
      hosts = Map.copyOf(hosts);
      withProcesses = Set.copyOf(withProcesses);
    }
  }

  /**
   * A node's last lifeline closed: it may well be dead, which is yet to be found out. Published on
   * the event stream of each SuperWatchDog's node, for who has something to prepare.
   */
  public record HungUp(String node) {}

  /** How does the ring stand? */
  public record GetRing(ActorRef<RingView> replyTo) implements Command {}

  /** When were the hosts last heard? */
  public record GetHosts(ActorRef<HostsHeard> replyTo) implements Command {}

  /** Who judges with you? Answered by {@link Electors}. */
  public record GetElectors(ActorRef<Electors> replyTo) implements Command {}

  /** What a SuperWatchDog tells the ReplicaManager. */
  public sealed interface ToManager {}

  /**
   * This host is dead, or its lease has run out; repeated until the ReplicaManager no longer
   * believes it alive.
   */
  public record HostDead(HostId host, String incarnation, Certainty certainty, String reason)
      implements ToManager {}

  /** The ReplicaManager has fallen silent and is to begin anew from its journal ([0026]). */
  public record RestartManager(String reason) implements ToManager {}

  /**
   * One SuperWatchDog's place on the ring.
   *
   * @param heardFrom its predecessor, or empty while it is alone or has heard nothing
   */
  public record RingView(
      HostId host,
      boolean primary,
      Optional<HostId> sendsTo,
      Optional<HostId> heardFrom,
      long heardMillisAgo) {}

  /** What the SuperWatchDog knows of the hosts. */
  public record HostsHeard(List<HostHeard> hosts) {
    public HostsHeard {
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * When a host was last heard.
   *
   * @param suspected its silence is longer than its heartbeats' rhythm explains
   * @param millisLeft until it is declared dead if it stays silent
   */
  public record HostHeard(
      HostId host, String incarnation, boolean suspected, long silentMillis, long millisLeft) {}
}
