package io.understudy.bench;

import io.understudy.bench.SpeedTrial.Load;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench state}: modules with state on real hosts, and a client of them. */
@Command(
    name = "state",
    mixinStandardHelpOptions = true,
    description = {
      "Starts hosts and a Checkpoint Server on loopback addresses, registers counters with state"
          + " that have copies on three hosts, and asks them to count, as an application that has"
          + " joined the cluster does.",
      "Measures how many updates are acknowledged in a second, and after how long each."
    })
final class Stateful implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "KIND",
      description = "Only these: ${COMPLETION-CANDIDATES} (default: all).")
  private List<Kind> only = List.of(Kind.values());

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "Of each speed, after as long a time to warm up (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--bytes",
      split = ",",
      defaultValue = "100,10240",
      description = "Of an update (default: ${DEFAULT-VALUE}).")
  private List<Integer> bytes;

  @Option(
      names = "--in-flight",
      split = ",",
      defaultValue = "1,64",
      description = "Requests that wait for an answer together (default: ${DEFAULT-VALUE}).")
  private List<Integer> inFlight;

  @Option(
      names = "--modules",
      split = ",",
      defaultValue = "1,100",
      description =
          "How many are asked; of several, each has one request in flight (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Integer> modules;

  @Option(
      names = "--network",
      defaultValue = "127.0.1",
      description = "The first three numbers of the addresses (default: ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--java-options",
      defaultValue = "",
      paramLabel = "OPTIONS",
      description = "More options for the JVMs of the hosts.")
  private String javaOptions;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder that is emptied first (default: target/bench/state).")
  private Path data = Deploy.data("state");

  /** What is measured. */
  enum Kind {
    SYNC(Keeping.SYNC),
    ASYNC(Keeping.ASYNC),
    HOT(Keeping.HOT),
    EACH_UPDATE(Keeping.EACH_UPDATE);

    private final Keeping keeping;

    Kind(Keeping keeping) {
      this.keeping = keeping;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Stateful() {}

  @Override
  public Integer call() throws IOException {
    if (seconds < 1) {
      throw new BenchException("--seconds %d: give 1 or more".formatted(seconds));
    }
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var report = report();
    var out = spec.commandLine().getOut();
    print(out, report.header() + Report.columns());
    speeds(folder, report, out);
    if (json != null) {
      report.write(json);
    }
    return 0;
  }

  private Report report() {
    var kinds = only.stream().map(Kind::toString).collect(Collectors.joining(","));
    var report =
        new Report(
            "deploy/bench state --only %s --seconds %d".formatted(kinds, seconds), Instant.now());
    report.setting("hosts", "N1 N2 N3, watchdog and manager, on this machine");
    report.setting("copies", "three, actors on N1 N2 N3; the client is a process of its own");
    report.setting("journal", "H2 server, a process of its own, WRITE_DELAY=0");
    report.setting(
        "options of the hosts",
        javaOptions.isEmpty() ? "as deploy/understudy sets them" : javaOptions);
    return report;
  }

  private void speeds(Path folder, Report report, PrintWriter out) throws IOException {
    var shape = new BenchCluster.Shape(network, javaOptions, folder, List.of());
    try (var cluster = BenchCluster.start(shape, folder);
        var application = Application.joining(cluster)) {
      var trial = new SpeedTrial(cluster, application, Duration.ofSeconds(seconds));
      for (var load : loads()) {
        for (var measured : trial.run(load)) {
          report.add(measured);
          print(out, Report.row(measured));
        }
      }
    }
  }

  private List<Load> loads() {
    var loads = new ArrayList<Load>();
    for (var kind : Arrays.stream(Kind.values()).filter(only::contains).toList()) {
      for (var size : bytes) {
        for (var many : modules) {
          for (var together : many == 1 ? inFlight : List.of(1)) {
            loads.add(new Load(kind.keeping, many, together, size));
          }
        }
      }
    }
    return loads;
  }

  private static void print(PrintWriter out, String text) {
    out.print(text);
    out.flush();
  }
}
