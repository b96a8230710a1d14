package io.understudy.table;

import static java.util.Comparator.comparing;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.table.TableEvent.CopyDemoted;
import io.understudy.table.TableEvent.CopyOrdered;
import io.understudy.table.TableEvent.CopyPromoted;
import io.understudy.table.TableEvent.CopyReleased;
import io.understudy.table.TableEvent.CopyStopOrdered;
import io.understudy.table.TableEvent.ModuleRemoved;
import io.understudy.table.TableEvent.RestartDelayed;
import io.understudy.table.TableEvent.SequencerChosen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The policy of recovery ([0015] to [0024]): what must happen next for a module to be as it was
 * registered.
 *
 * <p>It looks at the table alone, never at what just happened, so that the same plan follows
 * whoever manages, and coincident failures end in one plan (resolution g). Each rule gives one
 * event; the rules are asked again until none has anything to say.
 */
record Recovery(ModuleRow row, Predicate<HostId> up, Predicate<HostId> damped, Instant now) {
  /** More steps than any plan has: every copy failed, moved, stopped and ordered. */
  private static final int MOST_STEPS_PER_COPY = 8;

  /** The events that follow, in order; none when the module is as well as it can be now. */
  static List<TableEvent> plan(
      ModuleRow row, Predicate<HostId> up, Predicate<HostId> damped, Instant now) {
    var events = new ArrayList<TableEvent>();
    var most = MOST_STEPS_PER_COPY * (row.copies().size() + 1);
    var at = new Recovery(row, up, damped, now);
    for (var next = at.step(); next.isPresent(); next = at.step()) {
      if (events.size() >= most) {
        throw new IllegalStateException("the plan does not end: %s, %s".formatted(row, events));
      }
      events.add(next.get());
      at = new Recovery(at.row.evolve(next.get()), up, damped, now);
      if (next.get() instanceof ModuleRemoved) {
        break;
      }
    }
    return events;
  }

  /**
   * When this module should be looked at again, or empty: a restart or a candidate is in back-off.
   */
  static Optional<Instant> due(ModuleRow row, Predicate<HostId> up, Instant now) {
    var recovery = new Recovery(row, up, host -> false, now);
    var waiting = row.copies().stream().map(CopyRow::waitsUntil).flatMap(Optional::stream);
    var candidates = row.copies().stream().map(copy -> nextTry(row, up, copy));
    return Stream.concat(waiting, candidates.flatMap(Optional::stream))
        .map(at -> recovery.isOver(at) && at.isAfter(now) ? now : at)
        .min(Comparator.naturalOrder());
  }

  /** When this idle copy is executed to fill a deficit, or empty when it is not needed. */
  static Optional<Instant> nextTry(ModuleRow row, Predicate<HostId> up, CopyRow copy) {
    var recovery = new Recovery(row, up, host -> false, Instant.EPOCH);
    var held = row.spec().style() == ReplicationStyle.COLD && recovery.primaryMayAct();
    return row.hasDeficit() && !held && recovery.isIdle(copy)
        ? Optional.of(recovery.notBefore(copy))
        : Optional.empty();
  }

