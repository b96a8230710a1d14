package io.understudy.bench;

import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench rest}: what hosts cost on which nothing happens. */
@Command(
    name = "rest",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a cluster of five hosts and a Checkpoint Server on loopback addresses, registers warm"
          + " modules with a copy on each host, and measures the processor time that hosts use when"
          + " all is protected, at the default intervals."
    })
final class Rest implements Callable<Integer> {
  private static final double PERCENT = 100.0;
  private static final Bar BAR = Bar.of(2);
  private static final List<HostId> HOSTS =
      IntStream.rangeClosed(1, 5).mapToObj(i -> new HostId("N" + i)).toList();
  private static final Location ACTOR =
      Location.parse(Location.ACTOR + BenchModule.class.getName());

  @Spec private CommandSpec spec;

  @Option(
      names = "--modules",
      defaultValue = "100",
      description =
          "How many, which is how many copies each host watches (default:" + " ${DEFAULT-VALUE}).")
  private int modules;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "For how long (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--settle",
      defaultValue = "60",
      description =
          "Seconds of rest before, in which what starting left is compiled (default:"
              + " ${DEFAULT-VALUE}).")
  private int settle;

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
      description = "A folder that is emptied first (default: target/bench/rest).")
  private Path data = Deploy.data("rest");

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Rest() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (modules < 0 || seconds < 1 || settle < 0) {
      throw new BenchException(
          "--modules %d, --seconds %d, --settle %d: give 0 or more, 1 or more, and 0 or more"
              .formatted(modules, seconds, settle));
    }
    var folder = data.toAbsolutePath();
    DataFolder.empty(folder);
    var report =
        new Report(
            "deploy/bench rest --modules %d --seconds %d".formatted(modules, seconds),
            Instant.now());
    report.setting("copies", "actors, polled every second, %d on each host".formatted(modules));
    var out = spec.commandLine().getOut();
    out.print(report.header());
    out.flush();
    try (var cluster =
        BenchCluster.start(new BenchCluster.Shape("127.0.1", javaOptions, folder), folder)) {
      out.print(Report.columns());
      measure(
          cluster,
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

  private void measure(BenchCluster cluster, Consumer<Measurement> say)
      throws InterruptedException {
    var specs = IntStream.range(0, modules).mapToObj(Rest::module).toList();
    specs.forEach(cluster::register);
    specs.forEach(spec -> cluster.awaitProtected(spec, it -> true));
    TimeUnit.SECONDS.sleep(settle);
    var before = cluster.work();
    var start = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    var took = System.nanoTime() - start;
    var after = cluster.work();
    before.forEach(
        (name, then) -> {
          var share = PERCENT * after.getOrDefault(name, then).minus(then).toNanos() / took;
          var bar = name.startsWith("N") ? BAR : Bar.NONE;
          say.accept(
              new Measurement(
                  "rest." + name, "processor time of " + name, "% core", List.of(share), bar));
        });
  }

  private static ModuleSpec module(int number) {
    var copies = new ArrayList<Copy>();
    IntStream.range(0, HOSTS.size())
        .forEach(i -> copies.add(new Copy(HOSTS.get((i + number) % HOSTS.size()), ACTOR)));
    return ModuleSpec.of(
        new ModuleId("M%03dx".formatted(number)), ReplicationStyle.WARM, copies.size(), copies);
  }
}
