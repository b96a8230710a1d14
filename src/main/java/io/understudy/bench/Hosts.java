package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench hosts}: what many hosts cost the manager that listens to them. */
@Command(
    name = "hosts",
    mixinStandardHelpOptions = true,
    description = {
      "Starts one SuperWatchDog and the pulses of many pretended hosts, each with its own sockets,"
          + " at the default intervals, and measures the messages and the processor time of the"
          + " SuperWatchDog, and how many hosts hold their leases.",
      "Each further manager of a cluster hears as much, and each host says it to each of them."
    })
final class Hosts implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--hosts",
      defaultValue = "1000",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int hosts;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "For how long (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
  private @Nullable Path json;

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Hosts() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (hosts < 1 || seconds < 1) {
      throw new BenchException(
          "--hosts %d, --seconds %d: give 1 or more of both".formatted(hosts, seconds));
    }
    var report =
        new Report(
            "deploy/bench hosts --hosts %d --seconds %d".formatted(hosts, seconds), Instant.now());
    var out = spec.commandLine().getOut();
    out.print(report.header() + Report.columns());
    out.flush();
    try (var trial = HostsTrial.start(hosts)) {
      trial.run(
          seconds,
          measured -> {
            report.add(measured);
            out.print(Report.row(measured));
            out.flush();
          });
    }
    if (json != null) {
      report.write(json);
    }
    return 0;
  }
}
