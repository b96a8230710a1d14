package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What the trials of all kinds of failure have in common.
 *
 * @param trials of copies that fail, without those that only warm up
 * @param nodeTrials the same of hosts that fail
 * @param warmUps of copies that fail before those, which do not count
 * @param nodeWarmUps the same of hosts that fail
 */
record Trials(
    BenchCluster cluster,
    Witness witness,
    Programs programs,
    JournalView journal,
    int trials,
    int nodeTrials,
    int warmUps,
    int nodeWarmUps) {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final Duration REST = Duration.ofMillis(200);

  /** A host that was killed has just started again, and its neighbours share its processors. */
  static final Duration HOST_REST = Duration.ofSeconds(3);

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** The hosts that have copies and nothing else; the first is preferred. */
  private static final List<HostId> WORKERS = List.of(new HostId("N4"), new HostId("N5"));

  /** The hosts that may manage; the first does at the start. */
  static final List<HostId> MANAGERS =
      List.of(new HostId("N1"), new HostId("N2"), new HostId("N3"));

  /** However often a copy fails, its next start does not wait. */
  static final RestartPolicy AT_ONCE =
      new RestartPolicy(
          Duration.ofHours(1),
          Duration.ZERO,
          Duration.ofMillis(1),
          Duration.ofMillis(1),
          Duration.ZERO);

  /** A module of two copies on the workers. */
  static ModuleSpec module(String name, ReplicationStyle style, Path program) {
    return module(name, style, program, WORKERS);
  }

  private static ModuleSpec module(
      String name, ReplicationStyle style, Path program, List<HostId> hosts) {
    var copies = hosts.stream().map(h -> new Copy(h, Location.parse(program.toString()))).toList();
    return ModuleSpec.of(new ModuleId(name), style, copies.size(), copies).withRestart(AT_ONCE);
  }

  /** The same, of a program that follows its status. */
  static ModuleSpec warm(String name, Path program) {
    return warm(name, program, WORKERS);
  }

  /** The same, on these hosts. */
  static ModuleSpec warm(String name, Path program, List<HostId> hosts) {
    return module(name, ReplicationStyle.WARM, program, hosts)
        .withReadiness(new Readiness(Readiness.When.MODULE_API, DEADLINE));
  }

  static boolean is(Sighting sighting, Sighting.Event event, ModuleSpec spec) {
    return sighting.event() == event && sighting.copy().startsWith(spec.module().value());
  }

  static Stream<JsonNode> copies(JsonNode module) {
    return StreamSupport.stream(module.path("copies").spliterator(), false);
  }

  static JsonNode primary(JsonNode module) {
    return copies(module)
        .filter(copy -> copy.path("status").asText().equals("PRIMARY"))
        .findFirst()
        .orElseThrow(() -> new BenchException("there is no primary: " + module));
  }

  /**
   * The module, when it is PROTECTED and its hosts have had time to prepare for the next failure.
   */
  JsonNode atRest(ModuleSpec spec) {
    var module = cluster.awaitProtected(spec, it -> true);
    LockSupport.parkNanos(REST.toNanos());
    return module;
  }

  long version() {
    return cluster
        .table()
        .orElseThrow(() -> new BenchException("there is no table"))
        .path("version")
        .asLong();
  }
}
