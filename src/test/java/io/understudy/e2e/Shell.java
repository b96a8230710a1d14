package io.understudy.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands as a user types them, from the project's folder. */
final class Shell {
  static final Path PROJECT = Path.of("").toAbsolutePath();

  private static final long MOST_SECONDS = 180;

  private Shell() {}

  /** What a command said, and its exit code. */
  record Said(int code, String out, String err) {
    Said ok() {
      if (code != 0) {
        throw new AssertionError("exit code %d%n%s%n%s".formatted(code, out, err));
      }
      return this;
    }
  }

  static Said run(Map<String, String> environment, String... command) {
    return run(environment, List.of(command));
  }

  /** Output goes to files, since what a command leaves running keeps its pipes open. */
  static Said run(Map<String, String> environment, List<String> command) {
    try {
      var out = Files.createTempFile("understudy", ".out");
      var err = Files.createTempFile("understudy", ".err");
      var builder = new ProcessBuilder(command).directory(PROJECT.toFile());
      builder.environment().putAll(environment);
      var process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("%s does not end; it said %s".formatted(command, read(out)));
      }
      var said = new Said(process.exitValue(), read(out), read(err));
      Files.delete(out);
      Files.delete(err);
      return said;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
