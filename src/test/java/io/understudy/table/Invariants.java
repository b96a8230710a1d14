package io.understudy.table;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What must hold of a table after every event, after every plan, and of the hosts at any time. */
final class Invariants {
  private static final Duration MOST_QUIET = Duration.ofMinutes(10);

  private final Map<ModuleId, Epoch> highest = new HashMap<>();
  private final Set<ModuleId> leavingHot = new HashSet<>();
  private final Map<ModuleId, StateGroup> groupOf = new HashMap<>();

  private static void require(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new AssertionError(what.get());
    }
  }

  /** I1, I4 and I9, which speak of single events. */
  void afterEvent(ReplicationTable before, TableEvent event, ReplicationTable after) {
    require(
        after.version() == before.version() + 1, () -> "I1: version %s".formatted(after.version()));
    event.module().ifPresent(module -> epochs(before, after, module));
    event.module().flatMap(after::module).ifPresent(row -> group(after, row));
    switch (event) {
      case TableEvent.HostFailed e -> {
        after.modules().keySet().forEach(module -> epochs(before, after, module));
        after.modules().values().forEach(row -> group(after, row));
        require(
            after.owed(e.host()).findAny().isEmpty(),
            () -> "I9: %s is owed by the dead".formatted(e.host()));
      }
      case TableEvent.HostJoined e ->
          require(
              after.owed(e.host()).findAny().isEmpty(),
              () -> "I9: %s comes back full".formatted(e.host()));
      case TableEvent.ModuleRegistered e -> {
        if (before.module(e.name()).filter(row -> isHot(row) && !isHot(e)).isPresent()) {
          leavingHot.add(e.name());
        }
      }
      case TableEvent.CopyOrdered e -> {
        notDamped(before, e);
        notDrained(before, e);
      }
      case TableEvent.CopyStopOrdered e -> replacedFirst(before, e);
      case TableEvent.CopyPromoted e -> newest(before, e.copy(), copy -> true);
      case TableEvent.SyncJoined e -> synced(before, after, e.copy(), e.run(), e.epoch(), true);
      case TableEvent.SyncLeft e -> synced(before, after, e.copy(), e.run(), e.epoch(), false);
      case TableEvent.SequencerChosen e -> newest(before, e.copy(), CopyRow::isPrimary);
      default -> {}
    }
  }

  /** Resolution h: who takes over lacks nothing that was acknowledged, if any such copy is left. */
  private static void newest(ReplicationTable before, CopyId taker, Predicate<CopyRow> rivals) {
    var row = before.module(taker.module()).orElseThrow();
    var better = row.active().filter(rivals).filter(CopyRow::inSync).findFirst();
    require(
        better.isEmpty()
            || (isHot(row) && !row.copy(taker).orElseThrow().isPrimary())
            || row.copy(taker).orElseThrow().inSync(),
        () -> "%s takes over though %s is in sync".formatted(taker, better));
  }

  /** What a sequencer says holds of the run it speaks of, and only in its own epoch (I4). */
  private static void synced(
      ReplicationTable before,
      ReplicationTable after,
      CopyId copy,
      long run,
      Epoch epoch,
      boolean inSync) {
    var was = before.copy(copy).orElseThrow();
    var is = after.copy(copy).orElseThrow();
    require(
        was.inSync() != inSync && is.inSync() == inSync, () -> "%s after %s".formatted(is, was));
    require(was.run() == run, () -> "run %d of %s".formatted(run, was));
    require(
        before.module(copy.module()).orElseThrow().epoch().equals(epoch),
        () -> "I4: %s is judged under epoch %s".formatted(is, epoch));
  }

  /** A group has a configuration of its own, and configurations never go back. */
  private void group(ReplicationTable table, ModuleRow row) {
    var name = row.spec().module();
    for (CopyRow copy : row.copies()) {
      require(!copy.inSync() || copy.mayLive(), () -> "%s is in sync and dead".formatted(copy));
    }
    var groups =
        table.owed(row).map(CopyOrder::group).flatMap(Optional::stream).distinct().toList();
    require(groups.size() <= 1, () -> "two groups of %s: %s".formatted(name, groups));
    for (StateGroup group : groups) {
      var last = groupOf.put(name, group);
      require(
          last == null || last.equals(group) || last.configuration() < group.configuration(),
          () -> "configuration %s of %s after %s".formatted(group, name, last));
      require(
          group.configuration() <= table.version(),
          () -> "configuration %s of the future".formatted(group));
    }
  }

  /** What holds of those who keep a module's state together. */
  private static void ofGroup(ReplicationTable table, ModuleRow row) {
    var orders = table.owed(row).toList();
    if (row.spec().state().isEmpty()) {
      require(
          row.sequencer().isEmpty() && orders.stream().allMatch(o -> o.group().isEmpty()),
          () -> "%s has no state, and a group".formatted(row));
      require(
          row.copies().stream().noneMatch(CopyRow::inSync),
          () -> "%s has no state, and is in sync".formatted(row));
      return;
    }
    var primaries = row.active().filter(copy -> copy.isPrimary() && copy.mayLive()).toList();
    if (!row.registered() || primaries.isEmpty()) {
      return;
    }
    var sequencer = primaries.stream().filter(row::isSequencer).findFirst();
    require(sequencer.isPresent(), () -> "no primary numbers the updates of %s".formatted(row));
    require(
        sequencer.get().inSync() || primaries.stream().noneMatch(CopyRow::inSync),
        () -> "%s numbers, and another is in sync: %s".formatted(sequencer, row));
    for (CopyOrder order : orders) {
      var self = order.group().flatMap(group -> group.member(order.copy()));
      require(
          self.filter(member -> member.run() == order.run()).isPresent(),
          () -> "%s is not in its own group".formatted(order));
      require(
          order.group().orElseThrow().members().size() == orders.size(),
          () -> "%s: %s have orders".formatted(order, orders.size()));
      require(
          order.group().orElseThrow().members().stream()
              .allMatch(member -> member.address().equals(member.host() + ":17355")),
          () -> "%s without addresses".formatted(order));
    }
  }

  /** A host that flaps gets a new copy only when no other can take it at this moment. */
  private static void notDamped(ReplicationTable before, TableEvent.CopyOrdered event) {
    var row = before.module(event.copy().module()).orElseThrow();
    var fills = row.copy(event.copy()).filter(copy -> copy.phase() instanceof Phase.Idle);
    if (event.adopt().isEmpty()
        && fills.filter(row::isSuccessor).isEmpty()
        && fills.isPresent()
        && before.isDamped(event.host(), event.at())) {
      var better =
          row.copies().stream()
              .filter(copy -> !before.isDamped(copy.host(), event.at()))
              .filter(copy -> !before.isDrained(copy.host()) || before.isDrained(event.host()))
              .filter(copy -> mayStart(before, row, copy, event.at()))
              .findFirst();
      require(better.isEmpty(), () -> "%s though there is %s".formatted(event, better));
    }
  }

  /** A drained host gets a new copy only when nothing of the module is left. */
  private static void notDrained(ReplicationTable before, TableEvent.CopyOrdered event) {
    var row = before.module(event.copy().module()).orElseThrow();
    var fills = row.copy(event.copy()).filter(copy -> copy.phase() instanceof Phase.Idle);
    require(
        event.adopt().isPresent()
            || fills.isEmpty()
            || row.isSuccessor(fills.get())
            || !before.isDrained(event.host())
            || row.active().noneMatch(CopyRow::mayLive),
        () -> "%s on a drained host, of %s".formatted(event, row));
  }

  /** A drain leaves no gap: without the copy that stops as many are ready as were registered. */
  private static void replacedFirst(ReplicationTable before, TableEvent.CopyStopOrdered event) {
    var row = before.module(event.copy().module()).orElseThrow();
    var copy = row.copy(event.copy()).orElseThrow();
    var degree = row.spec().runningCopies();
    if (row.spec().style() != ReplicationStyle.COLD
        && row.registered()
        && copy.wanted()
        && before.isDrained(event.host())
        && row.active().count() == degree + 1) {
      var ready = row.active().filter(row::isReady).filter(other -> !other.equals(copy)).count();
      require(ready >= degree, () -> "%s, and %d are ready of %s".formatted(event, ready, row));
    }
  }

  private static boolean mayStart(
      ReplicationTable table, ModuleRow row, CopyRow copy, Instant now) {
    return Recovery.nextTry(row, table, copy).filter(at -> !at.isAfter(now)).isPresent();
  }

  private static boolean isHot(ModuleRow row) {
    return row.spec().style() == ReplicationStyle.HOT;
  }

  private static boolean isHot(TableEvent.ModuleRegistered event) {
    return event.spec().style() == ReplicationStyle.HOT;
  }

  /** Epochs never fall, and each change of who is primary raises them (I4). */
  private void epochs(ReplicationTable before, ReplicationTable after, ModuleId module) {
    var row = after.module(module);
    if (row.isEmpty()) {
      return;
    }
    var epoch = row.get().epoch();
    var last = highest.getOrDefault(module, Epoch.NONE);
    require(
        epoch.compareTo(last) >= 0,
        () -> "I4: epoch of %s fell from %s to %s".formatted(module, last, epoch));
    var was = primaries(before, module);
    var is = primaries(after, module);
    var changed = !was.equals(is) && !is.isEmpty();
    require(
        !changed || epoch.compareTo(last) > 0,
        () -> "I4: %s to %s at epoch %s".formatted(was, is, epoch));
    highest.put(module, epoch);
  }

  private static Set<String> primaries(ReplicationTable table, ModuleId module) {
    return table.module(module).stream()
        .flatMap(ModuleRow::active)
        .filter(CopyRow::isPrimary)
        .map(copy -> copy.id() + "#" + copy.run())
        .collect(toSet());
  }

  /** What holds of a table between changes. */
  static void ofTable(ReplicationTable table) {
    table.modules().values().forEach(row -> ofRow(table, row));
    for (HostId host : table.hosts().keySet()) {
      var owed = table.owed(host).toList();
      require(owed.isEmpty() || table.isUp(host), () -> "I8: %s owed to %s".formatted(owed, host));
      owed.forEach(order -> ofOrder(order, table.copy(order.copy()).orElseThrow()));
    }
  }

  private static void ofOrder(CopyOrder order, CopyRow copy) {
    var stopping = copy.phase() instanceof Phase.Stopping;
    require(copy.isActive() != stopping, () -> "I8: %s is owed for %s".formatted(order, copy));
    require(
        (order.status() == CopyStatus.IDLE) == stopping,
        () -> "I8: %s for %s".formatted(order, copy));
  }

  /** What holds of one module between changes. */
  static void ofRow(ReplicationTable table, ModuleRow row) {
    table.owed(row).forEach(order -> ofOrder(order, row.copy(order.copy()).orElseThrow()));
    var module = row.spec().module();
    var active = row.active().count();
    var replacing = isReplacing(table, row) ? 1 : 0;
    require(
        active <= row.spec().runningCopies() + replacing,
        () -> "I6: %s of %s are active".formatted(active, module));
    var hosts = row.copies().stream().map(CopyRow::host).distinct().count();
    require(hosts == row.copies().size(), () -> "two copies of %s on one host".formatted(module));
    for (CopyRow copy : row.copies()) {
      require(copy.failedAs().isEmpty(), () -> "%s is left as failed".formatted(copy));
      var home = table.isUp(copy.host());
      require(
          home || (!copy.isActive() && !copy.mayLive()),
          () -> "I6: %s on a dead host".formatted(copy));
      require(!copy.acting() || copy.mayLive(), () -> "I5: %s acts and is dead".formatted(copy));
    }
    condition(table, row);
    liveness(table, row);
    ofGroup(table, row);
  }

  private static boolean isReplacing(ReplicationTable table, ModuleRow row) {
    return row.spec().style() != ReplicationStyle.COLD
        && row.active().anyMatch(copy -> copy.wanted() && table.isDrained(copy.host()));
  }

  private static void condition(ReplicationTable table, ModuleRow row) {
    var condition = Condition.of(row, table);
    var is = condition.level() == Condition.Level.PROTECTED;
    require(is == condition.reason().isEmpty(), () -> "I6: %s has no reason".formatted(condition));
    var running = row.active().filter(CopyRow::isRunning).count();
    require(
        !is || running >= row.spec().runningCopies(),
        () -> "I6: %s runs %s".formatted(condition, running));
  }

  /** Whatever is missing is missing because nothing can be done now, and it is known when. */
  private static void liveness(ReplicationTable table, ModuleRow row) {
    var module = row.spec().module();
    var due = table.due(module, Instant.EPOCH); // by whatever clock
    var waits = row.copies().stream().anyMatch(copy -> copy.waitsUntil().isPresent());
    require(!waits || due.isPresent(), () -> "%s waits and is never due".formatted(module));
    if (!row.registered()) {
      require(!row.copies().isEmpty(), () -> "%s is not forgotten".formatted(module));
      return;
    }
    var ceasing = row.copies().stream().anyMatch(copy -> copy.acting() && !copy.isPrimary());
    var candidate =
        row.copies().stream()
            .filter(copy -> copy.wanted() && !copy.isActive() && !copy.mayLive())
            .filter(
                copy -> !table.isDrained(copy.host()) || row.active().noneMatch(CopyRow::mayLive))
            .anyMatch(copy -> table.isUp(copy.host()));
    var blocked = row.spec().style() == ReplicationStyle.COLD && ceasing;
    require(
        !row.hasDeficit() || !candidate || blocked || due.isPresent(),
        () -> "I6: %s has a deficit and an idle copy, and is never due".formatted(module));
    var living = row.active().filter(CopyRow::mayLive).count();
    require(
        living == 0 || ceasing || row.active().anyMatch(CopyRow::isPrimary),
        () -> "I6: %s has backups and no primary".formatted(module));
  }

  /**
   * Right after a plan nothing more is to be done at once: no tight loop (resolution c). And
   * nothing waits for long, whatever the clocks of earlier managers said (I6).
   */
  static void afterPlan(ReplicationTable table, ModuleId module, Instant now) {
    table
        .due(module, now)
        .ifPresent(
            at -> {
              require(at.isAfter(now), () -> "%s is due again at once: %s".formatted(module, at));
              var longest = longestWait(table, table.module(module).orElseThrow(), now);
              require(
                  !at.isAfter(now.plus(longest)),
                  () -> "%s is due later than any wait ends: %s".formatted(module, at));
            });
  }

  /** Any back-off; what is to leave a drained host waits for hosts and copies that prove good. */
  private static Duration longestWait(ReplicationTable table, ModuleRow row, Instant now) {
    var policy = row.spec().restart();
    if (row.active().noneMatch(copy -> table.isDrained(copy.host()))) {
      return policy.backoffMax();
    }
    var trusted =
        row.active()
            .map(copy -> copy.phase() instanceof Phase.Running r ? r.since() : now)
            .map(since -> Duration.between(now, since).plus(policy.stableAfter()));
    return Stream.concat(Stream.of(policy.backoffMax(), MOST_QUIET), trusted)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** I5: of the copies that live where the table has a living host, one believes it is primary. */
  void ofHosts(ReplicationTable table, Collection<SimulatedHost> hosts) {
    leavingHot.removeIf(module -> hasSettled(table, module));
    var believers = new HashMap<ModuleId, Integer>();
    for (SimulatedHost host : hosts) {
      if (isCurrent(table, host)) {
        host.runs()
            .filter(SimulatedHost.Run::believesPrimary)
            .forEach(run -> believers.merge(run.order().copy().module(), 1, Integer::sum));
      }
    }
    believers.forEach(
        (module, count) -> {
          var hot = table.module(module).filter(Invariants::isHot).isPresent();
          require(
              hot || leavingHot.contains(module) || count <= 1,
              () -> "I5: %s copies of %s believe they are primary".formatted(count, module));
        });
  }

  static boolean isCurrent(ReplicationTable table, SimulatedHost host) {
    return host.isAlive()
        && table
            .host(host.id())
            .filter(row -> row.up() && row.incarnation().equals(host.incarnation()))
            .isPresent();
  }

  private static boolean hasSettled(ReplicationTable table, ModuleId module) {
    return table.module(module).stream()
        .flatMap(row -> row.copies().stream())
        .allMatch(copy -> copy.isPrimary() || !copy.acting());
  }
}
