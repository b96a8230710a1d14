package io.understudy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The scripts of the folder {@code deploy}, as an operator runs them. */
final class Deploy {
  private Deploy() {}

  static Path folder() {
    return Path.of(Optional.ofNullable(System.getenv("UNDERSTUDY_DEPLOY")).orElse("deploy"))
        .toAbsolutePath();
  }

  /** Where a benchmark keeps its files unless told otherwise. */
  static Path data(String name) {
    return folder().resolveSibling("target").resolve("bench").resolve(name);
  }

  /** Starts {@code deploy/understudy}; the process becomes its Java process. */
  static Started understudy(List<String> arguments, Map<String, String> environment, Path log)
      throws IOException {
    var command = new ArrayList<>(arguments);
    command.addFirst(folder().resolve("understudy").toString());
    return Started.process(command, environment, log);
  }
}
