package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.TableEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Many modules registered on a cluster, and the death of a host in it. */
final class ModulesTrial {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Between looks at the table, which are dear; the times are the journal's. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final int IN_FLIGHT = 32;
  private static final Bar PROTECTED = Bar.of(5_000);
  private static final Bar RECOVERED = Bar.of(1_000);
  private static final Location ACTOR =
      Location.parse(Location.ACTOR + BenchModule.class.getName());

  private final BenchCluster cluster;
  private final JournalView journal;
  private final Plan plan;

  /**
   * What is registered, and where.
   *
   * @param hosts those that have the copies; each has the first copy, the primary, of a third
   * @param spare one more that every module lists, or none
   * @param degree of replication; what a lost host had can be refilled where more hosts are listed
   * @param killed the host that is lost, which does not manage
   */
  record Plan(int modules, List<HostId> hosts, Optional<HostId> spare, int degree, HostId killed) {
    private static final List<HostId> MANAGERS = hosts("N1", "N2", "N3");

    /** Copies on the hosts that may manage, the cluster's only ones. */
    static Plan threeHosts(int modules, int degree) {
      return new Plan(modules, MANAGERS, Optional.empty(), degree, new HostId("N3"));
    }

    /** Copies on hosts that do not manage, and another as the spare of all. */
    static Plan fiveHosts(int modules, int degree) {
      var spare = Optional.of(new HostId("N2"));
      return new Plan(modules, hosts("N3", "N4", "N5"), spare, degree, new HostId("N4"));
    }

    private static List<HostId> hosts(String... names) {
      return Stream.of(names).map(HostId::new).toList();
    }

    boolean canRefill() {
      return hosts.size() + spare.stream().count() > degree;
    }

    /** The first copy is the primary. */
    ModuleSpec spec(int number) {
      var all = new ArrayList<>(hosts);
      Collections.rotate(all, number);
      spare.ifPresent(all::add);
      var copies = all.stream().map(host -> new Copy(host, ACTOR)).toList();
      return ModuleSpec.of(
          new ModuleId("M%05dx".formatted(number)), ReplicationStyle.WARM, degree, copies);
    }
  }

  ModulesTrial(BenchCluster cluster, JournalView journal, Plan plan) {
    this.cluster = cluster;
    this.journal = journal;
    this.plan = plan;
  }

  void run(Consumer<Measurement> say) {
    protect(say);
    lose(say);
  }

  private void protect(Consumer<Measurement> say) {
    var work = cluster.work();
    var version = cluster.version();
    var moment = Moment.now();
    registerAll();
    var registered = System.nanoTime() - moment.nanos();
    awaitProtected();
    say.accept(
        Measurement.once("modules.registered", "all registrations accepted", registered, Bar.NONE));
    say.accept(
        Measurement.once(
            "modules.protected",
            "the first registration to all modules PROTECTED",
            moment.to(last(version, TableEvent.CopyStarted.class)),
            PROTECTED));
    events(version, "modules.protected", say);
    work(work, "modules.protected", say);
  }

  private void registerAll() {
    try (var clients = Executors.newFixedThreadPool(IN_FLIGHT)) {
      var all =
          IntStream.range(0, plan.modules())
              .mapToObj(
                  i -> CompletableFuture.runAsync(() -> cluster.register(plan.spec(i)), clients))
              .toList();
      all.forEach(CompletableFuture::join);
    }
  }

  private void lose(Consumer<Measurement> say) {
    var work = cluster.work();
    var version = cluster.version();
    var moment = Moment.now();
    cluster.node(plan.killed().value()).kill();
    awaitLost();
    if (plan.canRefill()) {
      awaitProtected();
    } else {
      awaitPromoted();
    }
    say.accept(
        Measurement.once(
            "modules.lost",
            "kill -9 of a host to its loss decided",
            moment.to(last(version, TableEvent.HostFailed.class)),
            Bar.NONE));
    say.accept(
        Measurement.once(
            "modules.promoted",
            "to all of its primaries replaced and confirmed",
            moment.to(last(version, TableEvent.StatusConfirmed.class)),
            RECOVERED));
    if (plan.canRefill()) {
      say.accept(
          Measurement.once(
              "modules.refilled",
              "to all modules PROTECTED again",
              moment.to(last(version, TableEvent.CopyStarted.class)),
              RECOVERED));
    }
    events(version, "modules.lost", say);
    work.remove(plan.killed().value());
    work(work, "modules.lost", say);
  }

  private Instant last(long version, Class<? extends TableEvent> kind) {
    return journal
        .last(version, kind)
        .orElseThrow(() -> new BenchException("no " + kind.getSimpleName() + " in the journal"));
  }

  private void events(long version, String id, Consumer<Measurement> say) {
    say.accept(
        Measurement.count(
            id + ".events", "events persisted for it", "events", cluster.version() - version));
  }

  /** What each process worked for it, the wait for it included. */
  private void work(Map<String, Duration> before, String id, Consumer<Measurement> say) {
    var now = new TreeMap<>(cluster.work());
    before.forEach(
        (name, then) ->
            say.accept(
                Measurement.once(
                    id + ".cpu." + name,
                    "  processor time of " + name,
                    now.getOrDefault(name, then).minus(then).toNanos(),
                    Bar.NONE)));
  }

  private void awaitLost() {
    Until.seen(
        "the loss of " + plan.killed(),
        PATIENCE,
        PAUSE,
        () -> cluster.hosts().filter(hosts -> isDown(hosts, plan.killed().value())));
  }

  private static boolean isDown(JsonNode hosts, String name) {
    return StreamSupport.stream(hosts.path("hosts").spliterator(), false)
        .anyMatch(
            host ->
                host.path("host").asText().equals(name)
                    && host.path("state").asText().equals("DOWN"));
  }

  private void awaitProtected() {
    await("all modules to be PROTECTED", "PROTECTED"::equals);
  }

  private void awaitPromoted() {
    await("all modules to have a primary", condition -> !condition.equals("DOWN"));
  }

  private void await(String what, Predicate<String> condition) {
    Until.seen(what, PATIENCE, PAUSE, () -> cluster.table().filter(table -> all(table, condition)));
  }

  private boolean all(JsonNode table, Predicate<String> condition) {
    var all = table.path("modules");
    return all.size() == plan.modules()
        && StreamSupport.stream(all.spliterator(), false)
            .allMatch(module -> condition.test(module.path("condition").asText()));
  }
}
