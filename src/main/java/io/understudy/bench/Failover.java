package io.understudy.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
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

/** {@code deploy/bench failover}: real hosts, processes and deaths. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a cluster of five hosts and a Checkpoint Server on loopback addresses, fails copies"
          + " and hosts in it, and measures how long it takes until their work goes on.",
      "Each figure ends where a copy sees it, or an operator."
    })
final class Failover implements Callable<Integer> {
  private static final int COMMITS = 300;
  private static final int COMMITS_WARM_UP = 100;

  /** A promotion's: the failure, the release, the promotion and the order for a new backup. */
  private static final int EVENTS_PER_COMMIT = 4;

  @Spec private CommandSpec spec;

  @Option(
      names = "--trials",
      defaultValue = "30",
      description = "Of copies that fail (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Option(names = "--node-trials", description = "Of hosts that fail (default: as --trials).")
  private @Nullable Integer nodeTrials;

  @Option(
      names = "--warm-ups",
      defaultValue = "5",
      description = "Of copies that fail before and do not count (default: ${DEFAULT-VALUE}).")
  private int warmUps;

  @Option(
      names = "--node-warm-ups",
      defaultValue = "1",
      description = "Of hosts that fail before and do not count (default: ${DEFAULT-VALUE}).")
  private int nodeWarmUps;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "KIND",
      description = "Only these: ${COMPLETION-CANDIDATES} (default: all).")
  private List<Kind> only = List.of(Kind.values());

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
      description = "A folder that is emptied first (default: target/bench/failover).")
  private Path data = Deploy.data("failover");

  /** What fails. */
  enum Kind {
    RESTART,
    PROMOTION,
    HANG,
    NODE,
    SILENT,
    MANAGER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    private List<Measurement> measure(Trials trials) throws IOException {
      return switch (this) {
        case RESTART -> new RestartTrials(trials).run();
        case PROMOTION -> new PromotionTrials(trials).run();
        case HANG -> new HangTrials(trials).run();
        case NODE -> NodeTrials.killed(trials).run();
        case SILENT -> NodeTrials.silent(trials).run();
        case MANAGER -> new ManagerTrials(trials).run();
      };
    }
  }

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Failover() {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var ofNodes = nodeTrials == null ? trials : nodeTrials;
    if (trials < 1 || ofNodes < 1) {
      throw new BenchException(
          "--trials %d, --node-trials %d: give 1 or more".formatted(trials, ofNodes));
    }
    if (warmUps < 0 || nodeWarmUps < 0) {
      throw new BenchException(
          "--warm-ups %d, --node-warm-ups %d: give 0 or more".formatted(warmUps, nodeWarmUps));
    }
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var printed = new Printed(report(ofNodes), spec.commandLine().getOut());
    printed.header();
    try (var witness = Witness.at(folder.resolve("witness"))) {
      var programs = Programs.in(folder.resolve("programs"), witness.pipe());
      try (var cluster =
              BenchCluster.start(
                  new BenchCluster.Shape(network, javaOptions, programs.folder()), folder);
          var journal = JournalView.of(cluster.journal())) {
        printed.columns();
        var all =
            new Trials(cluster, witness, programs, journal, trials, ofNodes, warmUps, nodeWarmUps);
        for (Kind kind : Arrays.stream(Kind.values()).filter(only::contains).toList()) {
          kind.measure(all).forEach(printed::add);
        }
        printed.add(commit(journal));
      }
    }
    if (json != null) {
      printed.report().write(json);
    }
    return 0;
  }

  private Report report(int ofNodes) {
    var kinds = only.stream().map(Kind::toString).collect(Collectors.joining(","));
    var report =
        new Report(
            "deploy/bench failover --trials %d --node-trials %d --only %s"
                .formatted(trials, ofNodes, kinds),
            Instant.now());
    report.setting("hosts", "N1 N2 N3 watchdog and manager, N4 N5 watchdog, on this machine");
    report.setting("journal", "H2 server, a process of its own, WRITE_DELAY=0");
    report.setting("warm-up trials", "%d, of hosts %d".formatted(warmUps, nodeWarmUps));
    report.setting(
        "options of the hosts",
        javaOptions.isEmpty() ? "as deploy/understudy sets them" : javaOptions);
    report.setting(
        "between trials",
        "PROTECTED again, and %d ms; of hosts %d ms"
            .formatted(Trials.REST.toMillis(), Trials.HOST_REST.toMillis()));
    report.setting("heartbeat timeout", HangTrials.TIMEOUT.toMillis() + " ms, of hang");
    report.setting("modules of the host", NodeTrials.MODULES + " warm ones, degree 2");
    return report;
  }

  private static Measurement commit(JournalView journal) throws SQLException {
    var nanos = journal.commits(EVENTS_PER_COMMIT, COMMITS_WARM_UP + COMMITS);
    return Measurement.millis(
        "commit",
        "the journal's write and commit of %d events, alone".formatted(EVENTS_PER_COMMIT),
        nanos.subList(COMMITS_WARM_UP, nanos.size()),
        Bar.NONE);
  }

  /** A report that is printed as it grows. */
  private record Printed(Report report, PrintWriter out) {
    void header() {
      print(report.header());
    }

    void columns() {
      print(Report.columns());
    }

    void add(Measurement measured) {
      report.add(measured);
      print(Report.row(measured));
    }

    private void print(String text) {
      out.print(text);
      out.flush();
    }
  }
}
