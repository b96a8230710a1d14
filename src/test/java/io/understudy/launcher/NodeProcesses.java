package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Nodes as operating-system processes, started from the packaged jar; they end with the test. */
final class NodeProcesses implements BeforeEachCallback, AfterEachCallback {
  private static final Path JAR = Path.of(System.getProperty("understudy.jar"));

  private Path folder = Path.of("");
  private final List<Started> all = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private Optional<Path> logs = Optional.empty();

  @Override
  public void beforeEach(ExtensionContext test) throws IOException {
    folder = Files.createTempDirectory("understudy");
  }

  /** Kills what still runs. */
  @Override
  public void afterEach(ExtensionContext test) throws InterruptedException, IOException {
    for (Started started : all) {
      started.process().destroyForcibly().waitFor();
    }
    new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
  }

  /** For all files of the test. */
  Path folder() {
    return folder;
  }

  /** Whatever is started from now on has this in its environment. */
  void export(String name, String value) {
    environment.put(name, value);
  }

  /** A process, and the file that holds all it says. */
  record Started(Process process, Path log) {
    String said() {
      try {
        return Files.readString(log, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void awaitSaying(String what) {
      await(() -> said().contains(what), this);
    }

    void awaitSaying(String what, int times) {
      await(() -> said().split(Pattern.quote(what), -1).length > times, this);
    }

    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(Await.LONG.toSeconds(), TimeUnit.SECONDS)).as(said()).isTrue();
      return process.exitValue();
    }

    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }
  }

  static void await(BooleanSupplier condition, Started at) {
    Await.until(() -> assertThat(condition.getAsBoolean()).as(at.said()).isTrue());
  }

  /** A node that logs there, and not where it says the rest. */
  Started nodeLoggingTo(Path file, String host, String address) throws IOException {
    logs = Optional.of(file);
    try {
      return node(host, address);
    } finally {
      logs = Optional.empty();
    }
  }

  Started start(String... command) throws IOException {
    var log = folder.resolve("log" + all.size());
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(logs.isEmpty())
            .redirectError(logs.map(it -> Redirect.to(it.toFile())).orElse(Redirect.PIPE))
            .redirectOutput(log.toFile())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    var process = builder.start();
    var started = new Started(process, log);
    all.add(started);
    return started;
  }

  Started understudy(String... arguments) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var fixed =
        Stream.of(
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx192m",
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
            "-XX:SharedArchiveFile=" + JAR.resolveSibling("understudy.jsa"),
            "-jar",
            JAR.toString());
    return start(Stream.concat(fixed, Stream.of(arguments)).toArray(String[]::new));
  }

  Started node(String host, String address, String... more) throws IOException {
    var fixed =
        Stream.of(
            "node",
            "--host",
            host,
            "--address",
            address,
            "--data",
            folder.resolve(host + address).toString(),
            "--set",
            "understudy.watchdog.allowed-paths=[/bin,/usr/bin]");
    return understudy(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  /** Registers a cold module of one copy, and gives the process that runs it. */
  ProcessHandle copyOn(String host, String address, Started node) throws Exception {
    var file =
        Files.writeString(
            folder.resolve("S.conf"),
            """
            module = S, style = cold
            copies = [ { host = %s, location = /bin/sleep, arguments = ["3600"] } ]
            """
                .formatted(host));
    var token = folder.resolve("H1" + address).toString();
    var url = "http://" + address + ":7626";
    var registered = understudy("register", "-n", url, "--data", token, file.toString());
    assertThat(registered.exitCode()).as(registered.said()).isZero();
    await(() -> sleeping(node).findAny().isPresent(), node);
    return sleeping(node).findAny().orElseThrow();
  }

  static Stream<ProcessHandle> sleeping(Started node) {
    return node.process()
        .descendants()
        .filter(it -> it.info().command().filter(path -> path.endsWith("/sleep")).isPresent());
  }
}
