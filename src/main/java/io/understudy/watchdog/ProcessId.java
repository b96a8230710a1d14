package io.understudy.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process of this host beyond doubt: a pid alone may be another process's by now.
 *
 * @param startTicks when it started, in clock ticks since boot
 * @param leadsGroup whether signals can be sent to its whole group
 */
public record ProcessId(long pid, long startTicks, boolean leadsGroup) {
  /** Fields of /proc/PID/stat that follow the command's name, counted from 0. */
  private static final int STATE = 0;

  private static final int GROUP = 2;
  private static final int START = 19;

  /** The living process with this pid; a zombie does not live. */
  static Optional<ProcessId> of(long pid) {
    try {
      return read(pid, stat(pid));
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }

  private static Path stat(long pid) {
    return Path.of("/proc/" + pid + "/stat");
  }

  private static Optional<ProcessId> read(long pid, Path stat) throws IOException {
    try {
      var text = Files.readString(stat, StandardCharsets.ISO_8859_1);
      var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      var dead = "ZX".contains(fields[STATE]);
      return dead
          ? Optional.empty()
          : Optional.of(
              new ProcessId(
                  pid, Long.parseLong(fields[START]), Long.parseLong(fields[GROUP]) == pid));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return Optional.empty(); // it ended while it was looked at
      }
      throw e;
    }
  }

  /** A process that has just been started, and leads a group or will at once. */
  static ProcessId leader(long pid) {
    var startTicks = of(pid).map(ProcessId::startTicks).orElse(-1L);
    return new ProcessId(pid, startTicks, true);
  }

  boolean alive() {
    return alive(stat(pid));
  }

  /** Who cannot be looked at, as when no more files can be opened, is not dead for that (I5). */
  boolean alive(Path stat) {
    try {
      return read(pid, stat).filter(now -> now.startTicks == startTicks).isPresent();
    } catch (IOException unknown) {
      return true;
    }
  }
}
