package io.understudy.ocf;

import io.understudy.model.CopyStatus;
import io.understudy.module.LocalApi.Standing;
import java.time.Duration;

/**
 * A resource as a copy of a module: started by its agent, promoted and demoted as the copy's status
 * says, looked at again and again, and stopped, after which nothing is done with it any more.
 */
final class ResourceCopy {
  private final ResourceAgent agent;
  private final Hands hands;
  private final MetaData metaData;
  private Held held = Held.NOTHING;

  /** What the agent has been told to make of the resource. */
  private enum Held {
    NOTHING,
    STARTED,
    PROMOTED,
    /** It ends, or has ended. */
    ENDED
  }

  ResourceCopy(ResourceAgent agent, Hands hands, MetaData metaData) {
    this.agent = agent;
    this.hands = hands;
    this.metaData = metaData;
  }

  /** What an earlier copy left is stopped first (I9). */
  synchronized void start() {
    goOn();
    var found = hands.run("monitor", metaData.timeout("monitor"), Duration.ZERO);
    if (found.state() != Outcome.NOT_RUNNING) {
      System.out.println("found by " + found + "; it is stopped first");
      if (found.state() == Outcome.PROMOTED || found.state() == Outcome.FAILED_PROMOTED) {
        var unused = run("demote");
      }
      expect(Outcome.SUCCESS, run("stop"));
    }
    held = Held.STARTED;
    expect(Outcome.SUCCESS, run("start"));
    expect(Outcome.SUCCESS, monitor());
  }

  /** Makes of the resource what its copy is. */
  synchronized void take(Standing standing) {
    goOn();
    check(standing.status());
    var primary = standing.status() == CopyStatus.PRIMARY;
    if (primary && metaData.promotable() && held != Held.PROMOTED) {
      held = Held.PROMOTED;
      expect(Outcome.SUCCESS, run("promote"));
      expect(Outcome.PROMOTED, monitor());
    } else if (!primary && held == Held.PROMOTED) {
      expect(Outcome.SUCCESS, run("demote"));
      held = Held.STARTED;
    }
  }

  /** Refuses a status for which the agent has no state of the resource. */
  void check(CopyStatus status) {
    if (status == CopyStatus.BACKUP && !metaData.promotable()) {
      throw new ResourceFailed(
          ("resource agent %s: it has no promote, so that a backup would serve as the primary does;"
                  + " register module %s as cold, or as hot")
              .formatted(agent.name(), agent.instance()));
    }
  }

  /** Fails unless the resource is as it should be. */
  synchronized void look() {
    goOn();
    expect(held == Held.PROMOTED ? Outcome.PROMOTED : Outcome.SUCCESS, monitor());
  }

  /** Until the next look. */
  synchronized Duration pause() {
    return metaData.interval(held == Held.PROMOTED);
  }

  /** Stops it, if there is anything to stop; if that fails, the hands go on to try. */
  synchronized void stop() {
    var had = held;
    held = Held.ENDED;
    if (had == Held.PROMOTED) {
      var unused = run("demote"); // if it fails, to stop it does what is needed
    }
    if (had == Held.STARTED || had == Held.PROMOTED) {
      var unused = run("stop");
    }
  }

  private void goOn() {
    if (held == Held.ENDED) {
      throw new ResourceFailed("the copy ends");
    }
  }

  private Outcome monitor() {
    return hands.run("monitor", metaData.timeout("monitor"), pause());
  }

  private Outcome run(String action) {
    return hands.run(action, metaData.timeout(action), Duration.ZERO);
  }

  private void expect(int state, Outcome outcome) {
    if (outcome.state() != state) {
      throw new ResourceFailed("resource agent %s: %s".formatted(agent.name(), outcome));
    }
  }
}
