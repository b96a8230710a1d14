package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * One run of a copy from its start to its death, whatever the copy is made of: when it is ready,
 * when it is hung, and that it is dead before its failure is told (I5).
 *
 * <p>Times are readings of a clock that only goes forward.
 *
 * @param wanted what the ReplicaManager ordered last
 * @param taken what the copy acts on, as far as is known
 * @param confirms whether the copy has to confirm a status before it counts as taken
 * @param confirmBy the deadline for that, while one is open
 * @param recovery of its state; until it is complete, the copy is not told to act as primary
 */
record CopyLife(
    CopyOrder order,
    Standing wanted,
    Standing taken,
    boolean confirms,
    Optional<Duration> confirmBy,
    Recovery recovery,
    CopyPhase phase) {

  record Step(CopyLife life, List<CopyAction> actions) {
    private Step then(Step next) {
      var all = new ArrayList<>(actions);
      all.addAll(next.actions);
      return new Step(next.life, List.copyOf(all));
    }
  }

  /** A tick this late means that the WatchDog itself was paused. */
  static final Duration PAUSED = Duration.ofMillis(250);

  /** Until a copy is ready it is asked more often than after, so that it is not kept waiting. */
  private static final Duration ASK_WHILE_STARTING = Duration.ofMillis(100);

  /**
   * A run that is asked to start now.
   *
   * @param confirms true of actors, which are told by message and answer
   */
  static CopyLife begin(CopyOrder order, boolean confirms, Duration now) {
    var standing = Standing.of(order);
    return new CopyLife(
        order,
        standing,
        standing,
        confirms,
        Optional.empty(),
        Recovery.of(order.group().isPresent()),
        new CopyPhase.Spawning(now.plus(order.launch().readiness().deadline()), Optional.empty()));
  }

  Step decide(CopyNews news, Duration now) {
    return switch (news) {
      case CopyNews.Spawned(var pid) -> spawned(pid, now);
      case CopyNews.Gone(var kind, var reason) -> gone(new Seen.Failed(kind, reason));
      case CopyNews.Beat(var inHand) -> detect(detector -> detector.heard(inHand, now));
      case CopyNews.SaidReady() -> saidReady(now);
      case CopyNews.Listens() ->
          stay(new CopyLife(order, wanted, taken, true, confirmBy, recovery, phase));
      case CopyNews.Confirmed(var epoch) -> confirmed(epoch);
      case CopyNews.StateComplete(var epoch) -> stateComplete(epoch, now);
      case CopyNews.StateProgress(var doing) -> stay(stateProgress(doing, now));
      case CopyNews.StateFailed(var reason) -> kill(failed(FailureKind.CRASHED, reason));
      case CopyNews.PollBegun() -> detect(detector -> detector.begun(now));
      case CopyNews.Polled(var problem) -> polled(problem, now);
      case CopyNews.Take(var standing) -> take(standing, now);
      case CopyNews.Demoted(var standing) ->
          standing.epoch().compareTo(wanted.epoch()) < 0 ? stay(this) : take(standing, now);
      case CopyNews.Watch(var how) -> stay(watchedBy(how, now));
      case CopyNews.Stop() -> end(new Seen.Stopped(), now);
      case CopyNews.Left() -> end(new Seen.Stopped(), now);
      case CopyNews.Kill() -> kill(new Seen.Stopped());
      case CopyNews.Fence(var reason) -> kill(failed(FailureKind.FENCED, reason));
      case CopyNews.Tick(var late) -> tick(late, now);
    };
  }

  /** Whether it may hear what is wanted: a primary, once its state is complete. */
  boolean mayTell() {
    return !recovery.holds(wanted);
  }

  boolean dead() {
    return phase instanceof CopyPhase.Dead;
  }

  /** Whether it runs, and nobody has asked it to end. */
  boolean alive() {
    return phase instanceof CopyPhase.Alive;
  }

  /** When to tick next; empty when only news can change anything. */
  Optional<Duration> wakeAt() {
    return switch (phase) {
      case CopyPhase.Spawning(var deadline, var outcome) ->
          outcome.isPresent() ? Optional.empty() : Optional.of(deadline);
      case CopyPhase.Alive(var pid, var readyBy, var detector) ->
          earlier(earlier(readyBy, confirmBy), detector.wakeAt());
      case CopyPhase.Ending(var pid, var outcome, var killAt) -> killAt;
      case CopyPhase.Dead(var outcome) -> Optional.empty();
    };
  }

  private static Optional<Duration> earlier(Optional<Duration> one, Optional<Duration> other) {
    var first = one.isEmpty() || other.isEmpty() || one.get().compareTo(other.get()) <= 0;
    return one.isPresent() && first ? one : other;
  }

  private Step spawned(long pid, Duration now) {
    if (!(phase instanceof CopyPhase.Spawning(var deadline, var outcome))) {
      return stay(this);
    }
    if (outcome.isPresent()) {
      var ending = in(new CopyPhase.Ending(pid, outcome.get(), Optional.empty()));
      return new Step(ending, List.of(new CopyAction.Kill()));
    }
    var alive = in(started(pid, deadline, now));
    if (isDeaf()) {
      return alive.end(new Seen.Stopped(), now);
    }
    if (recovery.holds(wanted)) {
      return alive.report(List.of());
    }
    var told = taken.equals(wanted) ? stay(alive) : alive.tell(now);
    return told.life().report(told.actions());
  }

  private CopyPhase.Alive started(long pid, Duration deadline, Duration now) {
    var detection = order.launch().detection();
    return switch (order.launch().readiness().when()) {
      case STARTED ->
          recovery.holds(wanted)
              ? new CopyPhase.Alive(pid, Optional.of(deadline), new Detector.None())
              : new CopyPhase.Alive(pid, Optional.empty(), Detector.of(detection, now));
      case MODULE_API -> new CopyPhase.Alive(pid, Optional.of(deadline), new Detector.None());
      case SANITY_CHECK -> {
        var polling = polling();
        var often =
            polling.interval().compareTo(ASK_WHILE_STARTING) < 0
                ? polling.interval()
                : ASK_WHILE_STARTING;
        yield new CopyPhase.Alive(
            pid,
            Optional.of(deadline),
            new Detector.Polls(often, polling.timeout(), now, Detector.Polls.Stage.NEXT));
      }
    };
  }

  private Step saidReady(Duration now) {
    return order.launch().readiness().when() == Readiness.When.MODULE_API ? ready(now) : stay(this);
  }

  private Step ready(Duration now) {
    if (!(phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector))
        || readyBy.isEmpty()) {
      return stay(this);
    }
    if (recovery.holds(wanted)) {
      return stay(with(recovery.ready()));
    }
    var watched = Detector.of(order.launch().detection(), now);
    return in(new CopyPhase.Alive(pid, Optional.empty(), watched)).report(List.of());
  }

  private Step stateComplete(Epoch epoch, Duration now) {
    var held = recovery.holds(wanted);
    var complete = with(recovery.complete(epoch));
    if (!held
        || complete.recovery.holds(wanted)
        || !(phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector))) {
      return stay(complete);
    }
    var told = complete.tell(now);
    var said = recovery.said() || order.launch().readiness().when() == Readiness.When.STARTED;
    if (readyBy.isEmpty()) {
      return told.life().taken.equals(taken) ? told : told.life().report(told.actions());
    }
    return said ? told.then(told.life().ready(now)) : told;
  }

  /** Whoever gets on is not late. */
  private CopyLife stateProgress(String doing, Duration now) {
    var known = with(recovery.doing(doing));
    if (!recovery.holds(wanted)) {
      return known;
    }
    var deadline = now.plus(order.launch().readiness().deadline());
    return phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector)
        ? known
            .confirmBy(confirmBy.map(before -> deadline))
            .in(new CopyPhase.Alive(pid, readyBy.map(before -> deadline), detector))
        : known;
  }

  private Step gone(Seen failure) {
    return switch (phase) {
      case CopyPhase.Spawning(var deadline, var outcome) -> die(outcome.orElse(failure));
      case CopyPhase.Alive alive -> die(failure);
      case CopyPhase.Ending(var pid, var outcome, var killAt) -> die(outcome);
      case CopyPhase.Dead dead -> stay(this);
    };
  }

  private Step die(Seen outcome) {
    return in(new CopyPhase.Dead(outcome)).report(List.of());
  }

  private Step polled(Optional<String> problem, Duration now) {
    if (!(phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector))) {
      return stay(this);
    }
    if (readyBy.isPresent()) {
      return problem.isEmpty() ? ready(now) : detect(Detector::answered);
    }
    return problem.isEmpty()
        ? detect(Detector::answered)
        : end(failed(FailureKind.HUNG, "its sanity check failed: " + problem.get()), now);
  }

  private Step take(Standing standing, Duration now) {
    var told = new CopyLife(order, standing, taken, confirms, confirmBy, recovery, phase);
    if (standing.equals(wanted) || !(phase instanceof CopyPhase.Alive)) {
      return stay(told);
    }
    if (told.isDeaf()) {
      return told.end(new Seen.Stopped(), now);
    }
    if (recovery.holds(standing)) {
      return stay(told.confirmBy(Optional.of(now.plus(order.launch().readiness().deadline()))));
    }
    var step = told.tell(now);
    return step.life().taken().equals(taken) ? step : step.life().report(step.actions());
  }

  /** It would go on as the primary that it is no more, since it follows no changes (I5). */
  private boolean isDeaf() {
    return !confirms
        && taken.status() == CopyStatus.PRIMARY
        && wanted.status() != CopyStatus.PRIMARY;
  }

  /** One that is not ready yet is waited for as it was before. */
  private CopyLife watchedBy(Launch how, Duration now) {
    var same = how.detection().equals(order.launch().detection());
    var next =
        new CopyLife(order.watched(how), wanted, taken, confirms, confirmBy, recovery, phase);
    return phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector)
            && readyBy.isEmpty()
            && !same
        ? next.in(new CopyPhase.Alive(pid, Optional.empty(), Detector.of(how.detection(), now)))
        : next;
  }

  /** Tells it what is wanted; a copy that cannot confirm counts as having taken it at once. */
  private Step tell(Duration now) {
    var deadline = now.plus(order.launch().readiness().deadline());
    var told =
        confirms
            ? confirmBy(Optional.of(deadline))
            : new CopyLife(order, wanted, wanted, false, Optional.empty(), recovery, phase);
    return new Step(told, List.of(new CopyAction.Tell(wanted)));
  }

  private Step confirmed(Epoch epoch) {
    if (!epoch.equals(wanted.epoch()) || !(phase instanceof CopyPhase.Alive)) {
      return stay(this);
    }
    if (taken.equals(wanted)) {
      return stay(confirmBy(Optional.empty()));
    }
    return new CopyLife(order, wanted, wanted, confirms, Optional.empty(), recovery, phase)
        .report(List.of());
  }

  private Step tick(Duration late, Duration now) {
    return switch (phase) {
      case CopyPhase.Spawning(var deadline, var outcome)
          when outcome.isEmpty() && past(deadline, now) ->
          kill(notReady());
      case CopyPhase.Ending(var pid, var outcome, var killAt)
          when killAt.isPresent() && past(killAt.get(), now) ->
          kill(outcome);
      case CopyPhase.Alive alive when late.compareTo(PAUSED) > 0 ->
          stay(forgiven(alive, late, now));
      case CopyPhase.Alive alive -> tick(alive, now);
      case CopyPhase.Spawning spawning -> stay(this);
      case CopyPhase.Ending ending -> stay(this);
      case CopyPhase.Dead dead -> stay(this);
    };
  }

  /** What was missed while the WatchDog was paused has as much time again as it was paused. */
  private CopyLife forgiven(CopyPhase.Alive alive, Duration late, Duration now) {
    UnaryOperator<Duration> later = deadline -> past(deadline, now) ? now.plus(late) : deadline;
    var next =
        new CopyPhase.Alive(alive.pid(), alive.readyBy().map(later), alive.detector().forgive(now));
    return in(next).confirmBy(confirmBy.map(later));
  }

  private Step tick(CopyPhase.Alive alive, Duration now) {
    if (alive.readyBy().filter(deadline -> past(deadline, now)).isPresent()) {
      return end(notReady(), now);
    }
    if (confirmBy.filter(deadline -> past(deadline, now)).isPresent()) {
      return end(unconfirmed(), now);
    }
    return switch (alive.detector().due(now)) {
      case Detector.Due.Nothing() -> stay(this);
      case Detector.Due.Poll() -> {
        var polled = detect(detector -> sent(detector.done(now), now)).life();
        yield new Step(polled, List.of(new CopyAction.Poll(polling())));
      }
      // Not ready yet: an unanswered poll is not a failure before the readiness deadline.
      case Detector.Due.Hung(var reason) when alive.readyBy().isPresent() ->
          detect(Detector::answered);
      case Detector.Due.Hung(var reason) -> end(failed(FailureKind.HUNG, reason), now);
    };
  }

  /** An actor is asked by the message that is sent to it. */
  private Detector sent(Detector detector, Duration now) {
    return order.launch().location() instanceof Location.ActorClass
        ? detector.begun(now)
        : detector;
  }

  private Detection.Polling polling() {
    return order.launch().detection() instanceof Detection.Polling given
        ? given
        : Detection.Polling.DEFAULT;
  }

  /** Asks it to end, and gives it time to. */
  private Step end(Seen outcome, Duration now) {
    return switch (phase) {
      case CopyPhase.Spawning(var deadline, var earlier) -> kill(earlier.orElse(outcome));
      case CopyPhase.Alive(var pid, var readyBy, var detector) -> {
        var killAt = now.plus(order.launch().stopGrace());
        var ending = in(new CopyPhase.Ending(pid, outcome, Optional.of(killAt)));
        yield new Step(ending, List.of(new CopyAction.Terminate(outcome instanceof Seen.Failed)));
      }
      case CopyPhase.Ending ending -> stay(this);
      case CopyPhase.Dead dead -> stay(this);
    };
  }

  private Step kill(Seen outcome) {
    return switch (phase) {
      case CopyPhase.Spawning(var deadline, var earlier) ->
          killed(new CopyPhase.Spawning(deadline, Optional.of(earlier.orElse(outcome))));
      case CopyPhase.Alive(var pid, var readyBy, var detector) ->
          killed(new CopyPhase.Ending(pid, outcome, Optional.empty()));
      case CopyPhase.Ending(var pid, var earlier, var killAt) ->
          killed(new CopyPhase.Ending(pid, earlier, Optional.empty()));
      case CopyPhase.Dead dead -> stay(this);
    };
  }

  private Step killed(CopyPhase next) {
    return new Step(in(next), List.of(new CopyAction.Kill()));
  }

  private Seen.Failed unconfirmed() {
    var why = recovery.holds(wanted) ? ": its state is not complete: " + recovery.doing() : "";
    return failed(
        FailureKind.HUNG,
        "it did not confirm that it acts on %s of epoch %s%s"
            .formatted(wanted.status(), wanted.epoch(), why));
  }

  private Seen.Failed notReady() {
    var readiness = order.launch().readiness();
    var awaited =
        switch (readiness.when()) {
          case STARTED ->
              recovery.holds(wanted)
                  ? "its state was not complete (%s)".formatted(recovery.doing())
                  : "it had not started";
          case MODULE_API -> "it had not said that it is ready";
          case SANITY_CHECK -> "its sanity check had not passed";
        };
    return failed(
        FailureKind.NOT_READY,
        "%s %d ms after its start".formatted(awaited, readiness.deadline().toMillis()));
  }

  private Seen.Failed failed(FailureKind kind, String reason) {
    return new Seen.Failed(kind, reason);
  }

  private static boolean past(Duration deadline, Duration now) {
    return deadline.compareTo(now) <= 0;
  }

  private CopyReport report() {
    var seen =
        switch (phase) {
          case CopyPhase.Spawning spawning -> new Seen.Starting(OptionalLong.empty());
          case CopyPhase.Alive(var pid, var readyBy, var detector) ->
              readyBy.isPresent() ? new Seen.Starting(OptionalLong.of(pid)) : new Seen.Running(pid);
          case CopyPhase.Ending(var pid, var outcome, var killAt) -> new Seen.Running(pid);
          case CopyPhase.Dead(var outcome) -> outcome;
        };
    return new CopyReport(order.copy(), order.run(), taken.status(), taken.epoch(), seen);
  }

  private Step report(List<CopyAction> before) {
    var actions = new ArrayList<CopyAction>(before);
    actions.add(new CopyAction.Report(report()));
    return new Step(this, List.copyOf(actions));
  }

  private Step detect(UnaryOperator<Detector> change) {
    return phase instanceof CopyPhase.Alive(var pid, var readyBy, var detector)
        ? stay(in(new CopyPhase.Alive(pid, readyBy, change.apply(detector))))
        : stay(this);
  }

  private CopyLife in(CopyPhase next) {
    return new CopyLife(order, wanted, taken, confirms, confirmBy, recovery, next);
  }

  private CopyLife with(Recovery next) {
    return new CopyLife(order, wanted, taken, confirms, confirmBy, next, phase);
  }

  private CopyLife confirmBy(Optional<Duration> deadline) {
    return new CopyLife(order, wanted, taken, confirms, deadline, recovery, phase);
  }

  private static Step stay(CopyLife life) {
    return new Step(life, List.of());
  }
}
