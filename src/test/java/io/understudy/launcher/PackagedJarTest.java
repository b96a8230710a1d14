package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The jar beside its {@code lib} folder is what operators install. */
@Tag("slow")
class PackagedJarTest {
  @Test
  void theJarStartsAndKnowsItsVersion() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var process =
        new ProcessBuilder(
                java.toString(), "-jar", System.getProperty("understudy.jar"), "--version")
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).matches("understudy \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
  }
}
