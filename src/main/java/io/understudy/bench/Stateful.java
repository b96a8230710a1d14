package io.understudy.bench;

import io.understudy.bench.SpeedTrial.Load;
import io.understudy.model.ReplicationStyle;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
      "Measures how many updates are acknowledged in a second, and after how long each; and how"
          + " long clients get no acknowledgement when a copy or a host fails; and how long a copy"
          + " takes to join a large state."
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
      names = "--warm-up",
      defaultValue = "12",
      paramLabel = "SECONDS",
      description = "Before the first speed (default: ${DEFAULT-VALUE}).")
  private int warmUp;

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

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the hosts, as of deploy/understudy node.")
  private List<String> settings = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder that is emptied first (default: target/bench/state).")
  private Path data = Deploy.data("state");

  @Option(
      names = "--styles",
      split = ",",
      paramLabel = "STYLE",
      description =
          "Of the modules whose copies fail: ${COMPLETION-CANDIDATES} (default: all of them).")
  private List<Style> styles = List.of(Style.values());

  @Option(
      names = "--rate",
      defaultValue = "1000",
      description = "Requests in a second while something fails (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--trials",
      defaultValue = "20",
      description = "Of copies that fail (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Option(
      names = "--node-trials",
      defaultValue = "5",
      description = "Of hosts that fail (default: ${DEFAULT-VALUE}).")
  private int nodeTrials;

  @Option(
      names = "--warm-ups",
      defaultValue = "2",
      description = "Of copies that fail before and do not count (default: ${DEFAULT-VALUE}).")
  private int warmUps;

  @Option(
      names = "--node-warm-ups",
      defaultValue = "1",
      description = "Of hosts that fail before and do not count (default: ${DEFAULT-VALUE}).")
  private int nodeWarmUps;

  @Option(
      names = "--mebibytes",
      defaultValue = "1024",
      description = "Of state that a copy joins (default: ${DEFAULT-VALUE}).")
  private int mebibytes;

  /** What is measured: how fast state is kept in these ways, and how long these faults last. */
  enum Kind {
    SYNC,
    ASYNC,
    HOT,
    EACH_UPDATE,
    CRASH,
    HANG,
    NODE,
    MANAGER,
    JOIN;

    private Optional<Keeping> keeping() {
      return Arrays.stream(Keeping.values()).filter(it -> it.name().equals(name())).findFirst();
    }

    private Optional<GapTrials.Fault> fault() {
      return Arrays.stream(GapTrials.Fault.values())
          .filter(it -> it.name().equals(name()))
          .findFirst();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** As {@link ReplicationStyle}, in small letters. */
  enum Style {
    COLD,
    WARM,
    HOT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Stateful() {}

  @Override
  public Integer call() throws IOException {
    if (seconds < 1 || trials < 1 || nodeTrials < 1 || rate < 1 || mebibytes < 1) {
      throw new BenchException(
          "--seconds %d, --trials %d, --node-trials %d, --rate %d, --mebibytes %d: give 1"
                  .formatted(seconds, trials, nodeTrials, rate, mebibytes)
              + " or more");
    }
    if (warmUp < 0 || warmUps < 0 || nodeWarmUps < 0) {
      throw new BenchException(
          "--warm-up %d, --warm-ups %d, --node-warm-ups %d: give 0 or more"
              .formatted(warmUp, warmUps, nodeWarmUps));
    }
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var report = report();
    var out = spec.commandLine().getOut();
    print(out, report.header() + Report.columns());
    Consumer<Measurement> say =
        measured -> {
          report.add(measured);
          print(out, Report.row(measured));
        };
    if (!loads().isEmpty()) {
      speeds(Files.createDirectories(folder.resolve("speed")), say);
    }
    if (!faults().isEmpty()) {
      gaps(Files.createDirectories(folder.resolve("gap")), say);
    }
    if (only.contains(Kind.JOIN)) {
      join(Files.createDirectories(folder.resolve("join")), say);
    }
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
    report.setting("  when copies fail", "and N4 N5, watchdog; copies on N4 N5 N3");
    report.setting("  and then", rate + " requests in a second, cold with each update stored");
    report.setting("journal", "H2 server, a process of its own, WRITE_DELAY=0");
    report.setting(
        "options of the hosts",
        javaOptions.isEmpty() ? "as deploy/understudy sets them" : javaOptions);
    if (!settings.isEmpty()) {
      report.setting("settings of the hosts", String.join(" ", settings));
    }
    return report;
  }

  private void speeds(Path folder, Consumer<Measurement> say) throws IOException {
    try (var cluster = BenchCluster.start(shape(folder).withoutWorkers(), folder);
        var application = Application.joining(cluster)) {
      var trial = new SpeedTrial(cluster, application, Duration.ofSeconds(seconds));
      trial.warmUp(Duration.ofSeconds(warmUp));
      loads().forEach(load -> trial.run(load).forEach(say));
    }
  }

  private void join(Path folder, Consumer<Measurement> say) throws IOException {
    var shape =
        new BenchCluster.Shape(
                network, "%s %s".formatted(JoinTrial.javaOptions(mebibytes), javaOptions), folder)
            .withSettings(settings)
            .withoutWorkers();
    try (var cluster = BenchCluster.start(shape, folder);
        var application = Application.joining(cluster)) {
      new JoinTrial(cluster, application, mebibytes).run().forEach(say);
    }
  }

  private BenchCluster.Shape shape(Path folder) {
    return new BenchCluster.Shape(network, javaOptions, folder).withSettings(settings);
  }

  private void gaps(Path folder, Consumer<Measurement> say) throws IOException {
    var faults = new ArrayList<>(faults());
    faults.addFirst(GapTrials.Fault.CALM);
    var settings = new GapTrials.Settings(rate, trials, nodeTrials, warmUps, nodeWarmUps);
    try (var cluster = BenchCluster.start(shape(folder), folder);
        var application = Application.joining(cluster)) {
      for (var style : Arrays.stream(Style.values()).filter(styles::contains).toList()) {
        var of = ReplicationStyle.valueOf(style.name());
        GapTrials.run(cluster, application, settings, of, faults, say);
      }
    }
  }

  private List<GapTrials.Fault> faults() {
    return kinds().map(Kind::fault).flatMap(Optional::stream).toList();
  }

  private Stream<Kind> kinds() {
    return Arrays.stream(Kind.values()).filter(only::contains);
  }

  private List<Load> loads() {
    var loads = new ArrayList<Load>();
    for (var keeping : kinds().map(Kind::keeping).flatMap(Optional::stream).toList()) {
      for (var size : bytes) {
        for (var many : modules) {
          for (var together : many == 1 ? inFlight : List.of(1)) {
            loads.add(new Load(keeping, many, together, size));
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
