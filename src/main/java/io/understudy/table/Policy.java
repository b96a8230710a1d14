package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RunningCopy;
import io.understudy.table.TableEvent.CopyFailed;
import io.understudy.table.TableEvent.CopyOrdered;
import io.understudy.table.TableEvent.CopyStarted;
import io.understudy.table.TableEvent.CopyStopped;
import io.understudy.table.TableEvent.FailuresReset;
import io.understudy.table.TableEvent.HostDrained;
import io.understudy.table.TableEvent.HostFailed;
import io.understudy.table.TableEvent.HostJoined;
import io.understudy.table.TableEvent.HostResumed;
import io.understudy.table.TableEvent.ModuleDeregistered;
import io.understudy.table.TableEvent.ModuleRegistered;
import io.understudy.table.TableEvent.StatusConfirmed;
import io.understudy.table.TableEvent.SwitchoverOrdered;
import io.understudy.table.TableEvent.SyncJoined;
import io.understudy.table.TableEvent.SyncLeft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Turns a change into events: first the facts it brings, then the recovery that follows. */
record Policy(ReplicationTable table, Instant now) {
  private static final String DEAF =
      "it was the primary, does not follow changes of its status, and so was stopped";

  private static final String ASKED_FOR = "asked for by an operator";

  Decision decide(Change change) {
    return switch (change) {
      case Change.Register c -> register(c);
      case Change.Deregister c -> deregister(c.module());
      case Change.HostUp c -> hostUp(c.row());
      case Change.HostFailed c -> hostFailed(c);
      case Change.Reported c when !isCurrent(c.host(), c.incarnation()) -> nothing();
      case Change.Reported c -> reported(c.host(), c.report());
      case Change.SyncReported c when !isCurrent(c.host(), c.incarnation()) -> nothing();
      case Change.SyncReported c -> syncReported(c);
      case Change.Switchover c -> switchover(c);
      case Change.Drain c -> drain(c.host());
      case Change.Resume c -> resume(c.host());
      case Change.ResetFailures c -> resetFailures(c.copy());
      case Change.TimePassed c -> timePassed(c.module());
    };
  }

  private static Decision nothing() {
    return new Decision.Accepted(List.of());
  }

  private boolean isCurrent(HostId host, String incarnation) {
    return table.host(host).filter(r -> r.up() && r.incarnation().equals(incarnation)).isPresent();
  }

  private Decision register(Change.Register change) {
    var spec = change.spec();
    var known = table.module(spec.module());
    var refusal =
        spec.refusal()
            .or(() -> known.flatMap(row -> cannotConvert(row, spec)))
            .or(() -> known.flatMap(Policy::cannotForgetYet))
            .or(() -> change.running().flatMap(running -> cannotAdopt(change, running)));
    if (refusal.isPresent()) {
      return new Decision.Refused(refusal.get());
    }
    var events = new ArrayList<TableEvent>();
    if (known.filter(row -> row.registered() && row.spec().equals(spec)).isEmpty()) {
      var ids = table.rowFor(spec).idsFor(spec);
      var why = spec.warning().orElse(known.isPresent() ? "registered anew" : "registered");
      events.add(new ModuleRegistered(spec, ids, why, now));
    }
    change.running().flatMap(running -> adopt(events, change, running)).ifPresent(events::add);
    return planned(events, Stream.of(spec.module()));
  }

  /** A run either keeps state from its beginning or does not. */
  private static Optional<String> cannotConvert(ModuleRow row, ModuleSpec spec) {
    var now = row.spec().state().isPresent() ? "with state" : "without state";
    return row.registered() && row.spec().state().isPresent() != spec.state().isPresent()
        ? Optional.of(
            "module %s: it is registered %s, which cannot change while it runs; deregister it first"
                .formatted(spec.module(), now))
        : Optional.empty();
  }

