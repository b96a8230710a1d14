package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * One life of a WatchDog.
 *
 * @param incarnation differs for each; orders for another are not for this one
 * @param fenced whether this host has no lease, so that no primary may run here (I5)
 * @param runs what supervises the last run of each copy
 */
record HostLife(
    String incarnation,
    boolean welcome,
    Fate fate,
    boolean fenced,
    HostCopies copies,
    PMap<CopyId, ActorRef<CopyRun.Command>> runs) {

  /** What it is heading for. */
  sealed interface Fate {
    record Serving() implements Fate {}

    /** Declared dead: to begin again when nothing runs any more (I9). */
    record Clearing() implements Fate {}

    /** The node ends. */
    record Stopping(ActorRef<Done> replyTo) implements Fate {}
  }

  static HostLife begin(String incarnation) {
    return new HostLife(
        incarnation, false, new Fate.Serving(), true, HostCopies.NONE, HashTreePMap.empty());
  }

  boolean is(String other) {
    return incarnation.equals(other);
  }

  boolean serving() {
    return fate instanceof Fate.Serving;
  }

  HostLife welcomed() {
    return new HostLife(incarnation, true, fate, fenced, copies, runs);
  }

  HostLife with(HostCopies next) {
    return new HostLife(incarnation, welcome, fate, fenced, next, runs);
  }

  HostLife with(CopyId copy, ActorRef<CopyRun.Command> run) {
    return new HostLife(incarnation, welcome, fate, fenced, copies, runs.plus(copy, run));
  }

  HostLife without(CopyId copy) {
    return new HostLife(incarnation, welcome, fate, fenced, copies, runs.minus(copy));
  }

  HostLife fenced(boolean now) {
    return new HostLife(incarnation, welcome, fate, now, copies, runs);
  }

  /** From now on nothing new is started. */
  HostLife towards(Fate next) {
    return new HostLife(incarnation, welcome, next, fenced, copies.abandoned(), runs);
  }

  void tell(CopyId copy, CopyNews news) {
    var run = runs.get(copy);
    if (run != null) {
      run.tell(new CopyRun.News(news));
    }
  }

  void regroup(CopyOrder order) {
    var run = runs.get(order.copy());
    if (run != null) {
      run.tell(new CopyRun.Regroup(order));
    }
  }

  void tellAll(CopyNews news) {
    runs.keySet().forEach(copy -> tell(copy, news));
  }
}
