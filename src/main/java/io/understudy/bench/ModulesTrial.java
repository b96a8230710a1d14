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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Many modules registered on a cluster, and the death of a host in it. */
final class ModulesTrial {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Between looks at the table, which are dear; the times are the journal's. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final int IN_FLIGHT = 32;
  private static final int DEGREE = 3;
  private static final Bar PROTECTED = Bar.of(5_000);
  private static final Bar RECOVERED = Bar.of(1_000);
  private static final List<HostId> HOSTS =
      List.of(new HostId("N3"), new HostId("N4"), new HostId("N5"));
  private static final HostId SPARE = new HostId("N2");
  private static final String KILLED = "N4";
  private static final Location ACTOR =
      Location.parse(Location.ACTOR + BenchModule.class.getName());

  private final BenchCluster cluster;
  private final JournalView journal;
  private final int modules;

  ModulesTrial(BenchCluster cluster, JournalView journal, int modules) {
    this.cluster = cluster;
    this.journal = journal;
    this.modules = modules;
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
          IntStream.range(0, modules)
              .mapToObj(i -> CompletableFuture.runAsync(() -> cluster.register(spec(i)), clients))
              .toList();
      all.forEach(CompletableFuture::join);
    }
  }

  /** The first copy is the primary. */
  private static ModuleSpec spec(int number) {
    var hosts = new ArrayList<>(HOSTS);
    Collections.rotate(hosts, number);
    hosts.add(SPARE);
    var copies = hosts.stream().map(host -> new Copy(host, ACTOR)).toList();
    return ModuleSpec.of(
        new ModuleId("M%05dx".formatted(number)), ReplicationStyle.WARM, DEGREE, copies);
  }

  private void lose(Consumer<Measurement> say) {
    var work = cluster.work();
    var version = cluster.version();
    var moment = Moment.now();
    cluster.node(KILLED).kill();
    awaitLost();
    awaitProtected();
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
    say.accept(
        Measurement.once(
            "modules.refilled",
            "to all modules PROTECTED again",
            moment.to(last(version, TableEvent.CopyStarted.class)),
            RECOVERED));
    events(version, "modules.lost", say);
    work.remove(KILLED);
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
        "the loss of " + KILLED,
        PATIENCE,
        PAUSE,
        () -> cluster.hosts().filter(hosts -> isDown(hosts, KILLED)));
  }

  private static boolean isDown(JsonNode hosts, String name) {
    return StreamSupport.stream(hosts.path("hosts").spliterator(), false)
        .anyMatch(
            host ->
                host.path("host").asText().equals(name)
                    && host.path("state").asText().equals("DOWN"));
  }

  private void awaitProtected() {
    Until.seen(
        "all modules to be PROTECTED",
        PATIENCE,
        PAUSE,
        () -> cluster.table().filter(this::allProtected));
  }

  private boolean allProtected(JsonNode table) {
    var all = table.path("modules");
    return all.size() == modules
        && StreamSupport.stream(all.spliterator(), false)
            .allMatch(module -> module.path("condition").asText().equals("PROTECTED"));
  }
}
