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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
record Recovery(ModuleRow row, Hosts hosts) {
  /** More steps than any plan has: every copy failed, moved, stopped and ordered. */
  private static final int MOST_STEPS_PER_COPY = 8;

  /** The events that follow, in order; none when the module is as well as it can be now. */
  static List<TableEvent> plan(ModuleRow row, Hosts hosts) {
    var events = new ArrayList<TableEvent>();
    var most = MOST_STEPS_PER_COPY * (row.copies().size() + 1);
    var at = new Recovery(row, hosts);
    for (var next = at.step(); next.isPresent(); next = at.step()) {
      if (events.size() >= most) {
        throw new IllegalStateException("the plan does not end: %s, %s".formatted(row, events));
      }
      events.add(next.get());
      at = new Recovery(at.row.evolve(next.get()), hosts);
      if (next.get() instanceof ModuleRemoved) {
        break;
      }
    }
    return events;
  }

  /**
   * When this module should be looked at again, or empty: a restart or a candidate is in back-off,
   * or what is to leave a drained host waits for a copy to be trusted, or for a host's quiet time.
   */
  static Optional<Instant> due(ModuleRow row, Hosts hosts) {
    var recovery = new Recovery(row, hosts);
    var now = hosts.now();
    var waiting = row.copies().stream().map(CopyRow::waitsUntil).flatMap(Optional::stream);
    var candidates = row.copies().stream().map(recovery::nextTry);
    var backOffs =
        Stream.concat(waiting, candidates.flatMap(Optional::stream))
            .map(at -> recovery.isOver(at) && at.isAfter(now) ? now : at);
    return Stream.concat(backOffs, recovery.moves()).min(Comparator.naturalOrder());
  }

  /** When work can leave a drained host that cannot now, if all stays as it is. */
  private Stream<Instant> moves() {
    if (leaving().findAny().isEmpty()) {
      return Stream.empty();
    }
    var trusted = row.active().map(this::trustedAt).flatMap(Optional::stream);
    var quiet = idle().map(CopyRow::host).filter(hosts::isDamped).map(hosts::dampedUntil);
    return Stream.of(Stream.of(now()), trusted, quiet)
        .flatMap(Function.identity())
        .filter(at -> !at.isBefore(now()))
        .filter(at -> new Recovery(row, new Hosts(hosts.table(), at)).step().isPresent());
  }

  private Optional<Instant> trustedAt(CopyRow copy) {
    return copy.phase() instanceof Phase.Running r && !isTrusted(copy)
        ? Optional.of(r.since().plus(row.spec().restart().stableAfter()))
        : Optional.empty();
  }

  /** When this idle copy is executed to fill a deficit, or empty when it is not needed. */
  static Optional<Instant> nextTry(ModuleRow row, ReplicationTable table, CopyRow copy) {
    return new Recovery(row, new Hosts(table, Instant.EPOCH)).nextTry(copy);
  }

  private Optional<Instant> nextTry(CopyRow copy) {
    var held = isCold() && primaryMayAct();
    return row.hasDeficit() && !held && isIdle(copy) && (!isDrained(copy) || isLastResort())
        ? Optional.of(notBefore(copy))
        : Optional.empty();
  }

