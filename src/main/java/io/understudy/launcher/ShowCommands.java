package io.understudy.launcher;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that show what a node answers. */
final class ShowCommands {
  private ShowCommands() {}

  /** {@code understudy table}. */
  @Command(
      name = "table",
      description = {
        "Shows the replication table: each module, each copy, where it is and what it is.",
        ""
      },
      footer = {
        "",
        "A module is PROTECTED while as many copies run as were registered, DEGRADED while fewer"
            + " do, and DOWN while no primary runs; the reason is given.",
        "",
        "Examples:",
        "  understudy table",
        "  understudy table --watch",
        "  understudy table A --json"
      },
      mixinStandardHelpOptions = true)
  static final class Table implements Callable<Integer> {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final String CLEAR_SCREEN = "\033[H\033[2J\033[3J";

    @Parameters(
        paramLabel = "MODULE",
        arity = "0..1",
        description = "Only this module; as JSON with its registration.")
    private Optional<String> module = Optional.empty();

    @Option(
        names = {"-w", "--watch"},
        description = "Show it again every second, until Ctrl-C.")
    private boolean watch;

    @Mixin private NodeOption node = new NodeOption();

    @Override
    public Integer call() throws InterruptedException {
      var client = node.client();
      var path =
          module
              .map(NodeOption::module)
              .map("/understudy/modules/%s"::formatted)
              .orElse("/understudy/table");
      var request = node.get(path);
      while (watch) {
        node.print((node.json() ? "" : CLEAR_SCREEN) + latest(client, request));
        if (node.unread()) {
          return 0;
        }
        Thread.sleep(INTERVAL); // how often the table is shown anew
      }
      node.print(client.send(request).body());
      return 0;
    }

    /** While it is watched, a manager that moves is no reason to stop. */
    private static String latest(NodeClient client, NodeClient.Request request) {
      try {
        return client.send(request).body();
      } catch (Complaint complaint) {
        if (complaint.exitCode() != Complaint.UNREACHABLE) {
          throw complaint;
        }
        return String.valueOf(complaint.getMessage());
      }
    }
  }

  /** {@code understudy hosts}. */
  @Command(
      name = "hosts",
      description = {
        "Shows the hosts, whether they are up, and which copies are placed on them.",
        ""
      },
      mixinStandardHelpOptions = true)
  static final class Hosts implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();

    @Override
    public Integer call() {
      node.show("/understudy/hosts");
      return 0;
    }
  }

  /** {@code understudy ring}. */
  @Command(
      name = "ring",
      description = {
        "Shows the ring of SuperWatchDogs from the primary on, and where the ReplicaManager runs.",
        ""
      },
      mixinStandardHelpOptions = true)
  static final class Ring implements Callable<Integer> {
    @Mixin private NodeOption node = new NodeOption();

    @Override
    public Integer call() {
      node.show("/understudy/ring");
      return 0;
    }
  }
}
