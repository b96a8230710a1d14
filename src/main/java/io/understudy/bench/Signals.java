package io.understudy.bench;

import java.io.IOException;

/** Signals to copies, which are not children of the benchmark. */
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
    try {
      var done = new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
      if (done != 0) {
        throw new BenchException("process %d could not be stopped".formatted(pid));
      }
    } catch (IOException e) {
      throw new BenchException("kill: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new BenchException("interrupted", e);
    }
  }
}
