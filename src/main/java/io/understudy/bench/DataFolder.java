package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of one run: emptied before it, kept after it for who wants to read the logs. */
final class DataFolder {
  /** Marks a folder as one that a benchmark may empty. */
  private static final String MARK = ".bench";

  private DataFolder() {}

  /** Makes the folder, or empties the one that an earlier run made; refuses any other. */
  static void empty(Path folder) throws IOException {
    if (Files.exists(folder)) {
      refuseForeign(folder);
      for (Path inside : contents(folder)) {
        Files.delete(inside);
      }
    }
    Files.createDirectories(folder);
    Files.createFile(folder.resolve(MARK));
  }

  private static void refuseForeign(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      if (!Files.exists(folder.resolve(MARK)) && entries.findAny().isPresent()) {
        throw new BenchException(
            "--data %s holds files that no benchmark made; give a folder of its own"
                .formatted(folder));
      }
    }
  }

  /** What is inside, the deepest first. */
  private static List<Path> contents(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !path.equals(folder)).sorted(Comparator.reverseOrder()).toList();
    }
  }
}
