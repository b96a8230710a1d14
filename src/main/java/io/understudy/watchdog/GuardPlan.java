package io.understudy.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a guard is to start, as lines of sh: a guard is started ahead of time, before anybody knows
 * what for.
 */
record GuardPlan(CopyFolder folder, List<String> command, Map<String, String> environment) {

  /** Writes it where only this user can read it, because the environment holds a token. */
  Path write() throws IOException {
    var file = folder.newFile(".plan");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.write(file, text().getBytes(StandardCharsets.UTF_8));
  }

  String text() {
    var exports =
        environment.entrySet().stream()
            .map(entry -> "export %s=%s%n".formatted(entry.getKey(), quote(entry.getValue())))
            .sorted()
            .collect(Collectors.joining());
    return """
    cd %s || exit 126
    log=%s
    %sset -- %s
    """
        .formatted(
            quote(folder.work().toString()),
            quote(folder.log().toString()),
            exports,
            command.stream().map(GuardPlan::quote).collect(Collectors.joining(" ")));
  }

  /** Nothing within single quotes means anything to sh but a single quote. */
  static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