  /** Its state is forgotten when its last copy is dead; the same name would find it until then. */
  private static Optional<String> cannotForgetYet(ModuleRow row) {
    return !row.registered() && row.spec().state().isPresent()
        ? Optional.of(
            "module %s: copies of its last registration are still being stopped, and its state is"
                    .formatted(row.spec().module())
                + " forgotten with them; register it when it has left the table")
        : Optional.empty();
  }

  private Optional<String> cannotAdopt(Change.Register change, RunningCopy running) {
    var module = change.spec().module();
    var host = running.host();
    if (change.spec().copies().stream().noneMatch(copy -> copy.host().equals(host))) {
      return Optional.of(
          "module %s: process %d runs on %s, which is not listed; list %s among the copies"
              .formatted(module, running.pid(), host, host));
    }
    if (!table.isUp(host)) {
      return Optional.of(
          "module %s: process %d is to be adopted on %s, where no WatchDog is registered; start %s"
              .formatted(module, running.pid(), host, "the node of " + host));
    }
    var copy = table.module(module).flatMap(row -> row.on(host));
    var other = copy.filter(c -> c.mayLive() && !runsAs(c, running.pid()));
    return other.map(
        c ->
            "module %s: copy %s already runs on %s, process %d is not needed; stop that process"
                .formatted(module, c.id(), host, running.pid()));
  }

  private static boolean runsAs(CopyRow copy, long pid) {
    return copy.adopted().filter(adopted -> adopted == pid).isPresent()
        || (copy.phase() instanceof Phase.Running r && r.pid() == pid);
  }

  /** [0010]: the copy that registered its module runs already, and is watched from now on. */
  private Optional<TableEvent> adopt(
      List<TableEvent> before, Change.Register change, RunningCopy running) {
    var row = table.evolve(before).module(change.spec().module()).orElseThrow();
    var copy = row.on(running.host()).orElseThrow();
    if (copy.mayLive()) {
      return Optional.empty();
    }
    var hasPrimary =
        row.copies().stream()
            .filter(other -> !other.id().equals(copy.id()))
            .anyMatch(other -> other.isPrimary() || other.acting());
    var serves = row.spec().style() == ReplicationStyle.HOT || !hasPrimary;
    var status = serves ? CopyStatus.PRIMARY : CopyStatus.BACKUP;
    var epoch = serves ? row.epoch().next() : row.epoch();
    var why = "process %d runs already and is adopted".formatted(running.pid());
    return Optional.of(
        new CopyOrdered(
            copy.id(),
            running.host(),
            status,
            copy.run() + 1,
            epoch,
            Optional.of(running.pid()),
            why,
            now));
  }

  private Decision deregister(ModuleId module) {
    if (table.module(module).filter(ModuleRow::registered).isEmpty()) {
      return new Decision.Refused(
          "module %s is not registered; the table lists those that are".formatted(module));
    }
    var event = new ModuleDeregistered(module, ASKED_FOR, now);
    return planned(List.of(event), Stream.of(module));
  }

  private Decision hostUp(HostRow row) {
    var known = table.host(row.host());
    if (known.filter(old -> !isNew(row.incarnation(), old.incarnation())).isPresent()) {
      return nothing();
    }
    var events = new ArrayList<TableEvent>();
    known
        .filter(HostRow::up)
        .map(
            old ->
                new HostFailed(
                    old.host(),
                    old.incarnation(),
                    Certainty.CERTAIN,
                    "its WatchDog began anew",
                    now))
        .ifPresent(events::add);
    var past = table.evolve(events).host(row.host());
    events.add(joined(past.map(it -> row.returned(it, now)).orElse(row)));
    return planned(events, affected(row.host()));
  }

  /** A registration may arrive late, when a later life of the same node has registered (I9). */
  private static boolean isNew(String incarnation, String known) {
    return !incarnation.equals(known) && !Incarnation.supersedes(known, incarnation);
  }

  private HostJoined joined(HostRow row) {
    var quiet = row.damped(now);
    var flaps = row.flaps().filter(it -> !quiet.isZero());
    var why =
        flaps.map(
            it ->
                "; %s, and for %d s gets new copies only if no other host can take them"
                    .formatted(it.reason(), quiet.toSeconds()));
    return new HostJoined(
        row, "its WatchDog registered from " + row.address() + why.orElse(""), now);
  }

