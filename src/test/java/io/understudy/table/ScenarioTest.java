package io.understudy.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Changes in, table and orders out: the files of src/test/resources/scenarios.
 *
 * <p>A line that starts with # is the title of a scenario and begins with the row of CLAIMS that it
 * shows; one with // is a remark, one with -> is what came of the command above it. A command
 * without such a line only prepares. {@code -Dunderstudy.scenarios=rewrite} writes what comes of
 * the commands into the files; a person then reads the difference.
 */
@Execution(ExecutionMode.CONCURRENT)
class ScenarioTest {
  private static final Path FILES = Path.of("src/test/resources/scenarios");
  private static final boolean REWRITE =
      "rewrite".equals(System.getProperty("understudy.scenarios"));

  @TestFactory
  List<DynamicNode> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      var nodes = new ArrayList<DynamicNode>();
      for (Path file : files.sorted().toList()) {
        nodes.add(DynamicContainer.dynamicContainer(file.getFileName().toString(), tests(file)));
      }
      return nodes;
    }
  }

  private static List<DynamicTest> tests(Path file) throws IOException {
    var tests = new ArrayList<DynamicTest>();
    var rewritten = new ArrayList<String>();
    for (List<String> scenario : split(Files.readAllLines(file))) {
      var title = scenario.get(0);
      if (REWRITE) {
        rewritten.addAll(title.startsWith("# ") ? played(scenario) : scenario);
      }
      if (title.startsWith("# ")) {
        tests.add(
            DynamicTest.dynamicTest(
                title.substring(2),
                () -> assertThat(String.join("\n", played(scenario))).isEqualTo(text(scenario))));
      }
    }
    if (REWRITE) {
      Files.write(file, rewritten);
      return List.of();
    }
    return tests;
  }

  private static String text(List<String> scenario) {
    return String.join("\n", scenario);
  }

  /** Cuts before each title. */
  private static List<List<String>> split(List<String> lines) {
    var scenarios = new ArrayList<List<String>>();
    for (String line : lines) {
      if (line.startsWith("# ") || scenarios.isEmpty()) {
        scenarios.add(new ArrayList<>());
      }
      scenarios.get(scenarios.size() - 1).add(line);
    }
    return scenarios;
  }

  /** The scenario again, with what really came of its commands. */
  private static List<String> played(List<String> lines) {
    var scenario = new Scenario();
    var played = new ArrayList<String>();
    for (int i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      if (line.startsWith("->")) {
        continue;
      }
      played.add(line);
      if (!line.isBlank() && !line.startsWith("#") && !line.startsWith("//")) {
        var shown = i + 1 < lines.size() && lines.get(i + 1).startsWith("->");
        var came = scenario.run(line);
        came.stream().filter(said -> shown).map("-> "::concat).forEach(played::add);
      }
    }
    return played;
  }
}
