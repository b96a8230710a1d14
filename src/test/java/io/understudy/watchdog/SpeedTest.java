package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.primary;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What restarting a process in place costs on this host, without any network. */
@Tag("slow")
class SpeedTest {
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 60;

  @TempDir Path folder;

  @Test
  @DisplayName("[38] from SIGKILL to reported, and from ordered to running, is a matter of ms")
  void restartInPlace() {
    try (var rig = new Rig(folder)) {
      var launch = launch(rig.script("a.sh", "exec sleep 1000"));
      rig.order(primary(1, launch));
      var pid = rig.seen(1, Seen.Running.class).pid();
      var exits = new double[ROUNDS];
      var starts = new double[ROUNDS];
      for (var round = -WARM_UP; round < ROUNDS; round++) {
        var run = round + WARM_UP + 1;
        LockSupport.parkNanos(200_000_000); // until the script has come to its sleep
        var killed = System.nanoTime();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        rig.seen(run, Seen.Failed.class);
        var reported = System.nanoTime();
        rig.order(primary(run + 1, launch));
        pid = rig.seen(run + 1, Seen.Running.class).pid();
        if (round >= 0) {
          exits[round] = (reported - killed) / 1e6;
          starts[round] = (System.nanoTime() - reported) / 1e6;
        }
      }
      var exit = Percentiles.of(exits);
      var start = Percentiles.of(starts);
      System.out.printf("SIGKILL to reported: %s; ordered to running: %s%n", exit, start);
      // A wide margin: this guards against a timer on the path, not against a busy machine.
      assertThat(exit.median() + start.median()).isLessThan(50);
    }
  }

  private record Percentiles(double median, double p99) {
    static Percentiles of(double[] values) {
      var sorted = values.clone();
      Arrays.sort(sorted);
      return new Percentiles(sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]);
    }

    @Override
    public String toString() {
      return "p50 %.2f ms, p99 %.2f ms".formatted(median, p99);
    }
  }
}
