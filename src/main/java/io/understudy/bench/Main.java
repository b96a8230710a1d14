package io.understudy.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code deploy/bench} command; without a subcommand it prints its help. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures how long failures last, how large a table may be, and how fast state is kept.",
    subcommands = {
      Failover.class,
      Hosts.class,
      Kill.class,
      Modules.class,
      Rest.class,
      Scale.class,
      Stateful.class
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  /** Set by picocli before {@link #run}. */
  @SuppressWarnings("NullAway.Init")
  private Main() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main()).setExecutionExceptionHandler(Main::explain).execute(args));
  }

  private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    command.getErr().printf("bench: %s%n", e.getMessage() == null ? e : e.getMessage());
    if (!(e instanceof BenchException)) {
      e.printStackTrace(command.getErr());
    }
    return FAILED;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
