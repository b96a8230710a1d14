package io.understudy.bench;

import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerProtocol;
import io.understudy.model.Certainty;
import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.Condition;
import io.understudy.table.ReplicationTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One table made as large as asked for, and what it takes. */
final class ScaleTrial {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int IN_FLIGHT = 32;
  private static final int DEGREE = 3;
  private static final int TABLES = 20;
  private static final int PERSISTS = 1_000;
  private static final double NANOS_PER_SECOND = 1e9;

  /** The first has the primary of every module, the fourth is the spare of all. */
  private static final List<HostId> HOSTS =
      IntStream.rangeClosed(1, DEGREE + 1).mapToObj(i -> new HostId("H" + i)).toList();

  private static final Bar SERVED = Bar.of(1_000);
  private static final Bar RECOVERED = Bar.of(5_000);
  private static final Bar DECIDED = Bar.of(2_000);

  private final int modules;
  private final JournalSettings journal;
  private final AtomicLong lastNews = new AtomicLong();

  ScaleTrial(int modules, JournalSettings journal) {
    this.modules = modules;
    this.journal = journal;
  }

  Map<String, String> settings() {
    return Map.of(
        "modules",
        "%d, warm, degree %d, %d hosts listed".formatted(modules, DEGREE, HOSTS.size()),
        "journal",
        journal.url());
  }

  void run(Consumer<Measurement> say) {
    try (var node = ManagerNode.start(journal)) {
      node.table();
      join(node);
      register(node, say);
      persistOne(node, say);
      serve(node, say);
      beginAnew(node, say);
      loseHost(node, say);
    }
    startAgain(say);
  }

  private void join(ManagerNode node) {
    HOSTS.forEach(host -> node.start(host, lastNews));
    until("the hosts", node, table -> HOSTS.stream().allMatch(table::isUp));
  }

  private void register(ManagerNode node, Consumer<Measurement> say) {
    var start = System.nanoTime();
    var latencies = registerAll(node);
    var registered = System.nanoTime() - start;
    until("all modules to be protected", node, this::allProtected);
    var settled = System.nanoTime() - start;
    say.accept(Measurement.millis("register", "a registration, 32 at a time", latencies, Bar.NONE));
    var perSecond = Math.round(modules / (registered / NANOS_PER_SECOND));
    say.accept(Measurement.count("register.rate", "registrations", "per s", perSecond));
    say.accept(
        Measurement.once("register.protected", "all registered, and PROTECTED", settled, Bar.NONE));
  }

  private List<Long> registerAll(ManagerNode node) {
    var free = new Semaphore(IN_FLIGHT);
    var latencies = new ArrayList<Long>();
    var refused = new AtomicReference<@Nullable Object>();
    for (int i = 1; i <= modules && refused.get() == null; i++) {
      var spec = spec(i);
      free.acquireUninterruptibly();
      var start = System.nanoTime();
      var unused =
          node.request(replyTo -> new ManagerProtocol.Register(spec, Optional.empty(), replyTo))
              .whenComplete(
                  (reply, failure) -> {
                    if (!(reply instanceof ManagerProtocol.Accepted)) {
                      refused.set(failure == null ? reply : failure);
                    }
                    synchronized (latencies) {
                      latencies.add(System.nanoTime() - start);
                    }
                    free.release();
                  });
    }
    free.acquireUninterruptibly(IN_FLIGHT);
    var why = refused.get();
    if (why != null) {
      throw new BenchException("a registration was not accepted: " + why);
    }
    return latencies;
  }

  private static ModuleSpec spec(int number) {
    var copies = HOSTS.stream().map(h -> new Copy(h, Location.parse("/opt/modules/work"))).toList();
    var module = new ModuleId("M%05dx".formatted(number));
    return ModuleSpec.of(module, ReplicationStyle.WARM, DEGREE, copies);
  }

