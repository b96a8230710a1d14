package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What becomes of a table if hosts and copies fail, and all that is ordered then is done: copies
 * start, act on their status and have their module's state, and stop when they are to.
 *
 * <p>Nothing is decided here: each event is one that {@link ReplicationTable#decide} gives. Modules
 * that the failures do not touch stay as they are.
 *
 * @param after the table in the end
 * @param settled nothing more happens then; false if that was not reached within as many steps as
 *     any recovery takes
 */
public record Forecast(List<Foreseen> events, ReplicationTable after, boolean settled) {
  /** What a failure, a start or a stop that is only assumed gives as its reason. */
  static final String ASSUMED = "simulated: ";

  /** Each copy fails, is released, stops, is ordered, starts, is confirmed and gets its state. */
  private static final int MOST_STEPS_PER_COPY = 32;

  public Forecast {
    events = List.copyOf(events);
  }

  /**
   * An event, and how it would come.
   *
   * @param after the delays that have passed since the failures, for back-offs; starting, stopping
   *     and noticing take more time, which nobody knows beforehand
   * @param assumed nothing decides that this happens: it is one of the failures, or the answer to
   *     an order
   */
  public record Foreseen(TableEvent event, Duration after, boolean assumed) {}

  /**
   * All of these fail at once; what cannot fail, as it does not run, changes nothing.
   *
   * @param leases a primary of a cold or warm module stops, as its host's lease ends before a
   *     verdict on the dead lets it be renewed (I5); that is recovered, too
   * @param now for how long copies have run
   */
  public static Forecast of(
      ReplicationTable table,
      Collection<HostId> hosts,
      Collection<CopyId> copies,
      boolean leases,
      Instant now) {
    return new Course(table, now).failing(hosts, copies, leases).toTheEnd();
  }

  /**
   * All of these fail at once, and no ReplicaManager is left to do anything about it: the failures
   * alone, and what follows from them on the hosts.
   *
   * @param leases a primary of a cold or warm module stops when nobody renews its host's lease (I5)
   */
  public static Forecast unattended(
      ReplicationTable table,
      Collection<HostId> hosts,
      Collection<CopyId> copies,
      boolean leases,
      Instant now) {
    return new Course(table, now).failing(hosts, copies, leases).seen(true);
  }

  /** The table as it goes on, and what has happened so far. */
  private static final class Course {
    private final Instant begin;
    private final List<Foreseen> events = new ArrayList<>();
    private final Set<ModuleId> touched = new LinkedHashSet<>();
    private final Set<ModuleId> restless = new LinkedHashSet<>();
    private final Map<ModuleId, Instant> dues = new LinkedHashMap<>();
    private ReplicationTable table;
    private Instant now;

    Course(ReplicationTable table, Instant now) {
      this.table = table;
      this.begin = now;
      this.now = now;
    }

    /** The facts first, then what they call for together (resolution g). */
    Course failing(Collection<HostId> hosts, Collection<CopyId> copies, boolean leases) {
      var failed =
          hosts.stream().map(table::host).flatMap(Optional::stream).map(Course::failure).toList();
      failed.forEach(this::assume);
      for (CopyId copy : copies) {
        table
            .copy(copy)
            .map(row -> reported(row, new Seen.Failed(FailureKind.CRASHED, ASSUMED + "it crashes")))
            .ifPresent(this::assume);
      }
      if (leases) {
        fence();
      }
      return this;
    }

    private void fence() {
      var fenced = new Seen.Failed(FailureKind.FENCED, ASSUMED + "its host's lease has ended");
      table.modules().values().stream()
          .filter(row -> row.spec().style() != ReplicationStyle.HOT)
          .flatMap(ModuleRow::active)
          .filter(CopyRow::isPrimary)
          .map(copy -> reported(copy, fenced))
          .toList()
          .forEach(this::assume);
    }

    private static Change failure(HostRow host) {
      return new Change.HostFailed(
          host.host(), host.incarnation(), Certainty.CERTAIN, ASSUMED + "the host fails");
    }

    /** Of what a change brings, the fact comes first. */
    private void assume(Change change) {
      var fact = table.decide(change, now).eventList().stream().limit(1).toList();
      touched.addAll(table.touched(fact));
      fact.forEach(event -> add(event, true));
    }

    Forecast toTheEnd() {
      touched.forEach(this::look);
      restless.addAll(touched);
      var most = MOST_STEPS_PER_COPY * (2 + rows().mapToInt(row -> row.copies().size()).sum());
      var rest = false;
      for (int steps = 0; !rest && steps < most; steps++) {
        rest = !(answered() || waited());
      }
      return seen(rest);
    }

    Forecast seen(boolean settled) {
      return new Forecast(events, table, settled);
    }

    private Stream<ModuleRow> rows() {
      return touched.stream().map(table::module).flatMap(Optional::stream);
    }

    private boolean look(ModuleId module) {
      var decided = table.decide(new Change.TimePassed(module), now).eventList();
      decided.forEach(event -> add(event, false));
      return !decided.isEmpty();
    }

    /** One answer to what is ordered, of each module that has not come to rest. */
    private boolean answered() {
      for (ModuleId module : List.copyOf(restless)) {
        if (!answer(module)) {
          restless.remove(module);
          table.due(module, now).ifPresent(at -> dues.put(module, at));
        }
      }
      return !restless.isEmpty();
    }

    /** First what is quickest. */
    private boolean answer(ModuleId module) {
      return answer(module, this::confirms)
          || answer(module, this::stops)
          || answer(module, this::starts)
          || answer(module, this::joins);
    }

    private boolean answer(ModuleId module, Function<CopyRow, Optional<Change>> how) {
      var copies = table.module(module).stream().flatMap(row -> row.copies().stream());
      return copies
          .filter(CopyRow::mayLive)
          .map(how)
          .flatMap(Optional::stream)
          .map(change -> table.decide(change, now).eventList())
          .filter(decided -> !decided.isEmpty())
          .findFirst()
          .map(this::happens)
          .orElse(false);
    }

    private boolean happens(List<TableEvent> decided) {
      add(decided.getFirst(), true);
      decided.stream().skip(1).forEach(event -> add(event, false));
      return true;
    }

    private Optional<Change> confirms(CopyRow copy) {
      return copy.isRunning() ? Optional.of(reported(copy, new Seen.Running(0))) : Optional.empty();
    }

    private Optional<Change> stops(CopyRow copy) {
      return copy.phase() instanceof Phase.Stopping
          ? Optional.of(reported(copy, new Seen.Stopped()))
          : Optional.empty();
    }

    private Optional<Change> starts(CopyRow copy) {
      return copy.phase() instanceof Phase.Starting
          ? Optional.of(reported(copy, new Seen.Running(0)))
          : Optional.empty();
    }

    /** The sequencer says of a copy that runs that it has all of the state. */
    private Optional<Change> joins(CopyRow copy) {
      var row = table.module(copy.id().module()).orElseThrow();
      var sequencer = row.sequencer().flatMap(row::copy).filter(CopyRow::isRunning);
      return sequencer
          .filter(by -> copy.isRunning() && !copy.inSync())
          .flatMap(by -> table.host(by.host()).map(host -> joined(row, by, host, copy)));
    }

    private static Change joined(ModuleRow row, CopyRow by, HostRow host, CopyRow copy) {
      return new Change.SyncReported(
          host.host(),
          host.incarnation(),
          by.id(),
          by.run(),
          row.epoch(),
          row.configuration(),
          copy.id(),
          copy.run(),
          true,
          ASSUMED + "it has all of the state");
    }

    private Change reported(CopyRow copy, Seen seen) {
      var epoch = table.module(copy.id().module()).orElseThrow().epoch();
      var incarnation = table.host(copy.host()).map(HostRow::incarnation).orElse("");
      var report = new CopyReport(copy.id(), copy.run(), copy.status(), epoch, seen);
      return new Change.Reported(copy.host(), incarnation, report);
    }

    /** The time passes until the next module is due. */
    private boolean waited() {
      var next = dues.entrySet().stream().min(Map.Entry.comparingByValue());
      next.ifPresent(due -> wake(due.getKey(), due.getValue()));
      return next.isPresent();
    }

    private void wake(ModuleId module, Instant due) {
      dues.remove(module);
      now = due.isAfter(now) ? due : now;
      if (look(module)) {
        restless.add(module);
      }
    }

    private void add(TableEvent event, boolean assumed) {
      events.add(new Foreseen(honest(event), Duration.between(begin, now), assumed));
      table = table.evolve(event);
    }

    /** Of the process that it would be, nothing is known. */
    private static TableEvent honest(TableEvent event) {
      return event instanceof TableEvent.CopyStarted e
          ? new TableEvent.CopyStarted(
              e.copy(),
              e.host(),
              e.run(),
              e.pid(),
              e.status(),
              e.epoch(),
              ASSUMED + "it is ready",
              e.at())
          : event;
    }
  }
}
