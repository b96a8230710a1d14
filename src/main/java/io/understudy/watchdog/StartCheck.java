package io.understudy.watchdog;

import io.understudy.model.HostId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether a host may and can run a program; asked before each start. */
record StartCheck(HostId host, List<Path> allowed) {
  StartCheck {
    allowed = List.copyOf(allowed);
  }

  /** Why it may not or cannot, with the remedy. */
  Optional<String> refusal(String program) {
    var path = Path.of(program);
    if (!path.isAbsolute()) {
      return Optional.of("%s is not an absolute path: write it from / on".formatted(program));
    }
    if (!Files.exists(path)) {
      return Optional.of(
          "%s does not exist on %s: install it there, or correct the location"
              .formatted(program, host));
    }
    if (!underAllowed(path)) {
      return Optional.of(
          "%s is not under the allowed paths of %s (%s): add its folder to %s on %s, or move it"
              .formatted(program, host, names(), "understudy.watchdog.allowed-paths", host));
    }
    if (!Files.isRegularFile(path)) {
      return Optional.of("%s on %s is not a file: name a program".formatted(program, host));
    }
    return Files.isExecutable(path)
        ? Optional.empty()
        : Optional.of("%s on %s is not executable: chmod +x %s".formatted(program, host, program));
  }

  /** Links are followed first: a link under an allowed path allows nothing. */
  private boolean underAllowed(Path path) {
    return real(path)
        .filter(
            real ->
                allowed.stream()
                    .flatMap(folder -> real(folder).stream())
                    .anyMatch(real::startsWith))
        .isPresent();
  }

  private static Optional<Path> real(Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException missing) {
      return Optional.empty();
    }
  }

  private String names() {
    return allowed.isEmpty()
        ? "none"
        : allowed.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
