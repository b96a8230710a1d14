package io.understudy.bench;

import io.understudy.model.CopyStatus;
import io.understudy.module.LocalApi;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/**
 * A module's copy that follows its status, confirms it, and tells the benchmark when it did.
 *
 * <p>Run as {@code BenchCopy PIPE BEAT_MILLIS}; 0 sends no heartbeats.
 */
final class BenchCopy {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * What is measured is the WatchDog that tells a copy, not a JVM that does so for the first time.
   */
  private static final int REHEARSALS = 30;

  private final LocalApi api;
  private final FileOutputStream pipe;
  private final String copy = System.getenv("UNDERSTUDY_COPY");
  private final long pid = ProcessHandle.current().pid();
  private boolean ready;

  private BenchCopy(LocalApi api, FileOutputStream pipe) {
    this.api = api;
    this.pipe = pipe;
  }

  public static void main(String[] args) throws IOException {
    var api =
        LocalApi.ofThisProcess()
            .orElseThrow(() -> new BenchException("BenchCopy is started by a WatchDog"));
    try (var pipe = new FileOutputStream(args[0])) {
      var self = new BenchCopy(api, pipe);
      var beat = Long.parseLong(args[1]) * NANOS_PER_MILLI;
      if (beat > 0) {
        Thread.ofPlatform().daemon().name("beat").start(() -> self.beat(beat));
      }
      api.followStatus(self::take);
    }
  }

  private void beat(long pause) {
    while (true) {
      var at = System.nanoTime();
      try {
        api.heartbeat();
      } catch (IOException e) {
        return; // the WatchDog is gone, and this copy is about to be
      }
      say(Sighting.Event.BEAT, at, 0);
      LockSupport.parkNanos(pause);
    }
  }

  private void take(LocalApi.Standing standing) {
    var told = System.nanoTime();
    var epoch = standing.epoch().value();
    confirm(epoch);
    var confirmed = System.nanoTime();
    if (standing.status() == CopyStatus.PRIMARY) {
      say(Sighting.Event.TOLD, told, epoch);
      say(Sighting.Event.CONFIRMED, confirmed, epoch);
    }
    if (!ready) {
      ready = true;
      for (int i = 0; i < REHEARSALS; i++) {
        confirm(epoch);
      }
      sayReady();
    }
  }

  private void sayReady() {
    try {
      api.ready();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@link LocalApi#followStatus} does next anyway, here to see it acknowledged. */
  private static void confirm(long epoch) {
    try {
      var address = URI.create(System.getenv("UNDERSTUDY_API") + "/status").toURL();
      var connection = (HttpURLConnection) address.openConnection();
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Authorization", "Bearer " + System.getenv("UNDERSTUDY_TOKEN"));
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setDoOutput(true);
      var body = "{\"epoch\":%d}".formatted(epoch);
      connection.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
      connection.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void say(Sighting.Event event, long at, long epoch) {
    try {
      var line = new Sighting(event, copy, pid, at, epoch).line();
      pipe.write(line.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
