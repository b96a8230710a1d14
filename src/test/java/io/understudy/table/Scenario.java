package io.understudy.table;

import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.RunningCopy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** A table, and the commands of a scenario file that change it. */
final class Scenario {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private final List<TableEvent> journal = new ArrayList<>();
  private final Map<HostId, Integer> lives = new HashMap<>();
  private ReplicationTable table = ReplicationTable.EMPTY;
  private Instant now = START;
  private long nextPid = 100;

  /** Does what the line says and answers with what came of it. */
  List<String> run(String line) {
    var before = table;
    var persisted = journal.size();
    var words = words(line);
    var said = run(words.remove(), words);
    var out = new ArrayList<>(said);
    var news = journal.subList(persisted, journal.size());
    news.stream().map(event -> Shown.event(event, now)).forEach(out::add);
    out.addAll(Shown.changedRows(before, table));
    out.addAll(Shown.newOrders(before, table));
    return out.isEmpty() ? List.of("nothing") : out;
  }

  private List<String> run(String command, Deque<String> words) {
    return switch (command) {
      case "hosts", "up" -> each(words, this::up);
      case "lost" -> each(words, this::lost);
      case "register" -> register(words);
      case "deregister" -> apply(new Change.Deregister(new ModuleId(words.remove())));
      case "switchover" -> switchover(words);
      case "drain" -> each(words, host -> apply(new Change.Drain(new HostId(host))));
      case "resume" -> each(words, host -> apply(new Change.Resume(new HostId(host))));
      case "stays" -> stays(new HostId(words.remove()));
      case "reset" -> apply(new Change.ResetFailures(CopyId.parse(words.remove())));
      case "ready" -> words.isEmpty() ? allReady() : each(words, this::ready);
      case "crash" -> failed(words, FailureKind.CRASHED, "the process ended");
      case "hang" -> failed(words, FailureKind.HUNG, "no heartbeat");
      case "not-ready" -> failed(words, FailureKind.NOT_READY, "not ready after 30 s");
      case "cannot-start" -> failed(words, FailureKind.CANNOT_START, "no such file");
      case "stopped" -> each(words, copy -> reported(copy, new Seen.Stopped()));
      case "sync" -> words.isEmpty() ? allInSync() : each(words, copy -> synced(copy, true));
      case "behind" -> each(words, copy -> synced(copy, false));
      case "says" -> says(words);
      case "report" -> report(words);
      case "wait" -> waiting(now.plus(Registrations.time(words.remove())));
      case "back" -> back(words.remove());
      case "restart" -> restart();
      case "table" -> Shown.table(table);
      case "conditions" -> Shown.conditions(table);
      case "owed" -> Shown.orders(table);
      case "launches" -> Shown.launches(table);
      default -> throw new IllegalArgumentException("no command " + command);
    };
  }

  private List<String> apply(Change change) {
    var decision = table.decide(change, now);
    if (decision instanceof Decision.Refused refused) {
      return List.of("refused: " + refused.reason());
    }
    journal.addAll(decision.eventList());
    table = table.evolve(decision.eventList());
    return List.of();
  }

  private interface Step {
    List<String> run(String word);
  }

  private static List<String> each(Deque<String> words, Step step) {
    return words.stream().flatMap(word -> step.run(word).stream()).toList();
  }

  private List<String> up(String name) {
    var host = new HostId(name);
    var life = lives.merge(host, 1, Integer::sum);
    var address = name.toLowerCase(java.util.Locale.ROOT) + ":17355";
    return apply(
        new Change.HostUp(
            new HostRow(host, name + "." + life, address, 4000 + life, name + "/watchdog", true)));
  }

  /** A host, or word for word an incarnation of it as in H1.1. */
  private List<String> lost(String name) {
    var dot = name.indexOf('.');
    var host = new HostId(dot < 0 ? name : name.substring(0, dot));
    var incarnation = dot < 0 ? incarnation(host) : name;
    return apply(
        new Change.HostFailed(host, incarnation, Certainty.SUSPECTED, "no heartbeat for 2 s"));
  }

  private String incarnation(HostId host) {
    return host + "." + lives.getOrDefault(host, 0);
  }

  private List<String> register(Deque<String> words) {
    var running = Optional.<RunningCopy>empty();
    if (words.contains("adopt")) {
      var pid = Long.parseLong(words.removeLast());
      running = Optional.of(new RunningCopy(new HostId(words.removeLast()), pid));
      words.removeLast();
    }
    return apply(new Change.Register(Registrations.parse(words), running));
  }

  /** Word for word: switchover A [to A2] [from A1]. */
  private List<String> switchover(Deque<String> words) {
    var module = new ModuleId(words.remove());
    var named = new HashMap<String, CopyId>();
    while (!words.isEmpty()) {
      named.put(words.remove(), CopyId.parse(words.remove()));
    }
    return apply(
        new Change.Switchover(
            module, Optional.ofNullable(named.get("to")), Optional.ofNullable(named.get("from"))));
  }

  private List<String> stays(HostId host) {
    return Stay.on(host, table, now).stream()
        .map(stay -> "%s stays: %s".formatted(stay.copy(), stay.reason()))
        .toList();
  }

