package io.understudy.e2e;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.LocalApi;
import io.understudy.module.LocalApi.Standing;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * A copy that writes down, again and again, what it acts as, for a {@link Witness} to read. Nothing
 * but a kill ends it: a copy that outlives its WatchDog is to be seen.
 *
 * <p>Run as {@code BeatingCopy FOLDER PACE_MILLIS} by a WatchDog.
 */
final class BeatingCopy {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long HEARTBEAT_NANOS = 500 * NANOS_PER_MILLI;

  private final String copy = System.getenv("UNDERSTUDY_COPY");
  private final FileOutputStream file;
  private volatile Standing standing;

  private BeatingCopy(FileOutputStream file, Standing first) {
    this.file = file;
    this.standing = first;
  }

  public static void main(String[] arguments) throws IOException {
    var first =
        new Standing(
            CopyStatus.valueOf(System.getenv("UNDERSTUDY_STATUS")),
            new Epoch(Long.parseLong(System.getenv("UNDERSTUDY_EPOCH"))));
    var self = new BeatingCopy(new FileOutputStream(file(arguments[0]).toFile(), true), first);
    var pace = Long.parseLong(arguments[1]) * NANOS_PER_MILLI;
    Thread.ofPlatform().name("beat").start(() -> self.beat(pace));
    var api = LocalApi.ofThisProcess().orElseThrow();
    api.ready();
    Thread.ofPlatform().name("heartbeat").daemon().start(() -> heartbeat(api));
    api.followStatus(self::become);
  }

  /** Named after whom it is of, which makes it a file of this process alone. */
  private static Path file(String folder) {
    return Path.of(
        folder,
        "%s.%s.%s.%d"
            .formatted(
                System.getenv("UNDERSTUDY_MODULE"),
                System.getenv("UNDERSTUDY_COPY"),
                System.getenv("UNDERSTUDY_HOST"),
                ProcessHandle.current().pid()));
  }

  private void become(Standing next) {
    standing = next;
    write();
  }

  private void beat(long pace) {
    while (true) {
      write();
      LockSupport.parkNanos(pace);
    }
  }

  /** The clock is read and the line written in one go, so that lines are in the clock's order. */
  private synchronized void write() {
    var now = standing;
    var line =
        "%d %s %s %d\n".formatted(System.nanoTime(), copy, now.status(), now.epoch().value());
    try {
      file.write(line.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void heartbeat(LocalApi api) {
    while (true) {
      try {
        api.heartbeat();
      } catch (IOException e) {
        System.err.println("heartbeat: " + e.getMessage());
      }
      LockSupport.parkNanos(HEARTBEAT_NANOS);
    }
  }
}
