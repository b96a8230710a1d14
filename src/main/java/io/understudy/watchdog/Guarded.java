package io.understudy.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A guard that runs, and the process it guards. */
final class Guarded {
  private static final long DYING_MILLIS = 100;
  private static final long RETRY_MILLIS = 100;
  private static final String UNDONE = "undone\n";
  private final Process guard;
  private final ProcessId id;
  private final Optional<Traces> traces;
  private volatile boolean ended;

  /**
   * Of use only while it runs.
   *
   * @param hold held open by who undoes what the copy did
   */
  record Traces(Path pidFile, Path hold) {}

  Guarded(Process guard, ProcessId id, Optional<Traces> traces) {
    this.guard = guard;
    this.id = id;
    this.traces = traces;
    // Should the foreground half be killed, the other half ends the copy.
    var unused = guard.onExit().thenRun(this::end);
  }

  ProcessId id() {
    return id;
  }

  boolean watching() {
    return guard.isAlive();
  }

  /** Sends a signal to the whole group, or lets go of an adopted process. */
  void send(String word) {
    try {
      var pipe = guard.getOutputStream();
      pipe.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
      pipe.flush();
    } catch (IOException broken) {
      // Nobody watches the pipe: the guard is gone, and with it the copy.
    }
  }

  /** Kills the whole group. */
  void end() {
    ended = true;
    try {
      guard.getOutputStream().close();
    } catch (IOException broken) {
      // As above.
    }
  }

  /** How a guarded process ended; {@code guardKilled} when it had to follow its guard. */
  record Exit(int code, boolean guardKilled) {}

  /** Waits until guard and process are dead. */
  Exit await() throws IOException, InterruptedException {
    drain(guard.getInputStream());
    // Nobody ended it, so its guard was not meant to let go of a living process.
    var orphaned = !ended && id.alive();
    if (!orphaned) {
      var unused = guard.waitFor(DYING_MILLIS, TimeUnit.MILLISECONDS); // it sees its copy die
    }
    if (id.alive()) {
      killGroup(); // whether it was to end or not, no half of its guard is left to see to that
    }
    awaitUndone();
    var code = guard.waitFor();
    while (id.alive()) { // killed, but the kernel has not finished yet, and does not tell when
      Thread.sleep(1);
    }
    return new Exit(code, orphaned);
  }

  /** Removes what is of use only while it runs. */
  void forget() throws IOException {
    if (traces.isPresent()) {
      Files.deleteIfExists(traces.get().pidFile());
      Files.deleteIfExists(traces.get().hold());
    }
  }

  private static void drain(InputStream stream) throws IOException {
    while (stream.read() >= 0) {
      // says nothing; only its end counts
    }
  }

  /** A guard that was killed has not waited for what is undone, or left no word that it has. */
  private void awaitUndone() throws InterruptedException {
    while (traces.isPresent() && leftAlone(traces.get()) && !undone(traces.get())) {
      Thread.sleep(RETRY_MILLIS); // this node has run out of something, which says nothing of that
    }
  }

  private static boolean leftAlone(Traces traces) {
    try {
      return Files.exists(traces.pidFile()) && !Files.readString(traces.pidFile()).equals(UNDONE);
    } catch (IOException e) {
      return true;
    }
  }

  private static boolean undone(Traces traces) throws InterruptedException {
    try {
      return Guard.awaitLetGo(traces.hold()).waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void killGroup() throws InterruptedException {
    var target = (id.leadsGroup() ? "-" : "") + id.pid();
    try {
      new ProcessBuilder("kill", "-KILL", "--", target).start().waitFor();
    } catch (IOException e) {
      // This node has run out of something, and its copy must not live on for that (I5).
      ProcessHandle.of(id.pid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }
}