  private Optional<TableEvent> step() {
    return Stream.<Supplier<Optional<TableEvent>>>of(
            this::letGo,
            this::resolveFailed,
            this::leaveDead,
            this::wake,
            this::demote,
            this::handOver,
            this::choosePrimary,
            this::promoteHot,
            this::refill,
            this::stopSurplus,
            this::replaceLeaving,
            this::chooseSequencer,
            this::relaunch)
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Copies whose host is no longer listed are stopped; a module without any is gone. */
  private Optional<TableEvent> letGo() {
    if (!row.registered() && row.copies().isEmpty()) {
      return Optional.of(new ModuleRemoved(row.spec().module(), "its last copy is dead", now()));
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
    var leaves = isDrained(copy);
    if (leaves && mayLeave(copy)) {
      return release(copy, "its host is drained and another can run it");
    }
    if (leaves && givesItsWorkUp(copy)) {
      return demote(copy, "its host is drained and another copy runs");
    }
    if (copy.failures() >= threshold && !(leaves && row.active().count() > 1)) {
      return release(
          copy,
          threshold == 1
              ? "it migrates on each failure"
              : "failure %d reaches the threshold".formatted(copy.failures()));
    }
    var why =
        leaves
            ? "its host is drained, but no other can run it"
            : "failure %d of a threshold of %d".formatted(copy.failures(), threshold);
    var notBefore = notBefore(copy);
    return isOver(notBefore)
        ? order(copy, copy.status(), why + ": it restarts on its host")
        : new RestartDelayed(copy.id(), copy.host(), notBefore, why, now());
  }

  /** It restarts as a backup where it must stay, if its work can go on without it. */
  private boolean givesItsWorkUp(CopyRow primary) {
    var many = primary.failures() >= row.spec().failover().threshold();
    return row.spec().style() == ReplicationStyle.WARM
        && primary.isPrimary()
        && row.active().anyMatch(copy -> copy.mayLive() && (many || !isDrained(copy)));
  }

  /** What waits for its restart on a drained host need not wait for it there. */
  private Optional<TableEvent> leaveDead() {
    return leaving()
        .filter(copy -> copy.waitsUntil().isPresent() && mayLeave(copy))
        .findFirst()
        .map(copy -> release(copy, "its host is drained and another can run it"));
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
        .map(copy -> demote(copy, "a warm module has one"));
  }

  private TableEvent demote(CopyRow copy, String why) {
    return new CopyDemoted(copy.id(), copy.host(), row.epoch().next(), why, now());
  }

  /**
   * The work of a primary is to move though it has not failed: first it ceases, warm as a backup,
   * cold by its death, and only then another takes its place (I5).
   */
  private Optional<TableEvent> handOver() {
    return row.registered() && row.spec().style() != ReplicationStyle.HOT
        ? row.active()
            .filter(copy -> copy.isPrimary() && copy.isRunning())
            .findFirst()
            .flatMap(copy -> isCold() ? handOverCold(copy) : handOverWarm(copy))
        : Optional.empty();
  }

  private Optional<TableEvent> handOverWarm(CopyRow primary) {
    if (hasHeir(primary)) {
      return Optional.of(demote(primary, heirText()));
    }
    var leaves = isDrained(primary) && primary.confirmed() == CopyStatus.PRIMARY;
    return row.active()
        .filter(copy -> leaves && !copy.isPrimary() && !isDrained(copy))
        .filter(copy -> row.isReady(copy) && isTrusted(copy))
        .findFirst()
        .filter(copy -> isReplaced(primary))
        .map(
            copy ->
                demote(primary, "its host is drained and %s can take over".formatted(copy.id())));
  }

  /**
   * Its work waits until as many are ready without it as were registered, for it may be the last
   * that it does: one that does not follow its status is stopped. Where no other can be had, it
   * does not wait.
   */
  private boolean isReplaced(CopyRow primary) {
    var ready = row.active().filter(copy -> !copy.id().equals(primary.id())).filter(row::isReady);
    return ready.count() >= row.spec().runningCopies()
        || (refuge().isEmpty() && row.active().count() <= row.spec().runningCopies());
  }

  private Optional<TableEvent> handOverCold(CopyRow primary) {
    if (hasHeir(primary)) {
      return Optional.of(end(primary, heirText()));
    }
    return refuge()
        .filter(copy -> isDrained(primary))
        .map(copy -> end(primary, "its host is drained and %s can run it".formatted(copy.host())));
  }

  private boolean hasHeir(CopyRow primary) {
    return row.successor().isPresent() && !row.isSuccessor(primary);
  }

  private String heirText() {
    return "%s takes over, as an operator asked".formatted(row.successor().orElseThrow());
  }

  /**
   * Cold and warm: there is one primary, and no new one while an old one may still act (I5). The
   * backup with the newest state takes over, and list order decides among equals (resolution h);
   * before that, of those whose host stays, whom an operator named.
   */
  private Optional<TableEvent> choosePrimary() {
    if (!row.registered() || row.spec().style() == ReplicationStyle.HOT || primaryMayAct()) {
      return Optional.empty();
    }
    var backup =
        row.active()
            .filter(CopyRow::mayLive)
            .min(
                newest()
                    .thenComparing(this::isDrained)
                    .thenComparing(copy -> !row.isSuccessor(copy)))
            .<TableEvent>map(copy -> promote(copy, takesOver(copy)));
    return backup
        .or(() -> idle().filter(row::isSuccessor).findFirst().map(this::executeHeir))
        .or(() -> candidate().map(copy -> fill(copy, CopyStatus.PRIMARY, "no primary runs")));
  }

  private TableEvent executeHeir(CopyRow copy) {
    return order(copy, CopyStatus.PRIMARY, "it takes over, as an operator asked");
  }

  /** Those in sync have all there is; of the others, those that run have heard more. */
  private static Comparator<CopyRow> newest() {
    return comparing((CopyRow copy) -> !copy.inSync()).thenComparing(copy -> !copy.isRunning());
  }

  private String takesOver(CopyRow copy) {
    if (row.isSuccessor(copy)) {
      return "it takes over, as an operator asked";
    }
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
    if (!row.hasDeficit() || isCold()) {
      return Optional.empty();
    }
    var why = "%d of %d copies run".formatted(row.active().count(), row.spec().degree());
    return candidate().map(copy -> fill(copy, besidePrimary(), why));
  }

  private CopyStatus besidePrimary() {
    return row.spec().style() == ReplicationStyle.HOT ? CopyStatus.PRIMARY : CopyStatus.BACKUP;
  }

  private Optional<TableEvent> stopSurplus() {
    var surplus = row.active().count() - row.spec().runningCopies();
    if (surplus <= 0) {
      return Optional.empty();
    }
    if (surplus == 1 && !isCold() && leaving().findAny().isPresent()) {
      return stopReplaced();
    }
    return row.active()
        .reduce((kept, copy) -> preference().compare(copy, kept) >= 0 ? copy : kept)
        .map(copy -> end(copy, "only %d to run".formatted(row.spec().runningCopies())));
  }

  /**
   * A copy leaves its drained host when as many as were registered are ready without it; one that
   * was the primary, when another acts as such and so has what it had.
   */
  private Optional<TableEvent> stopReplaced() {
    var ready = row.active().filter(row::isReady).map(CopyRow::id).toList();
    var hot = row.spec().style() == ReplicationStyle.HOT;
    var served =
        row.active().anyMatch(copy -> copy.isPrimary() && copy.confirmed() == CopyStatus.PRIMARY);
    return leaving()
        .filter(copy -> served && (hot || !copy.isPrimary()))
        .filter(
            copy ->
                ready.stream().filter(id -> !id.equals(copy.id())).count()
                    >= row.spec().runningCopies())
        .reduce((kept, copy) -> preference().compare(copy, kept) >= 0 ? copy : kept)
        .map(copy -> end(copy, "its host is drained and it has been replaced"));
  }

  /** Copies leave drained hosts one at a time: another one runs before any stops. */
  private Optional<TableEvent> replaceLeaving() {
    if (!row.registered()
        || isCold()
        || row.active().count() != row.spec().runningCopies()
        || leaving().findAny().isEmpty()) {
      return Optional.empty();
    }
    var replaced = leaving().findFirst().orElseThrow();
    var why = "it replaces %s, whose host %s is drained".formatted(replaced.id(), replaced.host());
    return refuge().map(copy -> fill(copy, besidePrimary(), why));
  }

  /** Why this active copy stays on its drained host; empty when it does not. */
  Optional<String> staying(CopyRow copy) {
    if (mayLeave(copy)) {
      return Optional.empty();
    }
    var others =
        row.copies().stream()
            .filter(other -> other.wanted() && !other.id().equals(copy.id()))
            .map(other -> cannotHelp(other, copy.host()))
            .toList();
    return Optional.of(
        others.isEmpty()
            ? "its module lists no other host"
            : "no other host can take it: " + String.join(", ", others));
  }

  private String cannotHelp(CopyRow other, HostId from) {
    if (!hosts.isUp(other.host())) {
      return "%s is not up".formatted(other.host());
    }
    if (isDrained(other)) {
      return "%s is drained".formatted(other.host());
    }
    if (other.isActive()) {
      return other.isRunning()
          ? "%s has %s".formatted(other.host(), other.id())
          : "%s does not run yet on %s".formatted(other.id(), other.host());
    }
    if (isDamped(other) && isTrusted(other) && other.phase() instanceof Phase.Idle) {
      var quiet = Duration.between(now(), hosts.dampedUntil(other.host()));
      return "%s fails often (it can take it in %d s, if it stays up)"
          .formatted(other.host(), quiet.toSeconds());
    }
    return isTrusted(other)
        ? "%s is stopping on %s".formatted(other.id(), other.host())
        : "%s failed %d times in a row on %s (it is tried when %s is drained once more)"
            .formatted(other.id(), other.strikes(), other.host(), from);
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
                    best.id(), best.host(), row.epoch().next(), numbers(best), now()));
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
    var missing = row.hasDeficit() && idle().anyMatch(copy -> !isDrained(copy));
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
   * passed over; then list order. On a drained host only when no copy is left and no other host can
   * run one now.
   */
  private Optional<CopyRow> candidate() {
    var ready = idle().filter(copy -> isOver(notBefore(copy))).toList();
    return best(ready.stream().filter(copy -> !isDrained(copy)))
        .or(() -> isLastResort() ? best(ready.stream()) : Optional.empty());
  }

  /**
   * Where a copy of a drained host may go, which goes on until then where it is: not where it would
   * have to be recovered again soon.
   */
  private Optional<CopyRow> refuge() {
    return spare().filter(copy -> !isDamped(copy));
  }

  /** The best idle copy that can be executed in place of one that runs. */
  Optional<CopyRow> spare() {
    return best(idle().filter(copy -> !isDrained(copy) && isTrusted(copy)));
  }

  private Optional<CopyRow> best(Stream<CopyRow> copies) {
    Function<CopyRow, Instant> cooling =
        copy -> copy.coolUntil().isAfter(now()) ? copy.coolUntil() : Instant.MIN;
    return copies.min(
        comparing(this::isDamped)
            .thenComparing(cooling)
            .thenComparingInt(copy -> Math.max(1, copy.strikes())));
  }

  /** Nothing of the module lives, so that a drained host is better than none. */
  private boolean isLastResort() {
    return row.active().noneMatch(CopyRow::mayLive);
  }

  /**
   * It did not fail time and again when it was run last: what runs is not moved to one that did.
   */
  boolean isTrusted(CopyRow copy) {
    var stable = row.spec().restart().stableAfter();
    return copy.strikes() < 2
        || (copy.phase() instanceof Phase.Running r && !now().isBefore(r.since().plus(stable)));
  }

  /** Those that would take copies of drained hosts, had they not failed time and again. */
  Stream<CopyRow> distrusted() {
    return idle().filter(copy -> !isDrained(copy) && !isTrusted(copy));
  }

  /** Without this one of a drained host as many run as are to, or soon will; or another can. */
  private boolean mayLeave(CopyRow leaver) {
    var others =
        row.active()
            .filter(copy -> !copy.id().equals(leaver.id()))
            .filter(copy -> copy.isRunning() || (copy.mayLive() && isTrusted(copy)));
    return others.count() >= row.spec().runningCopies() || refuge().isPresent();
  }

  private Stream<CopyRow> leaving() {
    return row.active().filter(copy -> copy.wanted() && isDrained(copy));
  }

  private boolean isDrained(CopyRow copy) {
    return hosts.isDrained(copy.host());
  }

  private boolean isDamped(CopyRow copy) {
    return hosts.isDamped(copy.host());
  }

  private boolean isCold() {
    return row.spec().style() == ReplicationStyle.COLD;
  }

  private Instant now() {
    return hosts.now();
  }

  private Stream<CopyRow> idle() {
    return row.copies().stream().filter(this::isIdle);
  }

  private boolean isIdle(CopyRow copy) {
    return copy.wanted() && copy.phase() instanceof Phase.Idle && hosts.isUp(copy.host());
  }

  /** Without a delay it is at any time, also by a clock that went back since the failure. */
  private Instant notBefore(CopyRow copy) {
    var delay = Backoff.delay(row.spec().restart(), copy);
    return copy.lastFailure()
        .filter(failure -> !delay.isZero())
        .map(failure -> failure.at().plus(delay))
        .orElse(Instant.MIN);
  }

  /**
   * Whether a back-off until then is over. One that ends later than any may was begun by a clock
   * that went back since, or by that of another host: how much of it is left, nobody knows.
   */
  private boolean isOver(Instant until) {
    return !until.isAfter(now()) || until.isAfter(now().plus(row.spec().restart().backoffMax()));
  }

  private TableEvent end(CopyRow copy, String why) {
    return copy.mayLive()
        ? new CopyStopOrdered(copy.id(), copy.host(), why, now())
        : new CopyReleased(copy.id(), copy.host(), Instant.EPOCH, why, now());
  }

  private TableEvent release(CopyRow copy, String why) {
    var cool = now().plus(row.spec().restart().coolDown());
    return new CopyReleased(copy.id(), copy.host(), cool, why, now());
  }

  private TableEvent promote(CopyRow copy, String why) {
    return new CopyPromoted(copy.id(), copy.host(), row.epoch().next(), why, now());
  }

  private TableEvent fill(CopyRow copy, CopyStatus as, String why) {
    var but = isDrained(copy) ? "is drained" : isDamped(copy) ? "fails often" : "";
    var also = "; its host %s, but no other host can run it now".formatted(but);
    return order(copy, as, but.isEmpty() ? why : why + also);
  }

  private TableEvent order(CopyRow copy, CopyStatus as, String why) {
    var epoch = as == CopyStatus.PRIMARY ? row.epoch().next() : row.epoch();
    return new CopyOrdered(
        copy.id(), copy.host(), as, copy.run() + 1, epoch, Optional.empty(), why, now());
  }
}
