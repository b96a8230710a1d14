package io.understudy.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Signals to processes that are not children of the benchmark. */
final class Signals {
  private Signals() {}

  /** SIGKILL; the moment is the one just before. */
  static Moment kill(long pid) {
    var process =
        ProcessHandle.of(pid)
            .orElseThrow(() -> new BenchException("process %d has ended by itself".formatted(pid)));
    var moment = Moment.now();
    process.destroyForcibly();
    return moment;
  }

  /** SIGSTOP. */
  static void stop(long pid) {
    if (sendStop(List.of(Long.toString(pid))) != 0) {
      throw new BenchException("process %d could not be stopped".formatted(pid));
    }
  }

  /** SIGSTOP to all of them at once; one that has just ended by itself needs none. */
  static void stop(List<ProcessHandle> processes) {
    var unused = sendStop(processes.stream().map(it -> Long.toString(it.pid())).toList());
  }

  private static int sendStop(List<String> pids) {
    var command = new ArrayList<>(List.of("kill", "-STOP", "--"));
    command.addAll(pids);
    try {
      return new ProcessBuilder(command).start().waitFor();
    } catch (IOException e) {
      throw new BenchException("kill: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new BenchException("interrupted", e);
    }
  }
}
