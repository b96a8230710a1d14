package io.understudy.checkpoint;

import static io.understudy.checkpoint.CheckpointsSuite.A;
import static io.understudy.checkpoint.CheckpointsSuite.done;
import static io.understudy.checkpoint.CheckpointsSuite.epoch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.h2.tools.Server;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class StaleWriterTest {
  private static final int TIMES = 8;
  private static final int BEFORE_THE_PAUSE = 40;

  @TempDir Path folder;

  @Test
  @DisplayName(
      "[25] a writer is paused by SIGSTOP, its successor claims, it is resumed => its successor"
          + " need not wait, and it stores nothing more (I4)")
  void aPausedWriterStoresNothingMore() throws Exception {
    var server =
        Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", folder.toString())
            .start();
    var url = "jdbc:h2:tcp://127.0.0.1:%d/./journal".formatted(server.getPort());
    try (var blocking = Executors.newCachedThreadPool();
        var successor = new Checkpoints(new JournalSettings(url, "sa", ""), blocking)) {
      for (var time = 1; time <= TIMES; time++) {
        replace(url, successor, 2L * time - 1);
      }
    } finally {
      server.stop();
    }
  }

  /** One writer is replaced by the epoch that follows its own. */
  private void replace(String url, Checkpoints successor, long epoch) throws Exception {
    var writer = start(url, epoch);
    try (var out =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      var last = 0L;
      for (var i = 0; i < BEFORE_THE_PAUSE; i++) {
        last = Long.parseLong(out.readLine());
      }
      signal(writer, "STOP");
      // at once: a lock that the writer held would not be let go before it is resumed
      var end = done(successor.claim(A, epoch(epoch + 1))).end();
      signal(writer, "CONT");
      var told = out.lines().toList();
      assertThat(told).last().isEqualTo("stale " + (epoch + 1));
      var acknowledged =
          told.stream().limit(told.size() - 1L).map(Long::valueOf).reduce(last, Math::max);
      assertThat(acknowledged).isLessThanOrEqualTo(end.sequence());
      var restored =
          done(successor.load(A, epoch(epoch + 1), folder.resolve("restored"), bytes -> {}));
      assertThat(restored.end()).isEqualTo(end);
    } finally {
      writer.destroyForcibly();
    }
  }

  private static Process start(String url, long epoch) throws IOException {
    var java = ProcessHandle.current().info().command().orElse("java");
    var path = System.getProperty("java.class.path");
    return new ProcessBuilder(
            java, "-Xmx64m", "-cp", path, Writer.class.getName(), url, Long.toString(epoch))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void signal(Process process, String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