  private Decision hostFailed(Change.HostFailed change) {
    if (!isCurrent(change.host(), change.incarnation())) {
      return nothing();
    }
    var event =
        new HostFailed(
            change.host(), change.incarnation(), change.certainty(), change.reason(), now);
    return planned(List.of(event), affected(change.host()));
  }

  private Stream<ModuleId> affected(HostId host) {
    return table.modulesOn(host).map(row -> row.spec().module());
  }

  private Decision reported(HostId host, CopyReport report) {
    var copy =
        table
            .copy(report.copy())
            .filter(row -> row.host().equals(host))
            .filter(row -> row.mayLive() && row.run() == report.run());
    var events =
        copy.map(row -> facts(row, report)).orElseGet(List::of); // of an older run, or repeated
    return events.isEmpty() ? nothing() : planned(events, Stream.of(report.copy().module()));
  }

  private List<? extends TableEvent> facts(CopyRow copy, CopyReport report) {
    return switch (report.seen()) {
      case Seen.Starting seen -> List.of();
      case Seen.Running seen when copy.phase() instanceof Phase.Stopping -> List.of();
      case Seen.Running seen when copy.isRunning() -> confirmed(copy, report);
      case Seen.Running seen -> List.of(started(copy, report, seen.pid()));
      case Seen.Failed seen when copy.phase() instanceof Phase.Stopping ->
          List.of(new CopyStopped(copy.id(), copy.host(), copy.run(), seen.reason(), now));
      case Seen.Failed seen -> List.of(failed(copy, seen.kind(), seen.reason()));
      case Seen.Stopped seen when copy.phase() instanceof Phase.Stopping ->
          List.of(new CopyStopped(copy.id(), copy.host(), copy.run(), "it has stopped", now));
      case Seen.Stopped seen when copy.acting() && !copy.isPrimary() ->
          List.of(new CopyStopped(copy.id(), copy.host(), copy.run(), DEAF, now));
      case Seen.Stopped seen ->
          List.of(failed(copy, FailureKind.CRASHED, "it was stopped, and should be running"));
    };
  }

  private CopyStarted started(CopyRow copy, CopyReport report, long pid) {
    return new CopyStarted(
        copy.id(),
        copy.host(),
        copy.run(),
        pid,
        report.status(),
        report.epoch(),
        "process %d is ready".formatted(pid),
        now);
  }

  private List<StatusConfirmed> confirmed(CopyRow copy, CopyReport report) {
    var epoch = table.module(report.copy().module()).orElseThrow().epoch();
    var known = copy.confirmed() == copy.status() && copy.acting() == copy.isPrimary();
    return known || report.status() != copy.status() || !report.epoch().equals(epoch)
        ? List.of()
        : List.of(
            new StatusConfirmed(
                copy.id(),
                copy.host(),
                copy.run(),
                report.status(),
                report.epoch(),
                "it acts as " + report.status().name().toLowerCase(java.util.Locale.ROOT),
                now));
  }

  private CopyFailed failed(CopyRow copy, FailureKind kind, String reason) {
    var policy = table.module(copy.id().module()).orElseThrow().spec().restart();
    var failures = hasRunFor(policy.failureWindow(), copy) ? 1 : copy.failures() + 1;
    var strikes = hasRunFor(policy.stableAfter(), copy) ? 1 : copy.strikes() + 1;
    return new CopyFailed(copy.id(), copy.host(), copy.run(), kind, failures, strikes, reason, now);
  }

  /** Only running counts: time in back-off, or without getting ready, forgives no failure. */
  private boolean hasRunFor(Duration time, CopyRow copy) {
    return copy.phase() instanceof Phase.Running running
        && !now.isBefore(running.since().plus(time));
  }

