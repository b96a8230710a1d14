package io.understudy.launcher;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.h2.engine.SysProperties;
import org.h2.tools.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code understudy checkpoint-server}. */
@Command(
    name = "checkpoint-server",
    description = {
      "Runs a Checkpoint Server: the database that keeps the replication table for all managers.",
      "",
      "What it has acknowledged survives its death at any moment; the loss of its machine's power"
          + " it survives as far as the operating system has written. PostgreSQL may take its"
          + " place: set understudy.journal.url.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  UNDERSTUDY_JOURNAL_PASSWORD=... understudy checkpoint-server --address 10.0.0.9 \\",
      "    --data /var/lib/understudy",
      "",
      "The password is understudy.journal.password of the nodes. Whoever can write to the database"
          + " can run programs as its user, so it must be set unless the address is a loopback one."
    },
    mixinStandardHelpOptions = true)
final class CheckpointServerCommand implements Callable<Integer> {
  private static final String NAME = "understudy";
  private static final String SETTINGS = "--address and --port";
  private static final String PASSWORD = "UNDERSTUDY_JOURNAL_PASSWORD";

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Where it listens, ${DEFAULT-VALUE} unless given.")
  private String address = "";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "Its port, ${DEFAULT-VALUE} unless given.")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "It keeps its files in this folder's journal, ${DEFAULT-VALUE} unless given.")
  private Path data = Path.of("");

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "sa",
      description = "The database's user, ${DEFAULT-VALUE} unless given (understudy.journal.user).")
  private String user = "";

  @Spec private CommandSpec spec;

  /** Set by picocli before {@link #call}. */
  @SuppressWarnings("NullAway.Init")
  CheckpointServerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    var password = password();
    var folder = data.toAbsolutePath().resolve("journal");
    Preflight.writable(folder, "--data");
    Preflight.free(address, port, SETTINGS);
    listenOnlyThere();
    create(folder, password);
    var server = start(folder);
    Runtime.getRuntime().addShutdownHook(new Thread(server::stop, "stop"));
    var out = spec.commandLine().getOut();
    out.printf(
        "the Checkpoint Server is ready: jdbc:h2:tcp://%s:%d/./%s, files in %s%n",
        address, server.getPort(), NAME, folder);
    out.flush();
    new CountDownLatch(1).await(); // until SIGTERM
    return 0;
  }

  private String password() {
    var password = Objects.requireNonNullElse(System.getenv(PASSWORD), "");
    if (password.isEmpty()
        && !Preflight.known(address, port, SETTINGS).getAddress().isLoopbackAddress()) {
      throw new Complaint(
          Complaint.USAGE,
          "%s can be reached from other machines; set %s here and understudy.journal.password there"
              .formatted(address, PASSWORD));
    }
    return password;
  }

  /** H2 reads it once, when its first class is used, and listens on all addresses without it. */
  private void listenOnlyThere() {
    System.setProperty("h2.bindAddress", address);
    if (!address.equals(SysProperties.BIND_ADDRESS)) {
      throw new Complaint(
          Complaint.REFUSED,
          "the Checkpoint Server cannot listen on %s only: this process has used H2 before; run it"
                  .formatted(address)
              + " as a process of its own");
    }
  }

  /** Made here, so that nobody can make one over the network and be its administrator. */
  private void create(Path folder, String password) {
    var url = "jdbc:h2:file:%s;CASE_INSENSITIVE_IDENTIFIERS=TRUE".formatted(folder.resolve(NAME));
    try {
      DriverManager.getConnection(url, user, password).close();
    } catch (SQLException e) {
      throw new Complaint(
          Complaint.REFUSED,
          "the database in %s cannot be opened: %s; stop the program that uses it, or give its own"
                  .formatted(folder, firstLine(e))
              + " user and password");
    }
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").split(" \\[", 2)[0];
  }

  private Server start(Path folder) {
    try {
      return Server.createTcpServer(
              "-tcpPort", Integer.toString(port), "-tcpAllowOthers", "-baseDir", folder.toString())
          .start();
    } catch (SQLException e) {
      throw new Complaint(
          Complaint.REFUSED,
          "the Checkpoint Server cannot listen on %s:%d: %s; change --address or --port"
              .formatted(
                  address, port, String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
  }
}
