package io.understudy.superwatchdog;

import io.understudy.model.Incarnation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;

/**
 * Those with a verdict, until the cluster is rid of their nodes.
 *
 * <p>A node that is dead, or whose WatchDog is, goes, so that what it hosted moves. One of those
 * who are left does it; each further one would have the cluster agree anew, and so does it only if
 * it has not been done. Only a manager waits for that: to agree on other nodes keeps all processors
 * busy, just when those who take over need them.
 */
final class Judged {
  private static final Duration UNTIL_OTHERS_DO = Duration.ofMillis(500);

  /** From the verdict on a node where no manager could be until it goes: its copies go first. */
  private static final Duration UNTIL_RECOVERED = Duration.ofMillis(500);

  private final SuperWatchDogs superWatchDogs;
  private final Expulsion expulsion;
  private final Logger log;
  private final Map<String, Long> since = new HashMap<>();

  Judged(SuperWatchDogs superWatchDogs, Expulsion expulsion, Logger log) {
    this.superWatchDogs = superWatchDogs;
    this.expulsion = expulsion;
    this.log = log;
  }

  /** Learns of new verdicts, and says whether there are any. */
  boolean learn(Jury jury, long now) {
    var fresh = new HashMap<>(jury.verdicts());
    fresh.keySet().removeAll(since.keySet());
    fresh.forEach(
        (subject, verdict) -> {
          Steps.take(Steps.Step.AGREED, subject);
          log.warn("{} is dead: {}", subject, verdict.reason());
          since.put(subject, now);
        });
    return !fresh.isEmpty();
  }

  /** Puts out those whose time has come. */
  void putOut(Jury jury, long now) {
    if (since.isEmpty()) {
      return;
    }
    var nodes = expulsion.nodes();
    var ofManagers = superWatchDogs.nodes().values();
    var own = isFirst(jury) ? Duration.ZERO : UNTIL_OTHERS_DO;
    since.forEach(
        (subject, at) -> {
          var node = Incarnation.nodeOf(subject);
          var wait = ofManagers.contains(node) ? own : own.plus(UNTIL_RECOVERED);
          if (nodes.contains(node) && now - at >= wait.toNanos()) {
            expulsion.putOut(node, "it is dead");
          }
        });
  }

  /** The leader, who will remove the node then, if it is a manager; else the first on the ring. */
  private boolean isFirst(Jury jury) {
    Predicate<String> isDead = node -> jury.death(node).isPresent();
    var alive = superWatchDogs.nodes().values().stream().filter(isDead.negate()).toList();
    return superWatchDogs
        .leader(isDead)
        .filter(alive::contains)
        .or(() -> alive.stream().findFirst())
        .filter(jury.me().node()::equals)
        .isPresent();
  }

  /** Forgets whom the jury has forgotten. */
  void keep(Jury jury) {
    since.keySet().retainAll(jury.verdicts().keySet());
  }
}
