package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RunningCopy;
import io.understudy.model.StateGroup.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A cluster in virtual time: a table with its journal, hosts with their WatchDogs, and a network
 * that drops, repeats and reorders. After every step the invariants are checked.
 */
final class Simulation {
  /** On its way, to the manager or to a host. */
  private sealed interface Message {
    record ToManager(Change change) implements Message {}

    record ToHost(HostId host, String incarnation, CopyOrder order) implements Message {}
  }

  private static final int MOST_ROUNDS = 150;

  private final long seed;
  private static final int DAY_MILLIS = 86_400_000;

  private final Invariants invariants = new Invariants();
  private final List<SimulatedHost> hosts;
  private final List<ModuleId> modules;
  private final List<TableEvent> journal = new ArrayList<>();
  private final List<Message> network = new ArrayList<>();
  private final Optional<List<String>> trace;
  private ReplicationTable table = ReplicationTable.EMPTY;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private Simulation(long seed, Optional<List<String>> trace) {
    var random = new SplittableRandom(seed);
    var started = new HashSet<String>();
    this.seed = seed;
    this.trace = trace;
    this.hosts =
        IntStream.rangeClosed(1, random.nextInt(1, 9))
            .mapToObj(n -> new SimulatedHost(new HostId("H" + n), started))
            .toList();
    this.modules =
        IntStream.range(0, random.nextInt(1, 7))
            .mapToObj(n -> new ModuleId(String.valueOf((char) ('A' + n))))
            .toList();
  }

  /** Plays the steps, then lets everything come to rest; throws when an invariant does not hold. */
  static void play(long seed, List<Step> steps, Optional<List<String>> trace) {
    var simulation = new Simulation(seed, trace);
    for (Step step : steps) {
      simulation.say(() -> "%s at %s".formatted(step.kind(), simulation.now));
      simulation.step(step.kind(), new SplittableRandom(step.bits()));
      simulation.check();
    }
    simulation.rest();
  }

  private void say(Supplier<String> line) {
    trace.ifPresent(lines -> lines.add(line.get()));
  }

  private void check() {
    invariants.ofHosts(table, hosts);
  }

  private void step(Step.Kind kind, SplittableRandom random) {
    switch (kind) {
      case FLOW -> flow();
      case REGISTER -> register(random);
      case DEREGISTER -> apply(new Change.Deregister(pick(modules, random)));
      case RESET -> copies(copy -> true).forEach(copy -> resetOneOf(copy, random));
      case ADOPT -> adopt(random);
      case CRASH -> onCopy(random, (host, copy) -> host.fail(copy, kindOf(random)));
      case PROGRESS -> onCopy(random, (host, copy) -> host.progress(copy, broken(copy)));
      case REPORT -> network.addAll(reports(pick(hosts, random)));
      case DELIVER -> takeMessage(random).ifPresent(this::deliver);
      case DROP -> takeMessage(random);
      case REPEAT -> takeMessage(random).ifPresent(this::deliverAndKeep);
      case RESEND -> resend(pick(hosts, random));
      case DIE -> pick(hosts, random).die();
      case DECLARE -> declare(random);
      case RETURN, BEGIN_ANEW -> beginAnew(kind, pick(hosts, random));
      case FLAP -> flap(pick(hosts, random));
      case SYNC -> verdicts(pick(hosts, random), member -> true);
      case BEHIND ->
          verdicts(pick(hosts, random), member -> random.nextBoolean() == member.inSync());
      case MANAGER -> restartManager(random);
      case SWITCHOVER -> switchover(random);
      case DRAIN -> drain(pick(hosts, random).id());
      case RESUME -> apply(new Change.Resume(pick(hosts, random).id()));
      case TIME -> pass(Duration.ofMillis(1L << random.nextInt(17)));
    }
  }

  private static <T> T pick(List<T> from, SplittableRandom random) {
    return from.get(random.nextInt(from.size()));
  }

  private static FailureKind kindOf(SplittableRandom random) {
    return random.nextInt(3) == 0 ? FailureKind.HUNG : FailureKind.CRASHED;
  }

  // What the manager does.

  private Decision apply(Change change) {
    var before = table;
    var decision = table.decide(change, now);
    say(() -> "  " + Shown.change(change));
    for (TableEvent event : decision.eventList()) {
      say(() -> "    " + Shown.event(event, now));
      var after = table.evolve(event);
      journal.add(event);
      invariants.afterEvent(table, event, after);
      table = after;
    }
    modules.stream()
        .filter(module -> version(before, module) != version(table, module))
        .forEach(this::planned);
    if (decision.eventList().stream().anyMatch(TableEvent.OfHost.class::isInstance)) {
      Invariants.ofTable(table);
    }
    return decision;
  }

