package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every command of the README, in the order in which it stands there. */
@Tag("slow")
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

  /** Commands that stay, and what they say when they are up. */
  private static final Map<String, String> STAYING =
      Map.of(
          "deploy/fig1/run",
          "Ctrl-C stops everything.",
          "deploy/understudy node --config deploy/examples/one.conf",
          "is ready");

  private static final Fig1 FIG_1 = Fig1.on(Shell.PROJECT.resolve("target/fig1"));

  /** What runs this test. */
  private static final Set<String> RUNS_THIS = Set.of("mvn verify");

  @Test
  @DisplayName("every command of the README works as it stands")
  void commands() throws Exception {
    var staying = new ArrayList<Process>();
    try {
      for (String command : commandsOf(readme())) {
        if (STAYING.containsKey(command)) {
          staying.add(start(command));
        } else if (!RUNS_THIS.contains(command)) {
          Await.until(ReadmeTest::healed);
          Shell.run(Map.of(), "sh", "-c", command).ok();
        }
      }
    } finally {
      // As Ctrl-C does, which a job in the background may have been told to ignore.
      staying.forEach(process -> Fig1Test.signal(process.pid(), "TERM"));
      Await.until(() -> assertThat(staying).noneMatch(Process::isAlive));
    }
    assertThat(Fig1Test.processesOn(FIG_1.data())).isEmpty();
    assertThat(Fig1Test.processesOn(Shell.PROJECT.resolve("target/one"))).isEmpty();
  }

  @Test
  @DisplayName("every link of the README leads somewhere")
  void links() throws IOException {
    var links = LINK.matcher(readme()).results().map(match -> match.group(1)).toList();
    assertThat(links).isNotEmpty().allSatisfy(link -> assertThat(Path.of(link)).exists());
  }

  private static String readme() throws IOException {
    return Files.readString(Shell.PROJECT.resolve("README.md"));
  }

  private static List<String> commandsOf(String readme) {
    return BLOCK
        .matcher(readme)
        .results()
        .flatMap(match -> match.group(1).lines())
        .map(String::strip)
        .toList();
  }

  /** The walk goes on when the last failure has been recovered from. */
  private static void healed() {
    assertThat(FIG_1.table().get("modules").findValuesAsText("condition"))
        .hasSize(3)
        .containsOnly("PROTECTED");
  }

  private static Process start(String command) throws IOException {
    var log = Files.createTempFile("understudy", ".log");
    var process =
        new ProcessBuilder("sh", "-c", "exec " + command)
            .directory(Shell.PROJECT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Await.until(
        () -> {
          var said = Files.readString(log, StandardCharsets.UTF_8);
          assertThat(said).contains(STAYING.getOrDefault(command, ""));
          return said;
        });
    return process;
  }
}
