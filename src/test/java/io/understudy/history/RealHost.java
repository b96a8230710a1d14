package io.understudy.history;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node as a process of its own, that can be killed and started again. */
final class RealHost implements AutoCloseable {
  /** Where the modules of the tests are. */
  private static final Path CLASSES =
      Path.of(
          URI.create(
              RealHost.class.getProtectionDomain().getCodeSource().getLocation().toString()));

  private static final Path JAR = Path.of(System.getProperty("understudy.jar")).toAbsolutePath();
  private static final Path ARCHIVE = JAR.resolveSibling("understudy.jsa");

  private final Path log;
  private final List<String> arguments;
  private Process process;

  RealHost(Path log, List<String> arguments) throws IOException {
    this.log = log;
    this.arguments = arguments;
    process = launch();
  }

  private Process launch() throws IOException {
    var command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.net.preferIPv4Stack=true",
            "-Dsun.misc.unsafe.memory.access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-Xss512k",
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "-XX:SharedArchiveFile=" + ARCHIVE,
            "-Dlogback.configurationFile=logback.xml",
            "-cp",
            JAR + ":" + CLASSES,
            "io.understudy.launcher.Main"));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home")); // for examples
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .start();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String said() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL, and it is dead. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void signal(String name) throws IOException, InterruptedException {
    signal(name, pid());
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  /** After it has died: the same host as a new process. */
  void startAgain() throws IOException {
    process = launch();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
