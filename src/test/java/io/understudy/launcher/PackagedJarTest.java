package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  @DisplayName("the project lies in a folder with a blank in its name => its launcher starts it")
  void aBlankInThePath(@TempDir Path folder) throws Exception {
    var jar = Path.of(System.getProperty("understudy.jar")).toAbsolutePath();
    var project = folder.resolve("my projects");
    var built = Files.createDirectories(project.resolve("target").resolve("understudy"));
    for (var part : List.of(jar, jar.resolveSibling("lib"))) {
      Files.createSymbolicLink(built.resolve(part.getFileName()), part);
    }
    Files.writeString(built.resolve("understudy.jsa"), "of another JDK");
    var launcher = Files.createDirectories(project.resolve("deploy")).resolve("understudy");
    Files.copy(Path.of("deploy", "understudy"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
    var process =
        new ProcessBuilder(launcher.toString(), "--version").redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("understudy ");
  }
}