  /**
   * Of the sequencer's present run and epoch only: another may have been chosen meanwhile (I4). And
   * of the present group only: a member that was put out since would be brought back, without what
   * was committed without it.
   */
  private Decision syncReported(Change.SyncReported change) {
    var name = change.member().module();
    var member =
        table
            .module(name)
            .filter(row -> row.epoch().equals(change.epoch()) && numbers(row, change))
            .filter(row -> row.configuration() == change.configuration())
            .flatMap(row -> row.copy(change.member()))
            .filter(copy -> copy.mayLive() && copy.run() == change.memberRun())
            .filter(copy -> copy.inSync() != change.inSync())
            .filter(copy -> copy.isActive() || !change.inSync());
    return member
        .map(copy -> planned(List.of(synced(copy, change)), Stream.of(name)))
        .orElseGet(Policy::nothing);
  }

  private static boolean numbers(ModuleRow row, Change.SyncReported change) {
    return row.copy(change.sequencer())
        .filter(copy -> row.isSequencer(copy) && copy.host().equals(change.host()))
        .filter(copy -> copy.mayLive() && copy.run() == change.run())
        .isPresent();
  }

  private TableEvent synced(CopyRow copy, Change.SyncReported change) {
    var why = change.reason();
    return change.inSync()
        ? new SyncJoined(copy.id(), copy.host(), copy.run(), change.epoch(), why, now)
        : new SyncLeft(copy.id(), copy.host(), copy.run(), change.epoch(), why, now);
  }

  private Decision switchover(Change.Switchover change) {
    return switch (Switchover.of(change, new Hosts(table, now))) {
      case Switchover.Refused(var reason) -> new Decision.Refused(reason);
      case Switchover.Done() -> nothing();
      case Switchover.To(var heir) -> {
        var event = new SwitchoverOrdered(heir.id(), heir.host(), ASKED_FOR, now);
        yield planned(List.of(event), Stream.of(change.module()));
      }
    };
  }

  /** Asked for again, those are tried again that could have taken what stays, and failed. */
  private Decision drain(HostId host) {
    if (table.host(host).isEmpty()) {
      return unknown(host);
    }
    var events =
        table.isDrained(host)
            ? table.modulesOn(host).flatMap(row -> retried(row, host)).toList()
            : List.<TableEvent>of(new HostDrained(host, ASKED_FOR, now));
    return planned(events, affected(host));
  }

  private Stream<TableEvent> retried(ModuleRow row, HostId host) {
    var draining = new Draining(row, new Hosts(table, now));
    var stays = row.on(host).filter(CopyRow::isActive).flatMap(draining::staying).isPresent();
    return row.registered() && stays
        ? draining
            .distrusted()
            .<TableEvent>map(copy -> new FailuresReset(copy.id(), copy.host(), ASKED_FOR, now))
        : Stream.empty();
  }

  private Decision resume(HostId host) {
    if (table.host(host).isEmpty()) {
      return unknown(host);
    }
    return table.isDrained(host)
        ? planned(List.of(new HostResumed(host, ASKED_FOR, now)), affected(host))
        : nothing();
  }

  private static Decision unknown(HostId host) {
    return new Decision.Refused(
        "host %s is not in the table, where each host is from its first start on; hosts lists them"
            .formatted(host));
  }

  private Decision resetFailures(CopyId id) {
    return table
        .copy(id)
        .<Decision>map(
            copy -> {
              var why = "reset by an operator";
              var event = new FailuresReset(id, copy.host(), why, now);
              return planned(List.of(event), Stream.of(id.module()));
            })
        .orElseGet(() -> new Decision.Refused("copy %s is not in the table".formatted(id)));
  }

  private Decision timePassed(ModuleId module) {
    return planned(List.of(), Stream.of(module));
  }

  /** The facts, then for each module the recovery they call for. */
  private Decision planned(List<? extends TableEvent> facts, Stream<ModuleId> modules) {
    var after = table.evolve(facts);
    var events = new ArrayList<TableEvent>(facts);
    modules
        .map(after::module)
        .flatMap(Optional::stream)
        .forEach(row -> events.addAll(Recovery.plan(row, new Hosts(after, now))));
    return new Decision.Accepted(events);
  }
}
