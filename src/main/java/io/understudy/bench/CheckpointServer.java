package io.understudy.bench;

import io.understudy.checkpoint.JournalSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Checkpoint Server of FIG. 1, as a process of its own. */
final class CheckpointServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Started process;
  private final InetSocketAddress at;
  private final Path log;

  private CheckpointServer(Started process, InetSocketAddress at, Path log) {
    this.process = process;
    this.at = at;
    this.log = log;
  }

  /** Starts one at a free port of this address, and waits until it answers. */
  static CheckpointServer start(String address, Path data) throws IOException {
    var at = free(address);
    var log = data.resolve("checkpoint-server.log");
    var process =
        Deploy.understudy(
            List.of(
                "checkpoint-server",
                "--address",
                address,
                "--port",
                Integer.toString(at.getPort()),
                "--data",
                data.toString()),
            Map.of(),
            log);
    var server = new CheckpointServer(process, at, log);
    Until.seen("the Checkpoint Server, see " + log, PATIENCE, PAUSE, server::answers);
    return server;
  }

  private static InetSocketAddress free(String address) throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(address, 0));
      return new InetSocketAddress(address, socket.getLocalPort());
    }
  }

  private Optional<Boolean> answers() {
    if (!process.isAlive()) {
      throw new BenchException("the Checkpoint Server ended: " + said());
    }
    try (var socket = new Socket()) {
      socket.connect(at);
      return Optional.of(true);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private String said() {
    try {
      return Files.readString(log).strip();
    } catch (IOException e) {
      return "see " + log;
    }
  }

  JournalSettings journal() {
    var url = "jdbc:h2:tcp://%s:%d/./understudy".formatted(at.getHostString(), at.getPort());
    return new JournalSettings(url, "sa", "");
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
