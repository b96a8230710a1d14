package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The build of a clone that nobody has built, as the launcher calls it. */
@Tag("slow")
class BuildTest {
  private static final Path OLDER = Path.of("/usr/lib/jvm/java-17-openjdk-amd64/bin");

  @Test
  @DisplayName(
      "the java on the PATH is too old, the one in JAVA_HOME is not => it is built with that")
  void olderJavaOnThePath(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(OLDER.resolve("java")), "no older Java is here to be tried");
    var log = folder.resolve("log").toFile();
    for (String part : List.of(".mvn", "pom.xml", "src")) {
      assertThat(started(Path.of("."), log, "cp", "-r", part, folder.toString()).waitFor())
          .isZero();
    }

    var code = started(folder, log, "mvn", "-o", "-q", "-B", "validate").waitFor();
    assertThat(code).as(Files.readString(log.toPath(), StandardCharsets.UTF_8)).isZero();
  }

  private static Process started(Path folder, File log, String... command) throws IOException {
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().merge("PATH", OLDER.toString(), (path, older) -> older + ":" + path);
    return builder.start();
  }
}
