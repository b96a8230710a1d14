package io.understudy.ocf;

import io.understudy.model.CopyStatus;
import io.understudy.module.LocalApi.Standing;
import java.time.Duration;

/**
 * A resource as a copy of a module: started by its agent, promoted and demoted as the copy's status
 * says, looked at again and again, and stopped. One action at a time.
 */
final class ResourceCopy {
  private final ResourceAgent agent;
  private final MetaData metaData;
  private Held held = Held.NOTHING;

  /** What the agent has been told to make of the resource. */
  private enum Held {
    NOTHING,
    STARTED,
    PROMOTED
  }

  ResourceCopy(ResourceAgent agent, MetaData metaData) {
    this.agent = agent;
    this.metaData = metaData;
  }

  /** What an earlier copy left is stopped first (I9). */
  synchronized void start() {
    var found = monitor();
    if (found.state() != Outcome.NOT_RUNNING) {
      agent.log().println("found by " + found + "; it is stopped first");
      expect(Outcome.SUCCESS, run("stop"));
    }
    held = Held.STARTED;
    expect(Outcome.SUCCESS, run("start"));
    expect(Outcome.SUCCESS, monitor());
  }

  /** Makes of the resource what its copy is. */
  synchronized void take(Standing standing) {
    if (standing.status() == CopyStatus.PRIMARY) {
      if (metaData.promotable() && held != Held.PROMOTED) {
        expect(Outcome.SUCCESS, run("promote"));
        held = Held.PROMOTED;
        expect(Outcome.PROMOTED, monitor());
      }
    } else {
      check(standing.status());
      if (held == Held.PROMOTED) {
        expect(Outcome.SUCCESS, run("demote"));
        held = Held.STARTED;
      }
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
    expect(held == Held.PROMOTED ? Outcome.PROMOTED : Outcome.SUCCESS, monitor());
  }

  /** Until the next look. */
  synchronized Duration pause() {
    return metaData.interval(held == Held.PROMOTED);
  }

  /** Stops it, if there is anything to stop; whether that has been done. */
  synchronized boolean stop() {
    if (held == Held.PROMOTED) {
      run("demote"); // if it fails, to stop it does what is needed
    }
    if (held != Held.NOTHING && !run("stop").succeeded()) {
      return false;
    }
    held = Held.NOTHING;
    return true;
  }

  private Outcome monitor() {
    return agent.run("monitor", metaData.timeout("monitor"), pause());
  }

  private Outcome run(String action) {
    return agent.run(action, metaData.timeout(action), Duration.ZERO);
  }

  private void expect(int state, Outcome outcome) {
    if (outcome.state() != state) {
      throw new ResourceFailed("resource agent %s: %s".formatted(agent.name(), outcome));
    }
  }
}
