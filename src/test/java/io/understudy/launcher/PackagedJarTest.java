package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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
    var launcher = installed(folder.resolve("my projects"));
    Files.writeString(archive(launcher), "of another JDK");
    var process =
        new ProcessBuilder(launcher.toString(), "--version").redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("understudy ");
  }

  /** The launcher of a project that is built there. */
  private static Path installed(Path project) throws IOException {
    var jar = Path.of(System.getProperty("understudy.jar")).toAbsolutePath();
    var built = Files.createDirectories(project.resolve("target").resolve("understudy"));
    for (var part : List.of(jar, jar.resolveSibling("lib"))) {
      Files.createSymbolicLink(built.resolve(part.getFileName()), part);
    }
    var launcher = Files.createDirectories(project.resolve("deploy")).resolve("understudy");
    return Files.copy(
        Path.of("deploy", "understudy"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static Path archive(Path launcher) {
    return launcher.resolveSibling(Path.of("..", "target", "understudy", "understudy.jsa"));
  }

  @Test
  @DisplayName("interrupted while it prepares a fast start => it ends so, and leaves nothing")
  void interrupted(@TempDir Path folder) throws Exception {
    var launcher = installed(folder.resolve("project"));
    var prepares = folder.resolve("prepares");
    var home = Files.createDirectories(folder.resolve("jdk"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"21.0.1\"");
    var java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\n: >'%s'\nexec sleep 600\n".formatted(prepares));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    var output = folder.resolve("output");
    var builder =
        new ProcessBuilder("setsid", launcher.toString(), "--version")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", home.toString());
    var process = builder.start();

    Await.until(() -> assertThat(prepares).exists());
    var group = "-%d".formatted(process.pid()); // as a terminal does it, and systemd
    assertThat(new ProcessBuilder("kill", "-TERM", "--", group).start().waitFor()).isZero();

    assertThat(process.waitFor()).isEqualTo(128 + 15);
    assertThat(output).hasContent("understudy: preparing a fast start, once");
    try (var left = Files.list(archive(launcher).getParent())) {
      assertThat(left.map(it -> it.getFileName().toString()))
          .containsExactlyInAnyOrder("lib", "understudy.jar");
    }
  }
}
