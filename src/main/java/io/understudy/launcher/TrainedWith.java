package io.understudy.launcher;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Another host of a {@link Training}: a process, which can be killed as a host dies. */
final class TrainedWith {
  private final Process process;

  private TrainedWith(Process process) {
    this.process = process;
  }

  /** Starts a node with these settings, which go to the file. */
  static TrainedWith start(Map<String, Object> settings, Path file) throws IOException {
    Files.writeString(file, ConfigFactory.parseMap(settings).root().render());
    var builder =
        new ProcessBuilder(java("node", "--config", file.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> name.startsWith("UNDERSTUDY_"));
    return new TrainedWith(builder.start());
  }

  /** Understudy's command line, as a process of its own that learns nothing. */
  static List<String> java(String... arguments) {
    var line =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                Path.of(System.getProperty("java.class.path")).toAbsolutePath().toString(),
                Main.class.getName()));
    line.addAll(List.of(arguments));
    return line;
  }

  /** Waits for the line that says so; throws a {@link Complaint} if it does not come. */
  void awaitReady(Duration patience) throws IOException {
    var late =
        CompletableFuture.runAsync(
            this::kill,
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
    // Not closed: a node that writes to a closed pipe would end.
    @SuppressWarnings("resource")
    var out = process.inputReader(StandardCharsets.UTF_8);
    if (out.readLine() == null) {
      throw new Complaint(Complaint.REFUSED, "a host to learn from does not become ready");
    }
    late.cancel(false);
  }

  void kill() {
    process.destroyForcibly();
  }
}
