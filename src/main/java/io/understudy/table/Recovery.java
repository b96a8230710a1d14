package io.understudy.table;

import static java.util.Comparator.comparing;

import io.understudy.model.FailureKind;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.TableEvent.ModuleRemoved;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The policy of recovery ([0015] to [0024]): what must happen next for a module to be as it was
 * registered.
 *
 * <p>It looks at the table alone, never at what just happened, so that the same plan follows
 * whoever manages, and coincident failures end in one plan (resolution g). Each rule gives one
 * event; the rules are asked again until none has anything to say. Where a copy can run is {@link
 * Placement}'s to say, which one is the primary {@link Succession}'s, and what leaves a drained
 * host {@link Draining}'s.
 */
final class Recovery {
  /** More steps than any plan has: every copy failed, moved, stopped and ordered. */
  private static final int MOST_STEPS_PER_COPY = 8;

  private final ModuleRow row;
  private final Hosts hosts;
  private final Placement placement;
  private final Succession succession;
  private final Draining draining;
  private final CopyEvents events;

  private Recovery(ModuleRow row, Hosts hosts) {
    this.row = row;
    this.hosts = hosts;
    this.placement = new Placement(row, hosts);
    this.succession = new Succession(row, hosts);
    this.draining = new Draining(row, hosts);
    this.events = new CopyEvents(row, hosts);
  }

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
    return Stream.concat(recovery.backOffs(), recovery.moves()).min(Comparator.naturalOrder());
  }

  private Stream<Instant> backOffs() {
    var now = hosts.now();
    var waiting = row.copies().stream().map(CopyRow::waitsUntil);
    var candidates = row.copies().stream().map(this::nextTry);
    return Stream.concat(waiting, candidates)
        .flatMap(Optional::stream)
        .map(at -> placement.isOver(at) && at.isAfter(now) ? now : at);
  }

  /** When work can leave a drained host that cannot now, if all stays as it is. */
  private Stream<Instant> moves() {
    return draining
        .chances()
        .filter(at -> !at.isBefore(hosts.now()))
        .filter(at -> new Recovery(row, new Hosts(hosts.table(), at)).step().isPresent());
  }

  /** When this idle copy is executed to fill a deficit, or empty when it is not needed. */
  static Optional<Instant> nextTry(ModuleRow row, ReplicationTable table, CopyRow copy) {
    return new Recovery(row, new Hosts(table, Instant.EPOCH)).nextTry(copy);
  }

  private Optional<Instant> nextTry(CopyRow copy) {
    var held = isCold() && succession.primaryMayAct();
    return row.hasDeficit() && !held && placement.canRun(copy)
        ? Optional.of(placement.notBefore(copy))
        : Optional.empty();
  }

  private Optional<TableEvent> step() {
    return Stream.<Supplier<Optional<TableEvent>>>of(
            this::letGo,
            this::resolveFailed,
            draining::leaveDead,
            this::wake,
            succession::demote,
            this::handOver,
            succession::choosePrimary,
            succession::promoteHot,
            this::refill,
            this::stopSurplus,
            draining::replaceLeaving,
            succession::chooseSequencer,
            this::relaunch)
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Copies whose host is no longer listed are stopped; a module without any is gone. */
  private Optional<TableEvent> letGo() {
    if (!row.registered() && row.copies().isEmpty()) {
      return Optional.of(
          new ModuleRemoved(row.spec().module(), "its last copy is dead", hosts.now()));
    }
    var why = row.registered() ? "its host is no longer listed" : "its module is deregistered";
    return row.active()
        .filter(copy -> !copy.wanted())
        .findFirst()
        .map(copy -> events.end(copy, why));
  }

  private Optional<TableEvent> resolveFailed() {
    return row.copies().stream()
        .map(copy -> copy.failedAs().map(kind -> resolve(copy, kind)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private TableEvent resolve(CopyRow copy, FailureKind kind) {
    return kind == FailureKind.CANNOT_START
        ? events.release(copy, "it cannot be started on %s".formatted(copy.host()))
        : draining.resolve(copy).orElseGet(() -> migrateOrRestart(copy));
  }

  /** [0015]: below the threshold a copy restarts on its host, at the threshold its work moves. */
  private TableEvent migrateOrRestart(CopyRow copy) {
    var threshold = row.spec().failover().threshold();
    var drained = placement.isDrained(copy);
    if (copy.failures() >= threshold && !(drained && row.active().count() > 1)) {
      return events.release(
          copy,
          threshold == 1
              ? "it migrates on each failure"
              : "failure %d reaches the threshold".formatted(copy.failures()));
    }
    return restart(
        copy,
        drained
            ? "its host is drained, but no other can run it"
            : "failure %d of a threshold of %d".formatted(copy.failures(), threshold));
  }

  private TableEvent restart(CopyRow copy, String why) {
    var notBefore = placement.notBefore(copy);
    return placement.isOver(notBefore)
        ? events.order(copy, copy.status(), why + ": it restarts on its host")
        : events.delay(copy, notBefore, why);
  }

  private Optional<TableEvent> wake() {
    return row.copies().stream()
        .filter(copy -> copy.waitsUntil().filter(placement::isOver).isPresent())
        .findFirst()
        .map(copy -> events.order(copy, copy.status(), "its back-off is over"));
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
            .flatMap(copy -> succession.handOver(copy).or(() -> draining.handOver(copy)))
        : Optional.empty();
  }

  /** [0017]: idle copies are executed until the degree is reached again. */
  private Optional<TableEvent> refill() {
    if (!row.hasDeficit() || isCold()) {
      return Optional.empty();
    }
    var why = "%d of %d copies run".formatted(row.active().count(), row.spec().degree());
    return placement.candidate().map(copy -> events.executeBeside(copy, why));
  }

  private Optional<TableEvent> stopSurplus() {
    var surplus = row.active().count() - row.spec().runningCopies();
    if (surplus <= 0) {
      return Optional.empty();
    }
    return surplus == 1 && !isCold() && draining.isUnderWay()
        ? last(draining.replaced())
            .map(copy -> events.end(copy, "its host is drained and it has been replaced"))
        : last(row.active())
            .map(copy -> events.end(copy, "only %d to run".formatted(row.spec().runningCopies())));
  }

  /** Of those to keep, primaries come first, then the newest, then list order. */
  private Optional<CopyRow> last(Stream<CopyRow> copies) {
    var preference =
        comparing((CopyRow copy) -> !copy.isPrimary())
            .thenComparing(copy -> !copy.inSync())
            .thenComparing(copy -> !row.isSequencer(copy))
            .thenComparing(copy -> !copy.isRunning());
    return copies.reduce((kept, copy) -> preference.compare(copy, kept) >= 0 ? copy : kept);
  }

  /**
   * Copies follow a changed location one at a time, the primary last (resolution i). While one has
   * not come up again, and in sync, the others stay as they are: a wrong location does not stop
   * them all.
   */
  private Optional<TableEvent> relaunch() {
    var missing = row.hasDeficit() && placement.idle().anyMatch(copy -> !placement.isDrained(copy));
    var stateful = row.spec().state().isPresent();
    var settled =
        !missing && row.active().allMatch(copy -> copy.isRunning() && (copy.inSync() || !stateful));
    return !settled
        ? Optional.empty()
        : row.active()
            .filter(copy -> copy.adopted().isEmpty() && !copy.launched().equals(copy.listed()))
            .min(comparing(CopyRow::isPrimary).thenComparing(row::isSequencer))
            .map(copy -> events.order(copy, copy.status(), "its location or arguments changed"));
  }

  private boolean isCold() {
    return row.spec().style() == ReplicationStyle.COLD;
  }
}