  private static long version(ReplicationTable table, ModuleId module) {
    return table.module(module).map(ModuleRow::version).orElse(0L);
  }

  private void planned(ModuleId module) {
    Invariants.afterPlan(table, module, now);
    table.module(module).ifPresent(row -> Invariants.ofRow(table, row));
    table.module(module).stream()
        .flatMap(table::owed)
        .forEach(order -> send(table.copy(order.copy()).orElseThrow().host(), order));
  }

  private void send(HostId host, CopyOrder order) {
    var incarnation = table.host(host).orElseThrow().incarnation();
    network.add(new Message.ToHost(host, incarnation, order));
  }

  private void resend(SimulatedHost host) {
    table.owed(host.id()).forEach(order -> send(host.id(), order));
  }

  private void restartManager(SplittableRandom random) {
    var reloaded = ReplicationTable.EMPTY.evolve(journal);
    if (!reloaded.equals(table) || table.version() != journal.size()) {
      throw new AssertionError("I1: the journal makes %s, not %s".formatted(reloaded, table));
    }
    table = reloaded;
    var anotherHosts = random.nextInt(8) == 0 ? DAY_MILLIS : random.nextInt(0, 2000);
    now = now.minusMillis(anotherHosts);
    hosts.forEach(this::resend);
    modules.forEach(module -> apply(new Change.TimePassed(module)));
  }

  /** Lets the time pass, and looks at each module when it is due. */
  private void pass(Duration time) {
    var until = now.plus(time);
    for (int i = 0; i < 10_000; i++) {
      var due = modules.stream().filter(m -> isDue(m, until)).findFirst();
      if (due.isEmpty()) {
        now = until;
        return;
      }
      var at = table.due(due.get(), now).orElseThrow();
      now = at.isAfter(now) ? at : now;
      if (apply(new Change.TimePassed(due.get())).eventList().isEmpty()) {
        throw new AssertionError("%s is due at %s, in vain".formatted(due.get(), at));
      }
    }
    throw new AssertionError("time does not pass");
  }

  private boolean isDue(ModuleId module, Instant until) {
    return table.due(module, now).filter(at -> !at.isAfter(until)).isPresent();
  }

  // What operators and modules do.

  private void register(SplittableRandom random) {
    var module = pick(modules, random);
    var specs = new RandomSpecs(random, hosts.stream().map(SimulatedHost::id).toList());
    var known = table.module(module).map(ModuleRow::spec);
    var roll = random.nextInt(10);
    var spec =
        known.isEmpty() || roll < 3
            ? specs.valid(module)
            : roll < 5 ? known.get() : specs.changed(known.get());
    register(spec, Optional.empty(), known.filter(spec::equals).isPresent());
  }

  private void register(ModuleSpec spec, Optional<RunningCopy> running, boolean identical) {
    var before = table;
    var decision = apply(new Change.Register(spec, running));
    var refused = decision instanceof Decision.Refused;
    var converts =
        before
            .module(spec.module())
            .filter(row -> row.registered())
            .filter(row -> row.spec().state().isPresent() != spec.state().isPresent())
            .isPresent();
    var forgetting =
        before
            .module(spec.module())
            .filter(row -> !row.registered() && row.spec().state().isPresent())
            .isPresent();
    var refusable = converts || forgetting || spec.refusal().isPresent();
    if (running.isEmpty() && refused != refusable) {
      throw new AssertionError("refused: %s, for %s".formatted(decision, spec));
    }
    var registered = before.module(spec.module()).filter(ModuleRow::registered).isPresent();
    var changed =
        decision.eventList().stream().anyMatch(TableEvent.ModuleRegistered.class::isInstance);
    if (identical && registered && changed) {
      throw new AssertionError("identical, and not a no-op: %s".formatted(decision));
    }
  }

  private void adopt(SplittableRandom random) {
    table
        .module(pick(modules, random))
        .ifPresent(
            row -> {
              var host = pick(row.spec().copies(), random).host();
              register(row.spec(), Optional.of(new RunningCopy(host, 4711)), true);
            });
  }

  private void switchover(SplittableRandom random) {
    var module = pick(modules, random);
    var copies = copies(copy -> copy.id().module().equals(module));
    var named =
        copies.isEmpty() || random.nextBoolean()
            ? Optional.<CopyId>empty()
            : Optional.of(pick(copies, random).id());
    var wish = new Change.Switchover(module, named, Optional.empty());
    var accepted = apply(wish) instanceof Decision.Accepted;
    if (accepted && !(apply(wish) instanceof Decision.Accepted again && again.events().isEmpty())) {
      throw new AssertionError("%s is not the same when it is repeated".formatted(wish));
    }
  }

