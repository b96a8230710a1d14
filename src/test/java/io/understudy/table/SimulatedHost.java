package io.understudy.table;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.StateGroup.Member;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A host with its WatchDog, as far as the table can tell: it does what it is owed, refuses what is
 * older than what it knows, and says what it sees until it is heard.
 */
final class SimulatedHost {
  /** How far a run has come. */
  enum Life {
    STARTING,
    RUNNING,
    STOPPING,
    DEAD
  }

  /** The newest run of a copy that this incarnation knows. */
  record Run(CopyOrder order, Life life, CopyStatus believes, Epoch epoch, Seen seen) {
    boolean isAlive() {
      return life != Life.DEAD;
    }

    boolean believesPrimary() {
      return isAlive() && believes == CopyStatus.PRIMARY;
    }

    Run now(Life next, Seen says) {
      return new Run(order, next, believes, epoch, says);
    }

    CopyReport report() {
      return new CopyReport(
          order.copy(), order.run(), believes, epoch, seen, order.configuration());
    }
  }

  private final HostId id;
  private final Set<String> everStarted;
  private final Map<CopyId, Run> runs = new TreeMap<>();
  private int life = 1;
  private boolean alive = true;
  private long nextPid = 1;

  /**
   * A fresh host.
   *
   * @param everStarted every run that was started anywhere, to find one that is started twice
   */
  SimulatedHost(HostId id, Set<String> everStarted) {
    this.id = id;
    this.everStarted = everStarted;
  }

  HostId id() {
    return id;
  }

  boolean isAlive() {
    return alive;
  }

  String incarnation() {
    return id + "." + life;
  }

  HostRow row() {
    return new HostRow(id, incarnation(), id.value() + ":17355", life, "ref", true);
  }

  Stream<Run> runs() {
    return runs.values().stream();
  }

  List<CopyId> living() {
    return runs().filter(Run::isAlive).map(run -> run.order().copy()).toList();
  }

  List<CopyReport> reports() {
    return runs().map(Run::report).toList();
  }

  void die() {
    alive = false;
    runs.clear();
  }

  /** A new life, and nothing is left of the old one (I9). */
  void beginAnew() {
    runs.clear();
    life++;
    alive = true;
  }

  void obey(CopyOrder order) {
    var known = runs.get(order.copy());
    if (known == null || order.run() > known.order().run()) {
      runs.put(order.copy(), first(order));
    } else if (order.run() == known.order().run()
        && order.version() >= known.order().version()
        && order.epoch().compareTo(known.epoch()) >= 0
        && known.isAlive()
        && known.life() != Life.STOPPING) {
      runs.put(order.copy(), again(known, order));
    }
  }

  private Run first(CopyOrder order) {
    if (order.status() == CopyStatus.IDLE) {
      return new Run(order, Life.DEAD, CopyStatus.IDLE, order.epoch(), new Seen.Stopped());
    }
    if (!everStarted.add(order.copy() + "#" + order.run())) {
      throw new AssertionError("I9: run %d of %s twice".formatted(order.run(), order.copy()));
    }
    var seen = new Seen.Starting(OptionalLong.empty());
    return new Run(order, Life.STARTING, order.status(), order.epoch(), seen);
  }

  /** A copy that is told to stop goes on as what it was until it is dead. */
  private static Run again(Run known, CopyOrder order) {
    return order.status() == CopyStatus.IDLE
        ? new Run(order, Life.STOPPING, known.believes(), known.epoch(), known.seen())
        : new Run(order, known.life(), order.status(), order.epoch(), known.seen());
  }

  /** What the sequencers that run here say of the members of their groups. */
  List<Change> verdicts(Predicate<Member> inSync) {
    return runs()
        .filter(run -> run.life() == Life.RUNNING && run.believesPrimary())
        .flatMap(
            run ->
                run.order().group().stream()
                    .filter(group -> group.sequencer().equals(run.order().copy()))
                    .flatMap(group -> group.members().stream())
                    .filter(member -> member.inSync() != inSync.test(member))
                    .map(member -> verdict(run, member)))
        .toList();
  }

  private Change verdict(Run by, Member member) {
    return new Change.SyncReported(
        id,
        incarnation(),
        by.order().copy(),
        by.order().run(),
        by.epoch(),
        by.order().group().orElseThrow().configuration(),
        member.copy(),
        member.run(),
        !member.inSync(),
        "simulated");
  }

  void fail(CopyId copy, FailureKind kind) {
    runs.computeIfPresent(
        copy, (id, run) -> run.now(Life.DEAD, new Seen.Failed(kind, "simulated")));
  }

  /** What starts gets ready, or fails if it is broken; what stops is dead. */
  void progress(CopyId copy, Set<FailureKind> broken) {
    runs.computeIfPresent(
        copy,
        (id, run) ->
            switch (run.life()) {
              case STARTING -> started(run, broken);
              case STOPPING -> run.now(Life.DEAD, new Seen.Stopped());
              case RUNNING, DEAD -> run;
            });
  }

  private Run started(Run run, Set<FailureKind> broken) {
    return broken.stream()
        .findFirst()
        .map(kind -> run.now(Life.DEAD, new Seen.Failed(kind, "broken")))
        .orElseGet(() -> run.now(Life.RUNNING, new Seen.Running(nextPid++)));
  }
}
