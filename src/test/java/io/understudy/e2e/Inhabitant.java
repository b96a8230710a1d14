package io.understudy.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A JVM in a namespace that the test itself is not in. It answers each line of its standard input
 * with a line, and ends with it.
 */
final class Inhabitant implements AutoCloseable {
  private final String main;
  private final Process process;
  private final PrintStream requests;
  private final BufferedReader answers;

  private Inhabitant(String main, Process process) {
    this.main = main;
    this.process = process;
    requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts one.
   *
   * @param prefix what makes a command run there
   * @param classPath where the main class is
   */
  static Inhabitant start(
      List<String> prefix, String classPath, int mebibytes, Class<?> main, String... arguments)
      throws IOException {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx%dm".formatted(mebibytes),
            "-Djava.net.preferIPv4Stack=true",
            "-Dsun.misc.unsafe.memory.access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath,
            main.getName());
    var all = Stream.of(prefix, command, List.of(arguments)).flatMap(List::stream).toList();
    var builder = new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT);
    return new Inhabitant(main.getSimpleName(), builder.start());
  }

  synchronized String ask(String line) throws IOException {
    requests.println(line);
    return answer();
  }

  /** The next line that it says. */
  synchronized String answer() throws IOException {
    var line = answers.readLine();
    if (line == null) {
      throw new IllegalStateException(main + " is gone");
    }
    return line;
  }

  @Override
  public void close() {
    requests.close();
    process.destroyForcibly();
  }
}
