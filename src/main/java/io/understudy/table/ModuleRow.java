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
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One module's rows of FIG. 2.
 *
 * @param registered false while a deregistered module's copies are being stopped
 * @param version of the table when this row last changed
 * @param nextNumber of a copy on a host that is listed anew
 * @param copies in the order of the registration's list, then those no longer listed
 * @param sequencer the copy that numbers the updates of the module's state: the primary, or one of
 *     a hot module's; empty for a module without state
 * @param configuration version of the table when the group that keeps the state last changed
 * @param successor the copy that is to be the primary as soon as the present one has ceased, in a
 *     switchover
 */
public record ModuleRow(
    ModuleSpec spec,
    boolean registered,
    Epoch epoch,
    long version,
    int nextNumber,
    List<CopyRow> copies,
    Optional<CopyId> sequencer,
    long configuration,
    Optional<CopyId> successor) {
  public ModuleRow {
    copies = List.copyOf(copies);
    sequencer = Objects.requireNonNullElse(sequencer, Optional.empty()); // of before there was any
    successor = Objects.requireNonNullElse(successor, Optional.empty()); // of before there was any
  }

  /** A row without copies yet, whose epochs and runs go on from those of an earlier one. */
  static ModuleRow fresh(ModuleSpec spec, Epoch epoch, long version) {
    return new ModuleRow(
        spec, true, epoch, version, 1, List.of(), Optional.empty(), 0, Optional.empty());
  }

  public Stream<CopyRow> active() {
    return copies.stream().filter(CopyRow::isActive);
  }

  /** The primaries for clients: one of a hot module that is still told the state refuses them. */
  public Stream<CopyRow> serving() {
    var running = active().filter(copy -> copy.isPrimary() && copy.isRunning()).toList();
    var whole = running.stream().filter(CopyRow::inSync).toList();
    return (whole.isEmpty() ? running : whole).stream();
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

  public boolean isSequencer(CopyRow copy) {
    return sequencer.filter(copy.id()::equals).isPresent();
  }

  public boolean isSuccessor(CopyRow copy) {
    return successor.filter(copy.id()::equals).isPresent();
  }

  /**
   * What the module's hosts should be running: their copies that have a run (I3).
   *
   * @param addresses of the remoting of hosts
   * @param predecessor the last epoch of the module that had this name before
   */
  Stream<CopyOrder> owed(Function<HostId, String> addresses, Epoch predecessor) {
    var group = group(addresses, predecessor);
    return living().map(copy -> order(copy, group));
  }

  /** The hosts whose nodes processes of this module may outlive by moments, when those die (I5). */
  public Stream<HostId> mayLeaveProcesses() {
    return copies.stream().filter(CopyRow::mayLeaveProcess).map(CopyRow::host);
  }

  private Stream<CopyRow> living() {
    return copies.stream().filter(CopyRow::mayLive);
  }

  private CopyOrder order(CopyRow copy, Optional<StateGroup> group) {
    return new CopyOrder(copy.id(), copy.run(), copy.status(), epoch, version, launch(copy), group);
  }

  private Optional<StateGroup> group(Function<HostId, String> addresses, Epoch predecessor) {
    return spec.state()
        .flatMap(
            state ->
                sequencer.map(
                    id ->
                        new StateGroup(configuration, state, id, members(addresses), predecessor)));
  }

  private List<Member> members(Function<HostId, String> addresses) {
    return living().map(copy -> member(copy, addresses)).toList();
  }

  private static Member member(CopyRow copy, Function<HostId, String> addresses) {
    return new Member(
        copy.id(), copy.run(), copy.host(), addresses.apply(copy.host()), copy.inSync());
  }

  /** Nobody in the group could tell it from that one. */
  private boolean hasGroupOf(ModuleRow other) {
    return spec.state().equals(other.spec.state())
        && (spec.state().isEmpty()
            || (sequencer.equals(other.sequencer)
                && (sequencer.isEmpty()
                    || members(HostId::value).equals(other.members(HostId::value)))));
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
    var next = changed(event);
    return next.successor.filter(id -> next.isOver(event, id, this)).isPresent()
        ? next.succeededBy(Optional.empty())
        : next;
  }

  /**
   * Whether a switchover is over, since a primary was chosen, or since who was to be it cannot be
   * it any more: from then on the usual choice counts.
   */
  private boolean isOver(TableEvent event, CopyId heir, ModuleRow before) {
    var chosen =
        event instanceof TableEvent.CopyPromoted
            || (event instanceof TableEvent.CopyOrdered e && e.status() == CopyStatus.PRIMARY);
    var lost = event instanceof TableEvent.HostFailed e && before.on(e.host(), heir);
    return chosen
        || lost
        || !registered
        || spec.style() != before.spec.style()
        || !mayInherit(heir);
  }

  private boolean on(HostId host, CopyId id) {
    return copy(id).filter(copy -> copy.host().equals(host)).isPresent();
  }

  private boolean mayInherit(CopyId heir) {
    var cold = spec.style() == ReplicationStyle.COLD;
    return copy(heir)
        .filter(CopyRow::wanted)
        .filter(copy -> cold ? copy.phase() instanceof Phase.Idle : isReady(copy))
        .isPresent();
  }

  /** It runs, and with all of the module's state. */
  boolean isReady(CopyRow copy) {
    return copy.isActive() && copy.isRunning() && (copy.inSync() || spec.state().isEmpty());
  }

  private ModuleRow changed(TableEvent event) {
    return switch (event) {
      case TableEvent.ModuleRegistered e -> listing(e);
      case TableEvent.ModuleDeregistered e ->
          new ModuleRow(
                  spec,
                  false,
                  epoch,
                  version,
                  nextNumber,
                  copies.stream().map(CopyRow::unwanted).toList(),
                  sequencer,
                  configuration,
                  successor)
              .tidy();
      case TableEvent.ModuleRemoved e -> this;
      case TableEvent.CopyOrdered e ->
          with(e.copy(), copy -> copy.ordered(e.status(), e.run(), e.adopt()))
              .at(e.epoch())
              .numberedAfter(e);
      case TableEvent.SwitchoverOrdered e -> succeededBy(Optional.of(e.copy()));
      case TableEvent.CopyPromoted e ->
          with(e.copy(), copy -> copy.withStatus(CopyStatus.PRIMARY))
              .at(e.epoch())
              .numberedBy(onlyPrimaryNumbers() ? Optional.of(e.copy()) : sequencer);
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
      case TableEvent.SequencerChosen e -> at(e.epoch()).numberedBy(Optional.of(e.copy()));
      case TableEvent.SyncJoined e -> with(e.copy(), copy -> copy.synced(true));
      case TableEvent.SyncLeft e -> with(e.copy(), copy -> copy.synced(false));
      case TableEvent.HostJoined e -> this;
      case TableEvent.HostDrained e -> this;
      case TableEvent.HostResumed e -> this;
      case TableEvent.HostFailed e -> losing(e);
    };
  }

  private boolean onlyPrimaryNumbers() {
    return spec.state().isPresent() && spec.style() != ReplicationStyle.HOT;
  }

  /** A new run of a hot module's sequencer has no claim to be it: any copy in sync is better. */
  private ModuleRow numberedAfter(TableEvent.CopyOrdered event) {
    if (onlyPrimaryNumbers()) {
      return event.status() == CopyStatus.PRIMARY ? numberedBy(Optional.of(event.copy())) : this;
    }
    return numberedBy(sequencer.filter(id -> !id.equals(event.copy())));
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
    if (!registered || event.spec().state().isEmpty()) {
      rows.replaceAll(row -> row.synced(false)); // the state that it had goes with what is stopped
    }
    var numbering = event.spec().state().flatMap(state -> sequencer);
    return new ModuleRow(
            event.spec(), true, epoch, version, next, rows, numbering, configuration, successor)
        .tidy();
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
            copies.stream().filter(copy -> copy.wanted() || keeps(copy)).toList(),
            sequencer,
            configuration,
            successor);
  }

  private static boolean keeps(CopyRow unwanted) {
    return unwanted.isActive() || unwanted.mayLive();
  }

  private ModuleRow with(CopyId id, UnaryOperator<CopyRow> change) {
    var rows = copies.stream().map(row -> row.id().equals(id) ? change.apply(row) : row).toList();
    return new ModuleRow(
        spec, registered, epoch, version, nextNumber, rows, sequencer, configuration, successor);
  }

  private ModuleRow at(Epoch later) {
    return new ModuleRow(
        spec, registered, later, version, nextNumber, copies, sequencer, configuration, successor);
  }

  private ModuleRow numberedBy(Optional<CopyId> copy) {
    return new ModuleRow(
        spec, registered, epoch, version, nextNumber, copies, copy, configuration, successor);
  }

  private ModuleRow succeededBy(Optional<CopyId> copy) {
    return new ModuleRow(
        spec, registered, epoch, version, nextNumber, copies, sequencer, configuration, copy);
  }

  /** This row as the event that made this version left it. */
  ModuleRow after(ModuleRow before, long changed) {
    var group = hasGroupOf(before) ? configuration : changed;
    return new ModuleRow(
        spec, registered, epoch, changed, nextNumber, copies, sequencer, group, successor);
  }
}
