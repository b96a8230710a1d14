package io.understudy.launcher;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code understudy node}. */
@Command(
    name = "node",
    description = {
      "Starts a node: the part of Understudy that runs on each host.",
      "",
      "A node with the role watchdog hosts copies; one with the role manager may manage. SIGTERM"
          + " stops its copies and lets it leave.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  A cluster of one, to try it:",
      "    understudy node --host H1 --data /tmp/h1 \\",
      "      --set understudy.watchdog.allowed-paths=[/bin,/usr/bin]",
      "  A node with a settings file; options come before the file:",
      "    understudy node --config /etc/understudy/node.conf --host H2",
      "",
      "A node that the others put out of the cluster, taking it for dead, joins again by itself.",
      "Exit codes: 0 stopped, 1 it cannot go on (a port or the host's name is in use), 2 wrong"
          + " settings."
    },
    mixinStandardHelpOptions = true)
final class NodeCommand implements Callable<Integer> {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Settings in HOCON or JSON, under understudy { ... }.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description = "This host's name in the cluster (understudy.host).")
  private Optional<String> host = Optional.empty();

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "Where remoting listens (understudy.address).")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Remoting's port (understudy.port), 17355 unless set.")
  private Optional<Integer> port = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the node keeps its files (understudy.data).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--roles",
      split = ",",
      paramLabel = "ROLE",
      description = "watchdog, manager or both (understudy.roles).")
  private List<String> roles = List.of();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "ADDRESS:PORT",
      description = "Nodes to join (understudy.seeds).")
  private List<String> seeds = List.of();

  @Option(
      names = "--journal",
      paramLabel = "URL",
      description = "JDBC address of the Checkpoint Server (understudy.journal.url).")
  private Optional<String> journal = Optional.empty();

  @Option(
      names = "--management",
      paramLabel = "ADDRESS:PORT",
      description = "Where HTTP listens (understudy.management).")
  private Optional<String> management = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other setting by its full name; may be given more than once.")
  private Map<String, String> others = Map.of();

  @Spec private CommandSpec spec;

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  NodeCommand() {}

  @Override
  public Integer call() {
    var settings = NodeSettings.from(SettingsFile.load(config, given()));
    var log = NodeLog.open();
    try {
      var node = run(settings);
      while (node.wasPutOut() && node.failure().isEmpty()) {
        node = run(settings); // with nothing of what it was before (I9)
      }
      return node.failure().isPresent() ? Complaint.REFUSED : 0;
    } finally {
      log.ifPresent(NodeLog::close);
    }
  }

  /** A node from its start to its end. */
  private Node run(NodeSettings settings) {
    var out = spec.commandLine().getOut();
    var node =
        Node.start(
            settings,
            true,
            line -> {
              out.println(line);
              out.flush();
            });
    node.ended().toCompletableFuture().join();
    return node;
  }

  private Map<String, Object> given() {
    var given = new HashMap<String, Object>(SettingsFile.values(others));
    host.ifPresent(value -> given.put("understudy.host", value));
    address.ifPresent(value -> given.put("understudy.address", value));
    port.ifPresent(value -> given.put("understudy.port", value));
    data.ifPresent(value -> given.put("understudy.data", value.toString()));
    journal.ifPresent(value -> given.put("understudy.journal.url", value));
    management.ifPresent(value -> given.putAll(split(value)));
    if (!roles.isEmpty()) {
      given.put("understudy.roles", roles);
    }
    if (!seeds.isEmpty()) {
      given.put("understudy.seeds", seeds);
    }
    return given;
  }

  private static Map<String, String> split(String addressAndPort) {
    int colon = addressAndPort.lastIndexOf(':');
    if (colon < 1) {
      throw new Complaint(
          Complaint.USAGE,
          "--management %s: write address:port, as in 127.0.0.1:7626".formatted(addressAndPort));
    }
    return Map.of(
        "understudy.management.address",
        addressAndPort.substring(0, colon),
        "understudy.management.port",
        addressAndPort.substring(colon + 1));
  }
}