  private boolean allProtected(ReplicationTable table) {
    return table.modules().size() == modules
        && table.modules().values().stream()
            .map(row -> Condition.of(row, table))
            .allMatch(condition -> condition.level() == Condition.Level.PROTECTED);
  }

  /** One event at a time through manager and journal, on a table of this size. */
  private void persistOne(ManagerNode node, Consumer<Measurement> say) {
    var copy = new CopyId(spec(1).module(), 1);
    var nanos = new ArrayList<Long>();
    for (int i = 0; i < PERSISTS; i++) {
      var start = System.nanoTime();
      var reply =
          node.request(replyTo -> new ManagerProtocol.ResetFailures(copy, replyTo))
              .toCompletableFuture()
              .join();
      require(reply instanceof ManagerProtocol.Accepted, "not accepted: " + reply);
      if (i >= PERSISTS / 2) {
        nanos.add(System.nanoTime() - start);
      }
    }
    say.accept(Measurement.millis("persist", "one event decided and persisted", nanos, Bar.NONE));
  }

  private void serve(ManagerNode node, Consumer<Measurement> say) {
    var nanos = new ArrayList<Long>();
    for (int i = 0; i < TABLES; i++) {
      var start = System.nanoTime();
      node.table();
      nanos.add(System.nanoTime() - start);
    }
    say.accept(Measurement.millis("table", "the table served to its own node", nanos, SERVED));
  }

  /** [0026]: the ReplicaManager is told to begin anew on the same host. */
  private void beginAnew(ManagerNode node, Consumer<Measurement> say) {
    var version = node.table().table().version();
    var start = System.nanoTime();
    node.superWatchDogSays(new SuperWatchDogProtocol.RestartManager("the benchmark says so"));
    var table = node.table().table();
    var nanos = System.nanoTime() - start;
    require(table.version() >= version, "the restarted ReplicaManager forgot acknowledged events");
    say.accept(
        Measurement.millis(
            "restart",
            "the manager restarted on its node, to its table",
            List.of(nanos),
            RECOVERED));
    until("all modules to be protected", node, this::allProtected);
  }

  private void loseHost(ManagerNode node, Consumer<Measurement> say) {
    var lost = HOSTS.getFirst();
    var before = node.table().table();
    var incarnation = before.host(lost).orElseThrow().incarnation();
    node.kill(lost);
    var start = System.nanoTime();
    node.superWatchDogSays(
        new SuperWatchDogProtocol.HostDead(
            lost, incarnation, Certainty.CERTAIN, "the benchmark says so"));
    var after = node.table().table();
    var persisted = System.nanoTime() - start;
    require(!after.isUp(lost), "the lost host is still up");
    var events = after.version() - before.version();
    until("the modules to be protected again", node, this::allProtected);
    var settled = System.nanoTime() - start;
    var lastOrder = lastNews.get() - start;
    say.accept(
        Measurement.once("host", "a host is lost, to decided and persisted", persisted, DECIDED));
    say.accept(Measurement.count("host.events", "events persisted for it", "events", events));
    say.accept(
        Measurement.once("host.ordered", "to the last order at a host", lastOrder, Bar.NONE));
    say.accept(
        Measurement.once("host.protected", "to all modules PROTECTED again", settled, Bar.NONE));
  }

  private void startAgain(Consumer<Measurement> say) {
    var start = System.nanoTime();
    try (var node = ManagerNode.start(journal)) {
      var table = node.table().table();
      var nanos = System.nanoTime() - start;
      require(allProtected(table), "the ReplicaManager on a new node has lost modules");
      say.accept(
          Measurement.once(
              "recover", "a new node starts in this JVM, to its table", nanos, RECOVERED));
      say.accept(Measurement.count("events", "events in the journal", "events", table.version()));
    }
  }

  private static void until(String what, ManagerNode node, Predicate<ReplicationTable> seen) {
    Until.seen(what, PATIENCE, PAUSE, () -> Optional.of(node.table().table()).filter(seen));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new BenchException(otherwise);
    }
  }
}
