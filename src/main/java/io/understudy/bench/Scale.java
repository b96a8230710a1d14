package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench scale}: many modules on few pretended hosts. */
@Command(
    name = "scale",
    mixinStandardHelpOptions = true,
    description = {
      "Registers many modules of three copies with a real ReplicaManager and its journal in a"
          + " Checkpoint Server of its own; the hosts are pretended.",
      "Measures the registration, the table being served, the manager's restart, and the loss of"
          + " the host that has a copy of every module."
    })
final class Scale implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--modules",
      defaultValue = "10000",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int modules;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder that is emptied first (default: target/bench/scale).")
  private Path data = Deploy.data("scale");

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Scale() {}

  @Override
  public Integer call() throws IOException {
    if (modules < 1) {
      throw new BenchException("--modules %d: give 1 or more".formatted(modules));
    }
    var report = new Report("deploy/bench scale --modules " + modules, Instant.now());
    var out = spec.commandLine().getOut();
    DataFolder.empty(data);
    try (var server = CheckpointServer.start("127.0.0.1", data)) {
      var trial = new ScaleTrial(modules, server.journal());
      trial.settings().forEach(report::setting);
      out.print(report.header() + Report.columns());
      out.flush();
      trial.run(
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
}
