package io.understudy.launcher;

import io.understudy.watchdog.Guard;
import io.understudy.watchdog.OnPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this JVM killed when it does not renew in time, by a process beside it and, where there is
 * one, by systemd. Each copy's own guard then ends the copy, so that a JVM that is stopped or stuck
 * does not leave behind copies which nobody supervises.
 */
final class JvmGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JvmGuard.class);
  private static final String SCRIPT = "jvm-guard.sh";

  private final ServiceManager systemd;
  private final Duration timeout;
  private final Optional<Process> guard;
  private final Thread speaker;

  /** When the JVM is to be killed, on its own clock; taken by the thread that tells the guard. */
  private final AtomicReference<@Nullable Long> deadline = new AtomicReference<>();

  /** What the guard is yet to be told to say when this JVM and all copies are dead. */
  private final AtomicReference<@Nullable String> lastWord = new AtomicReference<>();

  /** What the deadline was set to last; empty before the first time. */
  private @Nullable Long until;

  private String lastWordGiven = "";
  private volatile boolean closed;

  private JvmGuard(ServiceManager systemd, Duration timeout, Optional<Process> guard) {
    this.systemd = systemd;
    this.timeout = timeout;
    this.guard = guard;
    this.speaker = Thread.ofPlatform().daemon().name("understudy-guard").unstarted(this::tellGuard);
  }

  /** Kills nobody: of a node that shares its JVM, or is not to be guarded. */
  static JvmGuard none(ServiceManager systemd, Duration timeout) {
    return new JvmGuard(systemd, timeout, Optional.empty());
  }

  /**
   * Starts the guard of this JVM. A host without bash or setsid does without, and says so.
   *
   * @param timeout how long is waited for {@link #renew()}
   * @param data the node's folder, in which it looks when all copies are dead
   */
  static JvmGuard start(ServiceManager systemd, Duration timeout, Path data) {
    var setsid = OnPath.find("setsid");
    var bash = OnPath.find("bash");
    if (setsid.isEmpty() || bash.isEmpty()) {
      return without(systemd, timeout, "bash and setsid are not both on the PATH");
    }
    try {
      var guarded =
          new JvmGuard(
              systemd,
              timeout,
              Optional.of(
                  spawn(setsid.get(), bash.get(), ProcessHandle.current().pid(), alive(data))));
      guarded.speaker.start();
      return guarded;
    } catch (IOException e) {
      return without(systemd, timeout, String.valueOf(e.getMessage()));
    }
  }

  private static JvmGuard without(ServiceManager systemd, Duration timeout, String why) {
    LOG.warn(
        "this node runs unguarded, should its JVM hang its copies run on: {}; install bash and"
            + " util-linux, or set understudy.guard.enabled = false",
        why);
    return none(systemd, timeout);
  }

  /** A new pipe, since what an earlier node left may still hold the old one. */
  private static String alive(Path data) throws IOException {
    var pipe = Guard.alive(data);
    Files.createDirectories(data);
    Files.deleteIfExists(pipe);
    try {
      var made = new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor();
      return made == 0 ? pipe.toString() : "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /**
   * Starts the guard of a process.
   *
   * @param alive the pipe that says whether copies are left, or an empty text
   */
  static Process spawn(String setsid, String bash, long pid, String alive) throws IOException {
    var builder =
        new ProcessBuilder(List.of(setsid, bash, "-c", script(), "jvm-guard", "" + pid, alive))
            .directory(Path.of("/").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Guard.clean(builder.environment());
    return builder.start();
  }

  private static String script() {
    try (var source = JvmGuard.class.getResourceAsStream(SCRIPT)) {
      if (source == null) {
        throw new IllegalStateException(SCRIPT + " is not on the class path");
      }
      return new String(source.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has this called, with the reason, when the guard ends although the node did not end it. */
  void whenLost(Consumer<String> lost) {
    var unused = guard.map(it -> it.onExit().thenAccept(gone -> ended(gone, lost)));
  }

  private void ended(Process gone, Consumer<String> lost) {
    if (!closed) {
      lost.accept(
          "the guard of this node's JVM, process %d, ended with code %d: start the node again"
              .formatted(gone.pid(), gone.exitValue()));
    }
  }

  /** The guard's pid; empty when this node runs unguarded. */
  Optional<Long> pid() {
    return guard.map(Process::pid);
  }

  /** As {@link #renew(Duration)}, for where no lease sets the time: understudy.guard.timeout. */
  void renew() {
    renew(timeout);
  }

  /**
   * Lives until so long from now, whatever was said before. The JVM is watched from the first call
   * on. Never blocks.
   */
  synchronized void renew(Duration within) {
    systemd.alive();
    set(System.nanoTime() + within.toNanos());
  }

  /** Lives until so long from now, unless it lives longer anyway. Never blocks. */
  synchronized void extend(Duration within) {
    var longer = System.nanoTime() + within.toNanos();
    if (until != null && longer - until > 0) {
      set(longer);
    }
  }

  private void set(long next) {
    if (guard.isPresent() && !closed) {
      until = next;
      deadline.set(next);
      LockSupport.unpark(speaker);
    }
  }

  /** What the guard is to say from now on when this JVM and all copies are dead. */
  void lastWord(String word) {
    if (!word.equals(lastWordGiven)) {
      lastWordGiven = word;
      lastWord.set(word);
    }
  }

  /**
   * Apart from who renews, because a guard that does not read makes this block; it sends what is
   * left of the time, because this thread may have been held up itself.
   */
  private void tellGuard() {
    try (var pipe = guard.orElseThrow().getOutputStream()) {
      while (!closed) {
        var until = deadline.getAndSet(null);
        if (until == null) {
          LockSupport.park(this);
        } else {
          var word = lastWord.getAndSet(null);
          var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
          var line = "%d%s\n".formatted(Math.max(1, left), word == null ? "" : " " + word);
          pipe.write(line.getBytes(StandardCharsets.US_ASCII));
          pipe.flush();
        }
      }
      guard.orElseThrow().waitFor(); // to close the pipe before that would be to say "dead"
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } catch (IOException broken) {
      // The guard is gone, and its end has been heard.
    }
  }

  /** Ends the guard, not the JVM: what the node does from now on may take its time. */
  @Override
  public void close() {
    closed = true;
    guard.ifPresent(Process::destroyForcibly);
    LockSupport.unpark(speaker);
  }
}