  /**
   * It takes nothing from anybody at once, but from a cold module for the time of its move; a copy
   * that is to follow a changed location may do so then.
   */
  private void drain(HostId host) {
    var before = table;
    apply(new Change.Drain(host));
    for (ModuleRow row : before.modules().values()) {
      var now = table.module(row.spec().module()).orElseThrow();
      require(
          row.spec().style() == ReplicationStyle.COLD
              || row.active().anyMatch(copy -> !copy.launched().equals(copy.listed()))
              || running(now).size() >= running(row).size(),
          () -> "the drain of %s made %s of %s".formatted(host, now, row));
    }
  }

  private void resetOneOf(CopyRow copy, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      apply(new Change.ResetFailures(copy.id()));
    }
  }

  private List<CopyRow> copies(Predicate<CopyRow> which) {
    return table.modules().values().stream()
        .flatMap(row -> row.copies().stream())
        .filter(which)
        .toList();
  }

  // What hosts do.

  private interface OnCopy {
    void run(SimulatedHost host, CopyId copy);
  }

  private void onCopy(SplittableRandom random, OnCopy what) {
    var host = pick(hosts, random);
    var living = host.living();
    if (!living.isEmpty()) {
      what.run(host, pick(living, random));
    }
  }

  /** By the seed, one in eight programs is broken on its host. */
  private Set<FailureKind> broken(CopyId copy) {
    var row = table.copy(copy);
    return row.isPresent() ? broken(row.get()) : Set.of();
  }

  private Set<FailureKind> broken(CopyRow row) {
    var what = row.launched().location().text() + row.host() + row.id().module();
    var hash = new SplittableRandom(seed ^ what.hashCode()).nextInt(16);
    return switch (hash) {
      case 0 -> Set.of(FailureKind.CANNOT_START);
      case 1 -> Set.of(FailureKind.NOT_READY);
      default -> Set.of();
    };
  }

  private List<Message> reports(SimulatedHost host) {
    if (!host.isAlive()) {
      return List.of();
    }
    if (!Invariants.isCurrent(table, host)) {
      return List.of(new Message.ToManager(new Change.HostUp(host.row())));
    }
    return host.reports().stream().map(report -> reported(host, report)).toList();
  }

  private void verdicts(SimulatedHost host, Predicate<Member> inSync) {
    if (host.isAlive()) {
      host.verdicts(inSync).forEach(verdict -> network.add(new Message.ToManager(verdict)));
    }
  }

  private static Message reported(SimulatedHost host, CopyReport report) {
    return new Message.ToManager(new Change.Reported(host.id(), host.incarnation(), report));
  }

  /** A host that is dead, or sometimes one that is only silent and is fenced by its lease. */
  private void declare(SplittableRandom random) {
    var host = pick(hosts, random);
    if (!host.isAlive() || random.nextInt(4) == 0) {
      network.add(dead(host));
    }
  }

  /** The incarnation that was heard last and is silent now: the one that had registered. */
  private Message dead(SimulatedHost host) {
    var heard = table.host(host.id()).map(HostRow::incarnation).orElse(host.incarnation());
    return new Message.ToManager(
        new Change.HostFailed(host.id(), heard, Certainty.SUSPECTED, "simulated silence"));
  }

  /** A WatchDog's own messages arrive in order, so none of an earlier life registers it again. */
  private void beginAnew(Step.Kind kind, SimulatedHost host) {
    if (kind == Step.Kind.RETURN && Invariants.isCurrent(table, host)) {
      return;
    }
    network.removeIf(message -> isHostUp(message, host.id()));
    host.beginAnew();
    network.addAll(reports(host));
  }

  /** A host that fails so often that it is damped. */
  private void flap(SimulatedHost host) {
    for (int failures = 0; failures < 4; failures++) {
      beginAnew(Step.Kind.BEGIN_ANEW, host);
      reports(host).forEach(this::deliver);
    }
  }

  private static boolean isHostUp(Message message, HostId host) {
    return message instanceof Message.ToManager(Change.HostUp(var row)) && row.host().equals(host);
  }

  // What the network does.

  private Optional<Message> takeMessage(SplittableRandom random) {
    return network.isEmpty()
        ? Optional.empty()
        : Optional.of(network.remove(random.nextInt(network.size())));
  }

  private void deliverAndKeep(Message message) {
    deliver(message);
    network.add(message);
  }

  private void deliver(Message message) {
    switch (message) {
      case Message.ToManager m -> apply(m.change());
      case Message.ToHost m -> {
        var host = host(m.host());
        if (host.isAlive() && host.incarnation().equals(m.incarnation())) {
          say(() -> "  %s is told %s".formatted(m.host(), Shown.order(m.order())));
          host.obey(m.order());
          var once = host.reports();
          host.obey(m.order());
          if (!once.equals(host.reports())) {
            throw new AssertionError("I3: %s twice is not the same as once".formatted(m));
          }
        }
      }
    }
  }

  private SimulatedHost host(HostId id) {
    return hosts.stream().filter(host -> host.id().equals(id)).findFirst().orElseThrow();
  }

  /** Everything that is under way arrives, is done and is heard. */
  private void flow() {
    hosts.forEach(host -> network.addAll(reports(host)));
    for (int i = 0; i < 4; i++) {
      var under = new ArrayList<>(network);
      network.clear();
      under.forEach(this::deliver);
    }
    hosts.forEach(this::resend);
    var orders = new ArrayList<>(network);
    network.clear();
    orders.forEach(this::deliver);
    for (SimulatedHost host : hosts) {
      host.living().forEach(copy -> host.progress(copy, broken(copy)));
      reports(host).forEach(this::deliver);
      verdicts(host, member -> true);
    }
  }

  // At rest (I6).

  /** No more faults: dead hosts are declared dead, and what lives speaks until all is said. */
  private void rest() {
    say(() -> "REST");
    for (int round = 0; round < MOST_ROUNDS; round++) {
      var before = table.version();
      hosts.forEach(this::notice);
      flow();
      check();
      var quiet = before == table.version() && network.isEmpty();
      if (quiet && isDone()) {
        break;
      }
      pass(quiet ? Duration.ofSeconds(30) : Duration.ZERO);
    }
    table.modules().values().forEach(this::requireRest);
    restartManager(new SplittableRandom(seed));
  }

  /** The SuperWatchDog notices the dead, and who is declared dead by mistake begins anew. */
  private void notice(SimulatedHost host) {
    var up = table.isUp(host.id());
    if (!host.isAlive() && up) {
      deliver(dead(host));
    } else if (host.isAlive() && !up && table.host(host.id()).isPresent()) {
      beginAnew(Step.Kind.RETURN, host);
    }
  }

  private boolean isDone() {
    return table.modules().values().stream()
        .allMatch(row -> row.registered() && running(row).size() >= wanted(row) && serves(row));
  }

  private static boolean serves(ModuleRow row) {
    return running(row).isEmpty() || running(row).stream().anyMatch(CopyRow::isPrimary);
  }

  private static List<CopyRow> running(ModuleRow row) {
    return row.active().filter(CopyRow::isRunning).toList();
  }

  /** The degree, or as many as there are copies that can run; on drained hosts one, if at all. */
  private long wanted(ModuleRow row) {
    var working =
        row.copies().stream()
            .filter(copy -> copy.wanted() && table.isUp(copy.host()))
            .filter(copy -> brokenWhereListed(copy).isEmpty())
            .toList();
    var staying = working.stream().filter(copy -> !table.isDrained(copy.host())).count();
    var least = working.isEmpty() ? 0 : Math.max(1, staying);
    return Math.min(row.spec().runningCopies(), least);
  }

  private void requireRest(ModuleRow row) {
    var module = row.spec().module();
    var running = running(row);
    require(row.registered(), () -> "%s is still being stopped".formatted(module));
    require(
        running.size() >= wanted(row),
        () -> "I6: %s of %s run of %s".formatted(running.size(), wanted(row), module));
    for (CopyRow copy : running) {
      var run =
          host(copy.host()).runs().filter(r -> r.order().copy().equals(copy.id())).findFirst();
      require(run.isPresent() && run.get().isAlive(), () -> "%s does not run".formatted(copy));
      require(run.get().believes() == copy.status(), () -> "I3: %s is %s".formatted(copy, run));
      require(copy.confirmed() == copy.status(), () -> "%s is not confirmed".formatted(copy));
      require(
          copy.inSync() || row.spec().state().isEmpty() || !serves(row),
          () -> "%s is not in sync".formatted(copy));
    }
    running.forEach(copy -> requireStay(row, copy));
    var condition = Condition.of(row, table);
    require(
        running.isEmpty() == (condition.level() == Condition.Level.DOWN),
        () -> "I6: %s".formatted(condition));
    require(
        running.size() >= row.spec().runningCopies() || !condition.reason().isEmpty(),
        () -> "I6: %s".formatted(condition));
  }

  /** It is known why a copy is on a drained host still, or another is about to replace it. */
  private void requireStay(ModuleRow row, CopyRow copy) {
    require(
        !table.isDrained(copy.host())
            || row.active().count() > row.spec().runningCopies()
            || Stay.on(copy.host(), table, now).stream()
                .anyMatch(stay -> stay.copy().equals(copy.id())),
        () -> "%s has not left its drained host: %s".formatted(copy, row));
  }

  private Set<FailureKind> brokenWhereListed(CopyRow copy) {
    return broken(copy.relisted(copy.listed()).released(Instant.EPOCH, Optional.empty()));
  }

  private static void require(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new AssertionError(what.get());
    }
  }
}
