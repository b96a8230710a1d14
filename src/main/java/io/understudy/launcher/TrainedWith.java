package io.understudy.launcher;

import com.typesafe.config.ConfigFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

  /** Waits for the line that says so. */
  void awaitReady() throws IOException {
    // Not closed: a node that writes to a closed pipe would end.
    @SuppressWarnings("resource")
    var out = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
    if (out.readLine() == null) {
      throw new Complaint(Complaint.REFUSED, "a host to learn from does not become ready");
    }
  }

  void kill() {
    process.destroyForcibly();
  }
}