  private Optional<TableEvent> step() {
    return Stream.<Supplier<Optional<TableEvent>>>of(
            this::letGo,
            this::resolveFailed,
            this::wake,
            this::demote,
            this::choosePrimary,
            this::promoteHot,
            this::refill,
            this::stopSurplus,
            this::chooseSequencer,
            this::relaunch)
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Copies whose host is no longer listed are stopped; a module without any is gone. */
  private Optional<TableEvent> letGo() {
    if (!row.registered() && row.copies().isEmpty()) {
      return Optional.of(new ModuleRemoved(row.spec().module(), "its last copy is dead", now));
    }
    var why = row.registered() ? "its host is no longer listed" : "its module is deregistered";
    return row.active().filter(copy -> !copy.wanted()).findFirst().map(copy -> end(copy, why));
  }

  /** [0015]: below the threshold a copy restarts on its host, at the threshold its work moves. */
  private Optional<TableEvent> resolveFailed() {
    return row.copies().stream()
        .map(copy -> copy.failedAs().map(kind -> resolve(copy, kind)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private TableEvent resolve(CopyRow copy, FailureKind kind) {
    var threshold = row.spec().failover().threshold();
    if (kind == FailureKind.CANNOT_START) {
      return release(copy, "it cannot be started on %s".formatted(copy.host()));
    }
    if (copy.failures() >= threshold) {
      return release(
          copy,
          threshold == 1
              ? "it migrates on each failure"
              : "failure %d reaches the threshold".formatted(copy.failures()));
    }
    var why = "failure %d of a threshold of %d".formatted(copy.failures(), threshold);
    var notBefore = notBefore(copy);
    return isOver(notBefore)
        ? order(copy, copy.status(), why + ": it restarts on its host")
        : new RestartDelayed(copy.id(), copy.host(), notBefore, why, now);
  }

  private Optional<TableEvent> wake() {
    return row.copies().stream()
        .filter(copy -> copy.waitsUntil().filter(this::isOver).isPresent())
        .findFirst()
        .map(copy -> order(copy, copy.status(), "its back-off is over"));
  }

  /** Only after a change of style from hot are there primaries too many. */
  private Optional<TableEvent> demote() {
    if (row.spec().style() != ReplicationStyle.WARM) {
      return Optional.empty();
    }
    return row.active()
        .filter(CopyRow::isPrimary)
        .sorted(newest().thenComparing(copy -> !row.isSequencer(copy)))
        .skip(1)
        .findFirst()
        .map(
            copy ->
                new CopyDemoted(
                    copy.id(), copy.host(), row.epoch().next(), "a warm module has one", now));
  }

  /**
   * Cold and warm: there is one primary, and no new one while an old one may still act (I5). The
   * backup with the newest state takes over, and list order decides among equals (resolution h).
   */
  private Optional<TableEvent> choosePrimary() {
    if (!row.registered() || row.spec().style() == ReplicationStyle.HOT || primaryMayAct()) {
      return Optional.empty();
    }
    var backup =
        row.active()
            .filter(CopyRow::mayLive)
            .min(newest())
            .<TableEvent>map(copy -> promote(copy, takesOver(copy)));
    return backup.or(
        () -> candidate().map(copy -> fill(copy, CopyStatus.PRIMARY, "no primary runs")));
  }

  /** Those in sync have all there is; of the others, those that run have heard more. */
  private static Comparator<CopyRow> newest() {
    return comparing((CopyRow copy) -> !copy.inSync()).thenComparing(copy -> !copy.isRunning());
  }

  private String takesOver(CopyRow copy) {
    return row.spec()
        .state()
        .map(state -> copy.inSync() ? "the first backup in sync takes over" : noneInSync(state))
        .orElse("the first backup takes over");
  }

  private static String noneInSync(StateSpec state) {
    return "no copy in sync was left; it continues from what it "
        + (state.checkpoint() instanceof CheckpointPolicy.None
            ? "has"
            : "and the Checkpoint Server have");
  }

  private boolean primaryMayAct() {
    return row.copies().stream().anyMatch(copy -> copy.isPrimary() || copy.acting());
  }

  private Optional<TableEvent> promoteHot() {
    return row.spec().style() != ReplicationStyle.HOT
        ? Optional.empty()
        : row.active()
            .filter(copy -> !copy.isPrimary())
            .findFirst()
            .map(copy -> promote(copy, "every copy of a hot module is a primary"));
  }

  /** [0017]: idle copies are executed until the degree is reached again. */
  private Optional<TableEvent> refill() {
    if (!row.hasDeficit() || row.spec().style() == ReplicationStyle.COLD) {
      return Optional.empty();
    }
    var as = row.spec().style() == ReplicationStyle.HOT ? CopyStatus.PRIMARY : CopyStatus.BACKUP;
    var why = "%d of %d copies run".formatted(row.active().count(), row.spec().degree());
    return candidate().map(copy -> fill(copy, as, why));
  }

  private Optional<TableEvent> stopSurplus() {
    if (row.active().count() <= row.spec().runningCopies()) {
      return Optional.empty();
    }
    return row.active()
        .reduce((kept, copy) -> preference().compare(copy, kept) >= 0 ? copy : kept)
        .map(copy -> end(copy, "only %d to run".formatted(row.spec().runningCopies())));
  }

  /** Which of the active copies to keep: primaries, then the newest, then list order. */
  private Comparator<CopyRow> preference() {
    return comparing((CopyRow copy) -> !copy.isPrimary())
        .thenComparing(copy -> !copy.inSync())
        .thenComparing(copy -> !row.isSequencer(copy))
        .thenComparing(copy -> !copy.isRunning());
  }

  /**
   * One copy numbers the updates of a module's state. It stays the one until it has no living run,
   * or turns out to have less than another.
   */
  private Optional<TableEvent> chooseSequencer() {
    if (!row.registered() || row.spec().state().isEmpty()) {
      return Optional.empty();
    }
    var numbering = primaries().filter(row::isSequencer).findFirst();
    return primaries()
        .min(newest())
        .filter(best -> numbering.isEmpty() || (best.inSync() && !numbering.get().inSync()))
        .map(
            best ->
                new SequencerChosen(
                    best.id(), best.host(), row.epoch().next(), numbers(best), now));
  }

  private Stream<CopyRow> primaries() {
    return row.active().filter(copy -> copy.isPrimary() && copy.mayLive());
  }

  private String numbers(CopyRow best) {
    return best.inSync()
        ? "the first primary in sync numbers the updates from now on"
        : "no copy is in sync: this one restores the state and numbers the updates";
  }

  /**
   * Copies follow a changed location one at a time, the primary last (resolution i). While one has
   * not come up again, and in sync, the others stay as they are: a wrong location does not stop
   * them all.
   */
  private Optional<TableEvent> relaunch() {
    var missing = row.hasDeficit() && idle().findAny().isPresent();
    var stateful = row.spec().state().isPresent();
    var settled =
        !missing && row.active().allMatch(copy -> copy.isRunning() && (copy.inSync() || !stateful));
    return !settled
        ? Optional.empty()
        : row.active()
            .filter(copy -> copy.adopted().isEmpty() && !copy.launched().equals(copy.listed()))
            .min(comparing(CopyRow::isPrimary).thenComparing(row::isSequencer))
            .map(copy -> order(copy, copy.status(), "its location or arguments changed"));
  }

  /**
   * The idle copy to execute next: not in back-off, on a damped host last, cool before warm, then
   * those that failed least often in a row, so that each gets its turn and none that works is
   * passed over; then list order.
   */
  private Optional<CopyRow> candidate() {
    Function<CopyRow, Instant> cooling =
        copy -> copy.coolUntil().isAfter(now) ? copy.coolUntil() : Instant.MIN;
    return idle()
        .filter(copy -> isOver(notBefore(copy)))
        .min(
            comparing(this::isDamped)
                .thenComparing(cooling)
                .thenComparingInt(copy -> Math.max(1, copy.strikes())));
  }

  private boolean isDamped(CopyRow copy) {
    return damped.test(copy.host());
  }

  private Stream<CopyRow> idle() {
    return row.copies().stream().filter(this::isIdle);
  }

  private boolean isIdle(CopyRow copy) {
    return copy.wanted() && copy.phase() instanceof Phase.Idle && up.test(copy.host());
  }

  private Instant notBefore(CopyRow copy) {
    return copy.lastFailure()
        .map(failure -> failure.at().plus(Backoff.delay(row.spec().restart(), copy)))
        .orElse(Instant.MIN);
  }

  /**
   * Whether a back-off until then is over. One that ends later than any may was begun by a clock
   * that went back since, or by that of another host: how much of it is left, nobody knows.
   */
  private boolean isOver(Instant until) {
    return !until.isAfter(now) || until.isAfter(now.plus(row.spec().restart().backoffMax()));
  }

  private TableEvent end(CopyRow copy, String why) {
    return copy.mayLive()
        ? new CopyStopOrdered(copy.id(), copy.host(), why, now)
        : new CopyReleased(copy.id(), copy.host(), Instant.EPOCH, why, now);
  }

  private TableEvent release(CopyRow copy, String why) {
    var cool = now.plus(row.spec().restart().coolDown());
    return new CopyReleased(copy.id(), copy.host(), cool, why, now);
  }

  private TableEvent promote(CopyRow copy, String why) {
    return new CopyPromoted(copy.id(), copy.host(), row.epoch().next(), why, now);
  }

  private TableEvent fill(CopyRow copy, CopyStatus as, String why) {
    var also = isDamped(copy) ? "; its host fails often, but no other host can run it now" : "";
    return order(copy, as, why + also);
  }

  private TableEvent order(CopyRow copy, CopyStatus as, String why) {
    var epoch = as == CopyStatus.PRIMARY ? row.epoch().next() : row.epoch();
    return new CopyOrdered(
        copy.id(), copy.host(), as, copy.run() + 1, epoch, Optional.empty(), why, now);
  }
}
