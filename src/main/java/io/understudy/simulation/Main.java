package io.understudy.simulation;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code deploy/simulate} command. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = "Plays clusters and their failures in virtual time, one for each seed.")
public final class Main implements Callable<Integer> {
  private static final int FAILED = 1;

  @Option(names = "--seeds", defaultValue = "20000", description = "How many (${DEFAULT-VALUE}).")
  private long seeds;

  @Option(names = "--from", defaultValue = "1", description = "The first (${DEFAULT-VALUE}).")
  private long from;

  @Option(names = "--threads", description = "How many are played at a time (all cores).")
  private Optional<Integer> threads = Optional.empty();

  @Option(names = "--without", description = "Leaves a rule out: ${COMPLETION-CANDIDATES}.")
  private Optional<Switches.Rule> without = Optional.empty();

  @Option(names = "--trace", description = "Prints all that happens, in the first seed alone.")
  private boolean trace;

  @Option(names = "--all", description = "Goes on after a failure, and lists all that fail.")
  private boolean all;

  @Spec private CommandSpec spec;

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  private Main() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    var out = spec.commandLine().getOut();
    var switches = new Switches(without.map(Set::of).orElse(Set.of()));
    if (trace) {
      return print(from, switches, out) ? FAILED : 0;
    }
    if (all) {
      return list(switches, out) ? FAILED : 0;
    }
    var began = System.nanoTime();
    var played = new AtomicLong();
    var failing =
        new Seeds(switches, threads.orElse(Runtime.getRuntime().availableProcessors()))
            .firstFailing(from, from + seeds, played);
    var seconds = (System.nanoTime() - began) / 1e9;
    out.printf("%,d seeds from %d in %.1f s%n", played.get(), from, seconds);
    if (failing.isPresent()) {
      print(failing.getAsLong(), switches, out);
    }
    out.flush();
    return failing.isPresent() ? FAILED : 0;
  }

  private boolean list(Switches switches, PrintWriter out) {
    var failed = false;
    for (long seed = from; seed < from + seeds; seed++) {
      var failure = Simulation.failure(Scenario.of(seed), switches, Optional.empty());
      if (failure.isPresent()) {
        failed = true;
        out.printf("seed %d: %s%n", seed, failure.get());
        out.flush();
      }
    }
    return failed;
  }

  private static boolean print(long seed, Switches switches, PrintWriter out) {
    var report = Report.of(seed, switches);
    out.println(report.text());
    out.flush();
    return report.failed();
  }
}
