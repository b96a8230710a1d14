package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.bench.CounterModule.Command;
import io.understudy.client.ModuleRef;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.state.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How long a second copy takes until it has a large state too, and what memory that takes. */
record JoinTrial(BenchCluster cluster, Application application, int mebibytes) {
  private static final int BLOCK = 256 * 1024;
  private static final int BLOCKS_PER_MEBIBYTE = 4;
  private static final int TOGETHER = 16;
  private static final int RATE = 100;
  private static final long KIB_PER_MIB = 1024;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** What the hosts' JVMs need for a state of this size, of which there may be two for a while. */
  static String javaOptions(int mebibytes) {
    return "-Xmx%dm".formatted(3 * mebibytes + 256);
  }

  List<Measurement> run() throws IOException {
    var alone = counter(1);
    cluster.register(alone);
    cluster.awaitProtected(alone, it -> true);
    try (var counter = application.counter(alone)) {
      grow(counter);
      return measure(counter);
    } finally {
      cluster.deregister(alone);
    }
  }

  private static ModuleSpec counter(int degree) {
    return Keeping.counter(
        "join",
        ReplicationStyle.WARM,
        StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None()),
        Trials.MANAGERS,
        degree);
  }

  private void grow(ModuleRef<Command, Long> counter) {
    var left = mebibytes * BLOCKS_PER_MEBIBYTE;
    while (left > 0) {
      var asked = new ArrayList<CompletableFuture<Long>>();
      for (int i = 0; i < TOGETHER && left > 0; i++, left--) {
        asked.add(counter.ask(new Command.Grow(BLOCK)).toCompletableFuture());
      }
      asked.forEach(CompletableFuture::join);
    }
  }

  private List<Measurement> measure(ModuleRef<Command, Long> counter) throws IOException {
    var from = cluster.node(Trials.MANAGERS.get(0).value());
    var to = cluster.node(Trials.MANAGERS.get(1).value());
    var before = List.of(forget(from), forget(to));
    var add = new Command.Add(Bytes.utf8("x"));
    try (var load = SteadyLoad.start(RATE, () -> counter.ask(add))) {
      var start = System.nanoTime();
      var two = counter(2);
      cluster.register(two);
      Until.seen("the second copy to be in sync", PATIENCE, PAUSE, () -> joined(two));
      var end = System.nanoTime();
      load.stop(PATIENCE);
      var peaks = List.of(peak(from), peak(to));
      var size = "%d MiB".formatted(mebibytes);
      return List.of(
          Measurement.once(
              "join", "a second copy of %s to be in sync".formatted(size), end - start, Bar.NONE),
          Measurement.count(
              "join.from",
              "  memory of the first's host, more than before",
              "MiB",
              peaks.get(0) - before.get(0)),
          Measurement.count(
              "join.to",
              "  memory of the second's host, more than before, the state too",
              "MiB",
              peaks.get(1) - before.get(1)),
          Measurement.once(
              "join.gap",
              "  longest time without an acknowledgement meanwhile",
              load.answers().longestGap(start, end),
              Bar.NONE));
    }
  }

  private Optional<JsonNode> joined(ModuleSpec spec) {
    return cluster
        .table()
        .flatMap(table -> BenchCluster.module(table, spec.module().value()))
        .filter(
            module ->
                Trials.copies(module).filter(copy -> copy.path("inSync").asBoolean()).count() == 2);
  }

  /** Mebibytes that it has resident; its peak is counted from here on. */
  private static long forget(BenchNode node) throws IOException {
    Files.writeString(Path.of("/proc", Long.toString(node.pid()), "clear_refs"), "5");
    return resident(node, "VmRSS:");
  }

  private static long peak(BenchNode node) throws IOException {
    return resident(node, "VmHWM:");
  }

  private static long resident(BenchNode node, String key) throws IOException {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(node.pid()), "status"))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToLong(kib -> Long.parseLong(kib) / KIB_PER_MIB)
          .findFirst()
          .orElseThrow(() -> new BenchException("no memory of host %s".formatted(node.host())));
    }
  }
}
