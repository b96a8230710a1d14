package io.understudy.launcher;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code understudy} command; without a subcommand it prints its help. */
@Command(
    name = "understudy",
    mixinStandardHelpOptions = true,
    versionProvider = Cli.Version.class,
    subcommands = {
      NodeCommand.class,
      CheckpointServerCommand.class,
      RegisterCommand.class,
      DeregisterCommand.class,
      MoveCommands.Switchover.class,
      MoveCommands.Drain.class,
      MoveCommands.Resume.class,
      ShowCommands.Table.class,
      ShowCommands.Hosts.class,
      ShowCommands.Ring.class,
      EventsCommand.class,
      SimulateCommand.class,
      CompletionCommand.class,
      TrainCommand.class
    },
    description =
        "Keeps modules running on other hosts when their own host, process or copy fails.")
public final class Cli implements Runnable {
  @Spec private CommandSpec spec;

  /** Set by picocli before {@link #run}. */
  @SuppressWarnings("NullAway.Init")
  private Cli() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command as {@link #main} runs it, for tests that must not exit. */
  static CommandLine commandLine() {
    return new CommandLine(new Cli())
        .setExecutionExceptionHandler(Cli::complain)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** A complaint is one line; anything else is a defect and shows where it is. */
  private static int complain(Exception failure, CommandLine command, ParseResult parsed)
      throws Exception {
    if (failure instanceof Complaint complaint) {
      command.getErr().println(complaint.getMessage());
      return complaint.exitCode();
    }
    throw failure;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Reads the version from the jar's manifest; classes run from a folder have none. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Optional<String> version =
          Optional.ofNullable(Cli.class.getPackage().getImplementationVersion());
      return new String[] {"understudy " + version.orElse("(not packaged)")};
    }
  }
}
