package io.understudy.bench;

import io.understudy.superwatchdog.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A step of a recovery that a node took, as its log says.
 *
 * @param nanos a reading of {@link System#nanoTime}, which all processes of a machine share
 */
record Taken(String host, Steps.Step step, long nanos) {
  /** For the JVM of a node whose steps are to be read. */
  static final String JAVA_OPTION = "-Dunderstudy.steps=DEBUG";

  private static final Pattern LINE = Pattern.compile("\\S+ DEBUG ([A-Z]+) (-?\\d+) .*");

  /** All steps in the log of a host. */
  static Stream<Taken> in(Path log, String host) {
    try (var lines = Files.lines(log)) {
      return lines.map(line -> parsed(line, host)).flatMap(Optional::stream).toList().stream();
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(log, e.getMessage()), e);
    }
  }

  private static Optional<Taken> parsed(String line, String host) {
    var fields = LINE.matcher(line);
    return fields.matches()
        ? Optional.of(
            new Taken(host, Steps.Step.valueOf(fields.group(1)), Long.parseLong(fields.group(2))))
        : Optional.empty();
  }
}
