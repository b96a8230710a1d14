package io.understudy.launcher;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Nodes and commands within the test's own JVM. */
final class InProcess {
  static final long PATIENCE_SECONDS = 60;

  private InProcess() {}

  /** A node, and the line that it prints when it is ready. */
  record Running(Node node, CompletableFuture<String> line) implements AutoCloseable {
    String ready() throws Exception {
      return line.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    String url() throws Exception {
      return node.management().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      node.stop().toCompletableFuture().join();
    }
  }

  /** Starts a node on ports that are free. */
  static Running node(String host, Path data, Map<String, Object> more) {
    var given =
        new HashMap<String, Object>(
            Map.of(
                "understudy.host",
                host,
                "understudy.port",
                0,
                "understudy.pulse-port",
                0,
                "understudy.management.port",
                0,
                "understudy.data",
                data.toString(),
                "understudy.watchdog.allowed-paths",
                List.of("/")));
    given.putAll(more);
    var line = new CompletableFuture<String>();
    var settings = NodeSettings.from(SettingsFile.load(Optional.empty(), given));
    return new Running(Node.start(settings, false, line::complete), line);
  }

  /** A port that nobody uses at the moment. */
  static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command said, and its exit code. */
  record Said(int code, String out, String err) {}

  static Said run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var code =
        Cli.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Said(code, out.toString(), err.toString());
  }
}