  private List<String> allReady() {
    var said = new ArrayList<String>();
    table.modules().values().stream()
        .flatMap(row -> row.copies().stream())
        .filter(copy -> copy.isActive() && copy.mayLive())
        .forEach(copy -> said.addAll(ready(copy.id().toString())));
    return said;
  }

  private List<String> ready(String copy) {
    var row = row(copy);
    var pid = row.phase() instanceof Phase.Running r ? r.pid() : row.adopted().orElse(nextPid++);
    return reported(copy, new Seen.Running(pid));
  }

  private List<String> failed(Deque<String> words, FailureKind kind, String usual) {
    var copy = words.remove();
    return reported(copy, new Seen.Failed(kind, words.isEmpty() ? usual : words.remove()));
  }

  private CopyRow row(String copy) {
    return table
        .copy(CopyId.parse(copy))
        .orElseThrow(() -> new IllegalArgumentException("no copy " + copy + " in the table"));
  }

  /** The WatchDog has heard the newest order and reports on it. */
  private List<String> reported(String copy, Seen seen) {
    var row = row(copy);
    var epoch = table.module(row.id().module()).orElseThrow().epoch();
    var configuration = table.module(row.id().module()).orElseThrow().configuration();
    var report = new CopyReport(row.id(), row.run(), row.status(), epoch, seen, configuration);
    return apply(new Change.Reported(row.host(), incarnation(row.host()), report));
  }

  /** All sequencers have recovered and have brought their groups in sync. */
  private List<String> allInSync() {
    var said = new ArrayList<String>();
    table.modules().values().stream()
        .filter(row -> row.sequencer().isPresent())
        .flatMap(row -> row.copies().stream())
        .filter(copy -> copy.isActive() && copy.mayLive())
        .forEach(copy -> said.addAll(synced(copy.id().toString(), true)));
    return said;
  }

  /** The present sequencer says so of a copy's present run. */
  private List<String> synced(String copy, boolean inSync) {
    var member = row(copy);
    var module = table.module(member.id().module()).orElseThrow();
    var by = row(module.sequencer().orElseThrow().toString());
    return synced(incarnation(by.host()), by, module.epoch().value(), member, inSync);
  }

  private List<String> synced(
      String incarnation, CopyRow by, long epoch, CopyRow member, boolean inSync) {
    return apply(
        new Change.SyncReported(
            by.host(),
            incarnation,
            by.id(),
            by.run(),
            new Epoch(epoch),
            table.module(member.id().module()).orElseThrow().configuration(),
            member.id(),
            member.run(),
            inSync,
            inSync ? "it has all" : "no word for 1 s"));
  }

  /** Word for word: says A1 epoch 1 A2 sync|behind. */
  private List<String> says(Deque<String> words) {
    var by = row(words.remove());
    words.remove();
    var epoch = Long.parseLong(words.remove());
    var member = row(words.remove());
    return synced(incarnation(by.host()), by, epoch, member, words.remove().equals("sync"));
  }

  /** Word for word: report H1.1 A1 run 1 PRIMARY epoch 1 ready|failed|stopped. */
  private List<String> report(Deque<String> words) {
    var from = words.remove();
    var copy = CopyId.parse(words.remove());
    words.remove();
    var run = Long.parseLong(words.remove());
    var status = CopyStatus.valueOf(words.remove());
    words.remove();
    var epoch = new Epoch(Long.parseLong(words.remove()));
    var seen =
        switch (words.remove()) {
          case "starting" -> new Seen.Starting(OptionalLong.of(1));
          case "ready" -> new Seen.Running(1);
          case "stopped" -> new Seen.Stopped();
          default -> new Seen.Failed(FailureKind.CRASHED, "late");
        };
    var host = new HostId(from.substring(0, from.indexOf('.')));
    return apply(new Change.Reported(host, from, new CopyReport(copy, run, status, epoch, seen)));
  }

  /** Looks at each module when it is due, as the ReplicaManager does. */
  private List<String> waiting(Instant until) {
    for (var due = firstDue(until); due.isPresent(); due = firstDue(until)) {
      var at = table.due(due.get(), now).orElseThrow();
      now = at.isAfter(now) ? at : now;
      var before = table;
      apply(new Change.TimePassed(due.get()));
      if (before.equals(table)) {
        throw new IllegalStateException("%s is due at %s, in vain".formatted(due.get(), at));
      }
    }
    now = until;
    return List.of();
  }

  /** The clock goes back, or another host's begins to count. */
  private List<String> back(String time) {
    now = now.minus(Registrations.time(time));
    return List.of();
  }

  private Optional<ModuleId> firstDue(Instant until) {
    return table.modules().keySet().stream()
        .filter(module -> table.due(module, now).filter(at -> !at.isAfter(until)).isPresent())
        .min(Comparator.comparing(module -> table.due(module, now).orElseThrow()));
  }

  private List<String> restart() {
    var reloaded = ReplicationTable.EMPTY.evolve(journal);
    if (!reloaded.equals(table) || reloaded.version() != journal.size()) {
      throw new IllegalStateException("the journal makes %s, not %s".formatted(reloaded, table));
    }
    table = reloaded;
    return Shown.orders(table);
  }

  private static Deque<String> words(String line) {
    var words = new ArrayDeque<String>();
    var matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words;
  }
}
