package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One host of the benchmark's cluster, which can be killed, or silenced, and started again. */
final class BenchNode implements AutoCloseable {
  private static final int REMOTING = 17355;
  private static final int MANAGEMENT = 7626;
  private static final int LINES_SHOWN = 10;

  private final String host;
  private final String address;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private final Path log;
  private Started process;
  private @Nullable Silence silence;

  /**
   * Starts the host.
   *
   * @param arguments of {@code deploy/understudy node}, without what follows from host and address
   * @param data where it keeps its files
   */
  BenchNode(
      String host,
      String address,
      List<String> arguments,
      Map<String, String> environment,
      Path data)
      throws IOException {
    this.host = host;
    this.address = address;
    this.arguments = arguments;
    this.environment = environment;
    this.log = data.resolve("node.log");
    Files.createDirectories(data);
    this.process = launch();
  }

  static String remoting(String address) {
    return "%s:%d".formatted(address, REMOTING);
  }

  private Started launch() throws IOException {
    return Deploy.understudy(arguments, environment, log);
  }

  String host() {
    return host;
  }

  /** Where its management listens. */
  String management() {
    return "%s:%d".formatted(address, MANAGEMENT);
  }

  /** What it has taken of the steps of recoveries. */
  Stream<Taken> steps() {
    return Taken.in(log, host);
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL to its JVM; the moment is the one just before. */
  Moment kill() {
    var moment = Moment.now();
    process.kill();
    return moment;
  }

  /** SIGSTOP to all its processes, which end when it closes or is started again. */
  Moment silence() {
    var begun = Silence.of(pid());
    silence = begun;
    return begun.begin();
  }

  /** Starts it again, as a fresh incarnation. */
  void startAgain() throws IOException {
    close();
    process = launch();
  }

  void requireAlive() {
    if (!process.isAlive()) {
      throw new BenchException("host %s ended; of its log %s:%n%s".formatted(host, log, cause()));
    }
  }

  /** The first error and what follows it, or else the last lines. */
  private String cause() {
    try {
      var lines = Files.readAllLines(log);
      var error = lines.stream().dropWhile(line -> !line.contains(" ERROR ")).toList();
      var end = lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
      return (error.isEmpty() ? end : error)
          .stream().limit(LINES_SHOWN).collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Asks it to end, without waiting for it. */
  void end() {
    process.end();
  }

  @Override
  public void close() {
    var begun = silence;
    silence = null;
    if (begun != null) {
      begun.close(); // first, since what is stopped hears nothing of SIGTERM
    }
    process.close();
  }
}
