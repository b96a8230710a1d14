package io.understudy.launcher;

import io.understudy.module.LocalApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code understudy train}: runs what nodes and commands run, so that the JVM can write down which
 * classes they need ({@code -XX:ArchiveClassesAtExit}, {@code -XX:AOTCacheOutput}).
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  /** What it has a node run as a module's program. */
  static final String COPY = "--copy";

  @Option(names = COPY, hidden = true)
  private boolean copy;

  @Override
  public Integer call() throws Exception {
    if (copy) {
      follow();
      return 0;
    }
    var folder = Files.createTempDirectory("understudy-train");
    try (var training = new Training(folder)) {
      training.run();
    } finally {
      delete(folder);
    }
    return 0;
  }

  private static void follow() throws IOException {
    var api = LocalApi.ofThisProcess().orElseThrow();
    api.ready();
    api.followStatus(status -> {});
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
