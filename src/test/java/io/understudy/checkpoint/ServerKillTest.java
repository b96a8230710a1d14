package io.understudy.checkpoint;

import static io.understudy.checkpoint.CheckpointsSuite.at;
import static io.understudy.checkpoint.CheckpointsSuite.epoch;
import static io.understudy.checkpoint.CheckpointsSuite.get;
import static io.understudy.checkpoint.CheckpointsSuite.updates;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.checkpoint.Outcome.Done;
import io.understudy.model.ModuleId;
import io.understudy.state.Update;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledged means durable (I7): the Checkpoint Server's process is killed at random moments. */
@Tag("slow")
class ServerKillTest {
  private static final ModuleId A = new ModuleId("A");
  private static final int TIMES = Integer.getInteger("understudy.kills", 5);
  private static final int MOST_BEFORE_THE_KILL = 300;
  private static final int SNAPSHOT_EVERY = 50;

  private final ExecutorService blocking = Executors.newCachedThreadPool();

  @TempDir Path folder;

  private int port;
  private Process server;
  private Path snapshot;

  @BeforeEach
  void begin() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    snapshot = Files.write(folder.resolve("snapshot"), new byte[2 * Checkpoints.CHUNK_BYTES]);
    serve();
  }

  @AfterEach
  void end() {
    server.destroyForcibly();
    blocking.shutdown();
  }

  private void serve() throws IOException {
    server =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.h2.tools.Server",
                "-tcp",
                "-tcpPort",
                Integer.toString(port),
                "-ifNotExists",
                "-baseDir",
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile())
            .start();
  }

  private void kill() {
    blocking.execute(server::destroyForcibly);
  }

  @Test
  @DisplayName(
      "[25] kill -9 of the Checkpoint Server while it writes: nothing acknowledged is lost")
  void nothingAcknowledgedIsLost() throws Exception {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var url = "jdbc:h2:tcp://127.0.0.1:%d/./journal".formatted(port);
    try (var checkpoints = new Checkpoints(new JournalSettings(url, "sa", ""), blocking)) {
      var acknowledged = 0L;
      for (var time = 1; time <= TIMES; time++) {
        var killAt = acknowledged + 1 + random.nextInt(MOST_BEFORE_THE_KILL);
        var restored = restored(checkpoints, time);
        assertThat(restored.end().sequence())
            .as("with -Dunderstudy.seed=%d, kill %d", seed, time)
            .isGreaterThanOrEqualTo(acknowledged);
        assertThat(restored.tail().stream().map(Update::sequence)).doesNotHaveDuplicates();
        acknowledged = write(checkpoints, time, restored.end().sequence(), killAt);
        assertThat(server.waitFor(1, TimeUnit.MINUTES)).isTrue();
        serve();
      }
      assertThat(restored(checkpoints, TIMES + 1).end().sequence())
          .isGreaterThanOrEqualTo(acknowledged);
    }
  }

  private Restored restored(Checkpoints checkpoints, int time) {
    return Await.until(
        () -> {
          var outcome = get(checkpoints.load(A, epoch(time), folder.resolve("in"), bytes -> {}));
          assertThat(outcome).isInstanceOf(Done.class);
          return ((Done<Restored>) outcome).value();
        });
  }

  /** Writes until the server is gone; the last sequence that was acknowledged. */
  private long write(Checkpoints checkpoints, int time, long end, long killAt) throws Exception {
    var acknowledged = end;
    while (true) {
      var next = acknowledged + 1;
      if (next == Math.max(killAt, end + 1)) {
        kill();
      }
      var stored = get(checkpoints.append(A, epoch(time), updates(time, next, next)));
      if (!(stored instanceof Done)) {
        return acknowledged;
      }
      acknowledged = next;
      if (next % SNAPSHOT_EVERY == 0) { // not acknowledged to anybody, but it must not break things
        get(checkpoints.save(A, epoch(time), at(time, next), snapshot, bytes -> {}));
      }
    }
  }
}
