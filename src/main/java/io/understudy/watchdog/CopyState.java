package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is ordered of one copy and what is seen of it; the difference is what the WatchDog does.
 *
 * @param order the last one that was not refused
 * @param report on the last run; while an older run than the ordered one dies, on that one
 * @param stopping whether the run of the report has been told to stop
 */
public record CopyState(CopyOrder order, CopyReport report, boolean stopping) {

  /** What to do about it. */
  public sealed interface Effect {
    /** A new run. */
    record Start(CopyOrder order) implements Effect {}

    /** The run goes on with another status or epoch. */
    record Take(CopyOrder order) implements Effect {}

    /** The run goes on, and is watched as this order says. */
    record Watch(CopyOrder order) implements Effect {}

    /**
     * The run's group, or who of it serves, has changed; comes before what the run is told of its
     * status.
     */
    record Regroup(CopyOrder order) implements Effect {}

    /** The run ends. */
    record Stop(CopyReport report) implements Effect {}

    /** Tell the ReplicaManager what is seen. */
    record Tell(CopyReport report) implements Effect {}
  }

  /** What is so from now on, and what to do. */
  public record Decision(CopyState state, List<Effect> effects) {}

  /** The first order for a copy in this life of the WatchDog. */
  static Decision first(CopyOrder order) {
    return begin(order);
  }

  /** Whether the run of the report is not known to be dead. */
  public boolean alive() {
    return switch (report.seen()) {
      case Seen.Starting starting -> true;
      case Seen.Running running -> true;
      case Seen.Failed failed -> false;
      case Seen.Stopped stopped -> false;
    };
  }

  /** Whether it has taken the place of a primary that must be alone, whatever is ordered by now. */
  boolean actsAlone() {
    return report.status() == CopyStatus.PRIMARY && order.launch().alone();
  }

  /** Whether it acts, or is about to act, as a primary that this order is about. */
  boolean isOvertaken(CopyOrder next) {
    var serves = report.status() == CopyStatus.PRIMARY || order.status() == CopyStatus.PRIMARY;
    return alive() && serves && !stale(next);
  }

  Decision decide(CopyOrder next) {
    if (stale(next)) {
      return answer(this);
    }
    var accepted = new CopyState(next, report, stopping);
    if (next.run() > report.run()) {
      return alive() ? accepted.stop() : begin(next);
    }
    if (!alive()) {
      return answer(accepted); // the same run is never started twice
    }
    if (next.status() == CopyStatus.IDLE) {
      return accepted.stop();
    }
    return accepted.change(order);
  }

  /** A group is handed over at once, which is what the report says from then on. */
  private Decision change(CopyOrder before) {
    var standing = !Standing.of(order).equals(Standing.of(before));
    var newer = order.configuration() > report.configuration();
    var effects = new ArrayList<Effect>();
    if (!order.launch().equals(before.launch())) {
      effects.add(new Effect.Watch(order));
    }
    var serving = order.launch().alone() != before.launch().alone();
    if (order.group().isPresent() && (newer || standing || serving)) {
      effects.add(new Effect.Regroup(order));
    }
    if (standing) {
      effects.add(new Effect.Take(order));
    }
    var handed =
        newer
            ? new CopyState(order, report.withConfiguration(order.configuration()), stopping)
            : this;
    if (newer || !standing) {
      effects.add(new Effect.Tell(handed.report));
    }
    return new Decision(handed, List.copyOf(effects));
  }

  /** What became of a run; news of a run that has been replaced is too late to matter. */
  Decision seen(CopyReport news) {
    if (news.run() != report.run() || !alive()) {
      return new Decision(this, List.of());
    }
    var state = new CopyState(order, news.withConfiguration(report.configuration()), stopping);
    return order.run() > news.run() && !state.alive() ? begin(order) : answer(state);
  }

  /** The report on a run that ended without a word. */
  CopyReport lost(String reason) {
    return new CopyReport(
        report.copy(),
        report.run(),
        report.status(),
        report.epoch(),
        new Seen.Failed(FailureKind.CRASHED, reason),
        report.configuration());
  }

  /** The run that dies is the last. */
  CopyState abandoned() {
    var last =
        new CopyOrder(
            order.copy(),
            report.run(),
            order.status(),
            order.epoch(),
            order.version(),
            order.launch(),
            order.group());
    return new CopyState(last, report, stopping);
  }

  /** An order from a manager that has been replaced, or overtaken by a later one (I4). */
  private boolean stale(CopyOrder next) {
    return next.run() < order.run()
        || next.version() < order.version()
        || next.epoch().compareTo(order.epoch()) < 0;
  }

  private static Decision begin(CopyOrder order) {
    return order.status() == CopyStatus.IDLE
        ? answer(new CopyState(order, report(order, new Seen.Stopped()), false))
        : new Decision(
            new CopyState(order, report(order, new Seen.Starting(OptionalLong.empty())), false),
            List.of(new Effect.Start(order)));
  }

  private Decision stop() {
    return stopping
        ? answer(this)
        : new Decision(new CopyState(order, report, true), List.of(new Effect.Stop(report)));
  }

  private static Decision answer(CopyState state) {
    return new Decision(state, List.of(new Effect.Tell(state.report)));
  }

  private static CopyReport report(CopyOrder order, Seen seen) {
    return new CopyReport(
        order.copy(), order.run(), order.status(), order.epoch(), seen, order.configuration());
  }
}
