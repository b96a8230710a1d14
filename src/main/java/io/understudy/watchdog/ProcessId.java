package io.understudy.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process of this host beyond doubt: a pid alone may be another process's by now.
 *
 * @param startTicks when it started, in clock ticks since boot
 * @param leadsGroup whether signals can be sent to its whole group
 */
record ProcessId(long pid, long startTicks, boolean leadsGroup) {
  /** Fields of /proc/PID/stat that follow the command's name, counted from 0. */
  private static final int STATE = 0;

  private static final int GROUP = 2;
  private static final int START = 19;

  /** The living process with this pid; a zombie does not live. */
  static Optional<ProcessId> of(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      var dead = "ZX".contains(fields[STATE]);
      return dead
          ? Optional.empty()
          : Optional.of(
              new ProcessId(
                  pid, Long.parseLong(fields[START]), Long.parseLong(fields[GROUP]) == pid));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** A process that has just been started, and leads a group or will at once. */
  static ProcessId leader(long pid) {
    var startTicks = of(pid).map(ProcessId::startTicks).orElse(-1L);
    return new ProcessId(pid, startTicks, true);
  }

  boolean alive() {
    return of(pid).filter(now -> now.startTicks == startTicks).isPresent();
  }
}
