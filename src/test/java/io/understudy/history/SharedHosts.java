package io.understudy.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Four {@link RealHosts} for classes in a row, since to start them takes as long as most tests on
 * them. Each class finds all of them up, and no modules.
 */
final class SharedHosts implements BeforeAllCallback, AfterAllCallback {
  /** Those that copies may be. */
  static final Path PROGRAMS = Path.of("deploy/examples").toAbsolutePath();

  /** Stays, so that a failure can be read in the logs. */
  private static final Path DATA = Path.of("target/history").toAbsolutePath();

  /** What there is from the first class to the last. */
  private static final class Present implements AutoCloseable {
    private Optional<RealHosts> hosts = Optional.empty();

    RealHosts get() throws Exception {
      if (hosts.isEmpty()) {
        new ProcessBuilder("rm", "-rf", DATA.toString()).start().waitFor();
        var allowed = "understudy.watchdog.allowed-paths=[\"%s\"]".formatted(PROGRAMS);
        var names = List.of("H1", "H2", "H3", "H4");
        hosts =
            Optional.of(RealHosts.start(Files.createDirectories(DATA), "127.0.61", names, allowed));
      } else {
        hosts.get().awaitAllUp();
        hosts.get().deregisterAll();
      }
      return hosts.get();
    }

    @Override
    public void close() {
      var old = hosts;
      hosts = Optional.empty();
      old.ifPresent(RealHosts::close);
    }
  }

  private final boolean kept;
  private Present present = new Present();

  /** Whose hosts end with the class. */
  SharedHosts() {
    this(false);
  }

  private SharedHosts(boolean kept) {
    this.kept = kept;
  }

  /** Whose hosts stay up for the next class. */
  static SharedHosts kept() {
    return new SharedHosts(true);
  }

  RealHosts up() throws Exception {
    return present.get();
  }

  @Override
  public void beforeAll(ExtensionContext tests) {
    present =
        tests
            .getRoot()
            .getStore(Namespace.create(SharedHosts.class))
            .getOrComputeIfAbsent(Present.class, first -> new Present(), Present.class);
  }

  @Override
  public void afterAll(ExtensionContext tests) {
    if (!kept) {
      present.close();
    }
  }
}
