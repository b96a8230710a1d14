package io.understudy.launcher;

import static io.understudy.launcher.NodeProcesses.await;
import static io.understudy.launcher.NodeProcesses.sleeping;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Kills a node with process copies, again and again, and prints how long its copies outlive it.
 * {@code -Dunderstudy.kills=100} asks for more.
 */
@Tag("slow")
class KillTimesTest {
  private static final int KILLS = Integer.getInteger("understudy.kills", 5);
  private static final int COPIES = 4;

  @RegisterExtension private final NodeProcesses nodes = new NodeProcesses();

  @Test
  @DisplayName("[k] the node is killed -9, again and again: no copy outlives it")
  void again() throws Exception {
    var micros = new ArrayList<Long>();
    for (int kill = 0; kill < KILLS; kill++) {
      micros.add(killed());
    }

    micros.sort(null);
    System.out.printf(
        Locale.ROOT,
        "kill -9 of a node to the death of the last of its %d copies, %d kills:"
            + " p50 %.1f, p99 %.1f, max %.1f ms%n",
        COPIES,
        KILLS,
        at(micros, 50),
        at(micros, 99),
        micros.getLast() / 1000.0);
  }

  private static double at(List<Long> sorted, int percent) {
    return sorted.get((sorted.size() - 1) * percent / 100) / 1000.0;
  }

  private long killed() throws Exception {
    var modules =
        IntStream.range(0, COPIES)
            .mapToObj(
                n ->
                    ("{ module = S%d, style = cold, copies = [ { host = H1, location = /bin/sleep,"
                            + " arguments = [\"3600\"] } ] }")
                        .formatted(n))
            .collect(Collectors.joining(", ", "[", "]"));
    var settings =
        Files.writeString(nodes.folder().resolve("node.conf"), "understudy.modules = " + modules);
    var node = nodes.node("H1", "127.0.50.1", "--config", settings.toString());
    await(() -> sleeping(node).count() == COPIES, node);
    var copies = sleeping(node).map(ProcessHandle::pid).toList();
    var from = System.nanoTime();
    node.process().destroyForcibly();
    while (copies.stream().anyMatch(KillTimesTest::lives)) {
      assertThat(System.nanoTime() - from).as("nanoseconds").isLessThan(Await.LONG.toNanos());
      LockSupport.parkNanos(100_000);
    }
    var took = (System.nanoTime() - from) / 1000;
    assertThat(node.exitCode()).isEqualTo(128 + 9);
    return took;
  }

  /** A zombie is dead; its parent has not looked yet. */
  private static boolean lives(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException gone) {
      return false;
    }
  }
}
