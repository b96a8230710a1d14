package io.understudy.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Server;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class LargeStateTest {
  private static final long MIB = 1 << 20;
  private static final long PATIENCE_MINUTES = 15;

  @TempDir Path folder;

  /** 1 GiB takes minutes: -Dunderstudy.state-mib=1024. */
  @Test
  @DisplayName("[20] a state of three times the heap => stored and restored in 48 MiB")
  void storesAndRestoresInASmallHeap() throws Exception {
    var bytes = Long.getLong("understudy.state-mib", 160) * MIB;
    var server =
        Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", folder.toString())
            .start();
    try {
      var program = java(server.getPort(), bytes);
      var ended = program.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
      program.destroyForcibly();
      assertThat(ended).isTrue();
      assertThat(program.exitValue()).isZero();
    } finally {
      server.stop();
    }
  }

  private Process java(int port, long bytes) throws Exception {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx48m",
            "-cp",
            System.getProperty("java.class.path"),
            LargeState.class.getName(),
            "jdbc:h2:tcp://127.0.0.1:%d/./journal".formatted(port),
            folder.toString(),
            Long.toString(bytes))
        .inheritIO()
        .start();
  }
}
