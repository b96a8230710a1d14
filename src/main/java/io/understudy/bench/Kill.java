package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench kill}: for how long copies outlive their WatchDog. */
@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description = {
      "Kills the JVM of a node whose modules are processes with a child each (SIGKILL), and"
          + " measures how long it takes until none of them is alive. Each trial has a node of its"
          + " own."
    })
final class Kill implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration REST = Duration.ofMillis(200);
  private static final long LOOK_NANOS = 100_000;
  private static final int PROCESSES_EACH = 2;
  private static final long PROMISED_MILLIS = 100;
  private static final Bar BAR = new Bar(PROMISED_MILLIS, PROMISED_MILLIS);

  @Spec private CommandSpec spec;

  @Option(
      names = "--trials",
      defaultValue = "100",
      description = "How many nodes are killed (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Option(
      names = "--copies",
      defaultValue = "4",
      description = "How many copies each has (default: ${DEFAULT-VALUE}).")
  private int copies;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder that is emptied first (default: target/bench/kill).")
  private Path data = Deploy.data("kill");

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Kill() {}

  @Override
  public Integer call() throws IOException {
    if (trials < 1 || copies < 1) {
      throw new BenchException(
          "--trials %d, --copies %d: give 1 or more".formatted(trials, copies));
    }
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var report =
        new Report(
            "deploy/bench kill --trials %d --copies %d".formatted(trials, copies), Instant.now());
    report.setting("copies", "%d processes, each with a child".formatted(copies));
    var out = spec.commandLine().getOut();
    out.print(report.header());
    out.print(Report.columns());
    out.flush();
    var settings = settings(folder);
    var took = new ArrayList<Long>();
    for (int trial = 0; trial < trials; trial++) {
      took.add(killed(settings, folder.resolve("trial-" + trial)));
    }
    for (var measured : measured(took)) {
      report.add(measured);
      out.print(Report.row(measured));
    }
    out.flush();
    if (json != null) {
      report.write(json);
    }
    return 0;
  }

  private static List<Measurement> measured(List<Long> took) {
    var late = took.stream().filter(it -> it > Duration.ofMillis(PROMISED_MILLIS).toNanos());
    return List.of(
        Measurement.millis(
            "kill", "a node's JVM killed -9 to the death of the last copy", took, BAR),
        Measurement.count(
            "kill.late",
            "times that a copy was alive %d ms later".formatted(PROMISED_MILLIS),
            "of " + took.size(),
            late.count()));
  }

  private Path settings(Path folder) throws IOException {
    var program =
        Files.writeString(
            folder.resolve("sleeping"), "#!/bin/sh\nsleep 1000000 &\nexec sleep 1000000\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    var modules =
        IntStream.range(0, copies)
            .mapToObj(
                n ->
                    "{ module = K%d, style = cold, copies = [ { host = N1, location = \"%s\" } ] }"
                        .formatted(n, program))
            .collect(Collectors.joining(", ", "[", "]"));
    return Files.writeString(
        folder.resolve("node.conf"),
        """
        understudy.modules = %s
        understudy.watchdog.allowed-paths = ["%s"]
        """
            .formatted(modules, folder));
  }

  /** How long its copies outlived a node, in nanoseconds. */
  private long killed(Path settings, Path folder) throws IOException {
    var arguments =
        List.of(
            "node",
            "--host",
            "N1",
            "--address",
            "127.0.1.1",
            "--config",
            settings.toString(),
            "--data",
            folder.toString());
    Files.createDirectories(folder);
    try (var node = Deploy.understudy(arguments, Map.of(), folder.resolve("node.log"))) {
      var processes =
          Until.seen(
              "%d copies, see %s".formatted(copies, folder.resolve("node.log")),
              PATIENCE,
              PAUSE,
              () -> Optional.of(sleeping(node)).filter(it -> it.size() == PROCESSES_EACH * copies));
      LockSupport.parkNanos(REST.toNanos());
      var from = System.nanoTime();
      node.kill();
      while (processes.stream().anyMatch(Started::lives)) {
        if (System.nanoTime() - from > PATIENCE.toNanos()) {
          throw new BenchException("copies live on: " + processes);
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return System.nanoTime() - from;
    }
  }

  private static List<Long> sleeping(Started node) {
    return ProcessHandle.of(node.pid()).stream()
        .flatMap(ProcessHandle::descendants)
        .filter(it -> it.info().command().filter(name -> name.endsWith("/sleep")).isPresent())
        .map(ProcessHandle::pid)
        .toList();
  }
}
