package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostDead;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RestartManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a SuperWatchDog hears from the ReplicaManager of its host, and tells it: who of those whom
 * it believes alive is dead. A death is repeated until it is believed, so that none is lost with a
 * manager.
 *
 * <p>Times are readings of one monotonic clock, in nanoseconds, given by the caller.
 */
final class ManagerLine {
  /**
   * The kernel may have to fetch a dead process's memory from a slow disk before it is given back.
   */
  private static final Duration TEARDOWN = Duration.ofSeconds(30);

  private final SuperWatchDogSettings settings;
  private final Predicate<String> hasLifeline;
  private final BiConsumer<String, Duration> again;

  /**
   * Since when the processes of each dead node are at their end: from when the kernel closes what
   * was the node's, as far as that is known. In the future while a lifeline is still open.
   */
  private final Map<String, Long> deadSince = new HashMap<>();

  /** Nodes whose processes are known to be dead, as far as the nodes are. */
  private final Set<String> buried = new HashSet<>();

  private Map<HostId, String> expected = Map.of();
  private Set<HostId> withProcesses = Set.of();
  private Optional<Known> manager = Optional.empty();

  private record Known(ActorRef<ToManager> manager, long heardAt) {}

  /**
   * Nobody manages here yet.
   *
   * @param hasLifeline whether the lifeline of a node is open
   * @param again asks to report again after so long, on behalf of an incarnation
   */
  ManagerLine(
      SuperWatchDogSettings settings,
      Predicate<String> hasLifeline,
      BiConsumer<String, Duration> again) {
    this.settings = settings;
    this.hasLifeline = hasLifeline;
    this.again = again;
  }

  /** The hosts that the manager believes alive, with their incarnations. */
  Map<HostId, String> expected() {
    return expected;
  }

  /** It is alive; true when it expects others than before. */
  boolean heard(FromManager heartbeat, long now) {
    manager = Optional.of(new Known(heartbeat.manager(), now));
    var changed = !expected.equals(heartbeat.hosts());
    expected = heartbeat.hosts();
    withProcesses = heartbeat.withProcesses();
    return changed;
  }

  /**
   * A guard says that all processes there are dead; true when that is news.
   *
   * @param known the subjects that are listened for
   */
  boolean buried(String node, Set<String> known) {
    return Stream.concat(known.stream(), expected.values().stream())
            .anyMatch(subject -> Incarnation.nodeOf(subject).equals(node))
        && buried.add(node);
  }

  /** Nobody listens there any more. */
  void proved(String node, long now) {
    deadSince.put(node, now);
  }

  /** The last lifeline of a node has closed, be it dead or not. */
  void closed(String node, long now) {
    deadSince.computeIfPresent(node, (dead, since) -> since - now > 0 ? now : since);
  }

  /** Nobody listened until now. */
  void paused(long now) {
    manager = manager.map(known -> new Known(known.manager(), now));
  }

  /** Tells of all whom the jury holds for dead. */
  void report(Jury jury, long now) {
    manager.ifPresent(
        known -> expected.forEach((host, life) -> report(known.manager(), host, life, jury, now)));
  }

  private void report(
      ActorRef<ToManager> to, HostId host, String incarnation, Jury jury, long now) {
    jury.death(incarnation)
        .ifPresent(
            death -> {
              var left = withProcesses.contains(host) ? dying(incarnation, death, now) : 0;
              if (left <= 0) {
                Steps.take(Steps.Step.REPORTED, incarnation);
                to.tell(new HostDead(host, incarnation, death.certainty(), death.reason()));
              } else {
                again.accept(incarnation, Duration.ofNanos(left));
              }
            });
  }

  /**
   * How long processes may yet outlive their node, which is proved dead, in nanoseconds (I5). Its
   * guard says when they are dead, and may have died with it.
   */
  private long dying(String incarnation, Vote death, long now) {
    if (!death.isCertain() || buried.contains(Incarnation.nodeOf(incarnation))) {
      return 0;
    }
    var since =
        deadSince.computeIfAbsent(
            Incarnation.nodeOf(incarnation),
            node -> hasLifeline.test(node) ? now + TEARDOWN.toNanos() : now);
    return settings.dying().toNanos() - (now - since);
  }

  /** [0026]: a silent ReplicaManager is restarted on the same host. */
  void watch(long now) {
    manager
        .filter(known -> isSilent(known, now))
        .ifPresent(
            known -> {
              var silent = Duration.ofNanos(now - known.heardAt()).toMillis();
              known
                  .manager()
                  .tell(new RestartManager("it has been silent for %d ms".formatted(silent)));
              manager = Optional.of(new Known(known.manager(), now));
            });
  }

  /** Another host manages: what a manager here once expected is nobody's business any more. */
  void retire(long now) {
    if (manager.filter(known -> !isSilent(known, now)).isEmpty()) {
      manager = Optional.empty();
      expected = Map.of();
      withProcesses = Set.of();
    }
  }

  private boolean isSilent(Known known, long now) {
    return now - known.heardAt() >= settings.managerTimeout().toNanos();
  }

  /** The incarnations that the manager expects, and their nodes. */
  Set<String> wanted() {
    var wanted = new HashSet<>(expected.values());
    expected.values().forEach(incarnation -> wanted.add(Incarnation.nodeOf(incarnation)));
    return wanted;
  }

  /** Forgets all but what is expected, or listened for. */
  void keep(Collection<String> known) {
    var nodes = wanted();
    known.forEach(subject -> nodes.add(Incarnation.nodeOf(subject)));
    deadSince.keySet().retainAll(nodes);
    buried.retainAll(nodes);
  }
}
