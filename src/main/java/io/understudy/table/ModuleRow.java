package io.understudy.table;

import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.Launch;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One module's rows of FIG. 2.
 *
 * @param registered false while a deregistered module's copies are being stopped
 * @param version of the table when this row last changed
 * @param nextNumber of a copy on a host that is listed anew
 * @param copies in the order of the registration's list, then those no longer listed
 */
public record ModuleRow(
    ModuleSpec spec,
    boolean registered,
    Epoch epoch,
    long version,
    int nextNumber,
    List<CopyRow> copies) {
  public ModuleRow {
    copies = List.copyOf(copies);
  }

  /** A row without copies yet, whose epochs and runs go on from those of an earlier one. */
  static ModuleRow fresh(ModuleSpec spec, Epoch epoch, long version) {
    return new ModuleRow(spec, true, epoch, version, 1, List.of());
  }

  public Stream<CopyRow> active() {
    return copies.stream().filter(CopyRow::isActive);
  }

  public Optional<CopyRow> copy(CopyId id) {
    return copies.stream().filter(copy -> copy.id().equals(id)).findFirst();
  }

  public Optional<CopyRow> on(HostId host) {
    return copies.stream().filter(copy -> copy.host().equals(host)).findFirst();
  }

  /** Copies that run are fewer than the registration asks for. */
  public boolean hasDeficit() {
    return registered && active().count() < spec.runningCopies();
  }

  /** What the module's hosts should be running: their copies that have a run (I3). */
  public Stream<CopyOrder> owed() {
    return copies.stream().filter(CopyRow::mayLive).map(this::order);
  }

  private CopyOrder order(CopyRow copy) {
    return new CopyOrder(copy.id(), copy.run(), copy.status(), epoch, version, launch(copy));
  }

  private Launch launch(CopyRow copy) {
    return new Launch(
        copy.launched().location(),
        copy.launched().arguments(),
        copy.adopted(),
        spec.detection(),
        spec.readiness(),
        spec.stopGrace(),
        spec.style() != ReplicationStyle.HOT);
  }

  /** The copy ids of a registration: a host keeps its copy, a new host gets the next number. */
  List<CopyId> idsFor(ModuleSpec wanted) {
    var ids = new ArrayList<CopyId>();
    var next = nextNumber;
    for (Copy copy : wanted.copies()) {
      var known = on(copy.host()).map(CopyRow::id);
      ids.add(known.isPresent() ? known.get() : new CopyId(wanted.module(), next++));
    }
    return ids;
  }

  /** Total over the events of modules and copies; those of hosts leave it as it is. */
  ModuleRow evolve(TableEvent event) {
    return switch (event) {
      case TableEvent.ModuleRegistered e -> listing(e);
      case TableEvent.ModuleDeregistered e ->
          new ModuleRow(
                  spec,
                  false,
                  epoch,
                  version,
                  nextNumber,
                  copies.stream().map(CopyRow::unwanted).toList())
              .tidy();
      case TableEvent.ModuleRemoved e -> this;
      case TableEvent.CopyOrdered e ->
          with(e.copy(), copy -> copy.ordered(e.status(), e.run(), e.adopt())).at(e.epoch());
      case TableEvent.CopyPromoted e ->
          with(e.copy(), copy -> copy.withStatus(CopyStatus.PRIMARY)).at(e.epoch());
      case TableEvent.CopyDemoted e ->
          with(e.copy(), copy -> copy.withStatus(CopyStatus.BACKUP)).at(e.epoch());
      case TableEvent.CopyStarted e ->
          with(e.copy(), copy -> started(copy.running(e.pid(), e.at()), e));
      case TableEvent.StatusConfirmed e -> with(e.copy(), copy -> copy.confirming(e.status()));
      case TableEvent.CopyFailed e -> with(e.copy(), copy -> copy.failed(e));
      case TableEvent.RestartDelayed e -> with(e.copy(), copy -> copy.waiting(e.notBefore()));
      case TableEvent.CopyReleased e ->
          leftBy(e.copy())
              .with(e.copy(), copy -> copy.released(e.coolUntil(), copy.lastFailure()))
              .tidy();
      case TableEvent.CopyStopOrdered e -> leftBy(e.copy()).with(e.copy(), CopyRow::stopping);
      case TableEvent.CopyStopped e ->
          with(e.copy(), copy -> copy.released(Instant.EPOCH, copy.lastFailure())).tidy();
      case TableEvent.FailuresReset e -> with(e.copy(), CopyRow::withoutFailures);
      case TableEvent.HostJoined e -> this;
      case TableEvent.HostFailed e -> losing(e);
    };
  }

  private CopyRow started(CopyRow copy, TableEvent.CopyStarted event) {
    return event.epoch().equals(epoch) && event.status() == copy.status()
        ? copy.confirming(event.status())
        : copy;
  }

  /** Where other primaries go on without this one, that is a change of primaries too (I4). */
  private ModuleRow leftBy(CopyId leaver) {
    var primaries = active().filter(CopyRow::isPrimary).map(CopyRow::id).toList();
    return primaries.contains(leaver) && primaries.size() > 1 ? at(epoch.next()) : this;
  }

  /** A copy of an earlier registration never had more runs than there were events by now. */
  private ModuleRow listing(TableEvent.ModuleRegistered event) {
    var rows = new ArrayList<CopyRow>();
    for (int i = 0; i < event.ids().size(); i++) {
      var id = event.ids().get(i);
      var where = event.spec().copies().get(i);
      var known = copy(id).map(row -> row.relisted(where));
      rows.add(known.orElseGet(() -> CopyRow.idle(id, where, version)));
    }
    copies.stream()
        .filter(row -> !event.ids().contains(row.id()))
        .map(CopyRow::unwanted)
        .forEach(rows::add);
    var next = event.ids().stream().mapToInt(id -> id.number() + 1).reduce(nextNumber, Math::max);
    return new ModuleRow(event.spec(), true, epoch, version, next, rows).tidy();
  }

  private ModuleRow losing(TableEvent.HostFailed event) {
    var lost = on(event.host()).filter(copy -> copy.isActive() || copy.mayLive());
    var cool = event.at().plus(spec.restart().coolDown());
    var failure = Optional.of(new Failure(event.reason(), event.at()));
    return lost.map(CopyRow::id)
        .map(id -> leftBy(id).with(id, row -> row.released(cool, failure)).tidy())
        .orElse(this);
  }

  /** Forgets copies that are dead and not wanted. */
  private ModuleRow tidy() {
    return copies.stream().allMatch(copy -> copy.wanted() || keeps(copy))
        ? this
        : new ModuleRow(
            spec,
            registered,
            epoch,
            version,
            nextNumber,
            copies.stream().filter(copy -> copy.wanted() || keeps(copy)).toList());
  }

  private static boolean keeps(CopyRow unwanted) {
    return unwanted.isActive() || unwanted.mayLive();
  }

  private ModuleRow with(CopyId id, UnaryOperator<CopyRow> change) {
    var rows = copies.stream().map(row -> row.id().equals(id) ? change.apply(row) : row).toList();
    return new ModuleRow(spec, registered, epoch, version, nextNumber, rows);
  }

  private ModuleRow at(Epoch later) {
    return new ModuleRow(spec, registered, later, version, nextNumber, copies);
  }

  ModuleRow atVersion(long changed) {
    return new ModuleRow(spec, registered, epoch, changed, nextNumber, copies);
  }
}
