package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench modules}: many modules on real hosts, one of which dies. */
@Command(
    name = "modules",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a cluster and a Checkpoint Server on loopback addresses, and registers warm modules"
          + " of three copies, which are actors, on three hosts, so that each has a third of the"
          + " primaries. Then one of these is killed with -9. Of three hosts, all may manage; of"
          + " five, N1 manages, N3 to N5 have the copies, and N2 is listed as the spare of all.",
      "Measures how long it takes until all modules are protected, promoted and, where hosts are"
          + " left for it, refilled: by the times of the last such events in the journal."
    })
final class Modules implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--modules",
      defaultValue = "1000",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int modules;

  @Option(
      names = "--hosts",
      paramLabel = "3|5",
      defaultValue = "3",
      description = "Of the cluster (default: ${DEFAULT-VALUE}).")
  private int hosts;

  @Option(
      names = "--degree",
      paramLabel = "2|3",
      defaultValue = "3",
      description = "Copies of a module that run (default: ${DEFAULT-VALUE}).")
  private int degree;

  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description =
          "From all hosts being up to the first registration: what starting left to be compiled,"
              + " and the rehearsals of the standby managers, are no cost of it (default:"
              + " ${DEFAULT-VALUE}).")
  private int settle;

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
      description = "A folder that is emptied first (default: target/bench/modules).")
  private Path data = Deploy.data("modules");

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Modules() {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var plan = plan();
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var report =
        new Report(
            "deploy/bench modules --modules %d --hosts %d --degree %d"
                .formatted(modules, hosts, degree),
            Instant.now());
    report.setting("modules", "%d, warm, degree %d".formatted(modules, degree));
    report.setting(
        "hosts",
        "%d, %s"
            .formatted(
                hosts,
                plan.spare().isPresent() ? "one of them a spare" : "each module on all of them"));
    report.setting("copies", "actors, polled every second");
    report.setting("before the first registration", "all hosts up for %d s".formatted(settle));
    report.setting(
        "options of the hosts",
        javaOptions.isEmpty() ? "as deploy/understudy sets them" : javaOptions);
    var out = spec.commandLine().getOut();
    out.print(report.header());
    out.flush();
    var all = new BenchCluster.Shape(network, javaOptions, folder);
    try (var cluster = BenchCluster.start(hosts == 3 ? all.withoutWorkers() : all, folder);
        var journal = JournalView.of(cluster.journal())) {
      TimeUnit.SECONDS.sleep(settle); // what is asked for; that a JVM is warm is no condition
      out.print(Report.columns());
      out.flush();
      new ModulesTrial(cluster, journal, plan)
          .run(
              measured -> {
                report.add(measured);
                out.print(Report.row(measured));
                out.flush();
              });
    }
    var file = Optional.ofNullable(json);
    if (file.isPresent()) {
      report.write(file.get());
    }
    return 0;
  }

  private ModulesTrial.Plan plan() {
    if (modules < 1) {
      throw new BenchException("--modules %d: give 1 or more".formatted(modules));
    }
    if (settle < 0) {
      throw new BenchException("--settle %d: give 0 or more".formatted(settle));
    }
    if (degree != 2 && degree != 3) {
      throw new BenchException("--degree %d: give 2 or 3".formatted(degree));
    }
    return switch (hosts) {
      case 3 -> ModulesTrial.Plan.threeHosts(modules, degree);
      case 5 -> ModulesTrial.Plan.fiveHosts(modules, degree);
      default -> throw new BenchException("--hosts %d: give 3 or 5".formatted(hosts));
    };
  }
}
