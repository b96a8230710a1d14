package io.understudy.launcher;

import io.understudy.watchdog.Guard;
import io.understudy.watchdog.OnPath;
import io.understudy.watchdog.ProcessId;
import io.understudy.watchdog.Ties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this JVM killed when it does not renew in time, by a process beside it and, where there is
 * one, by systemd, so that a JVM that is stopped or stuck does not leave behind copies which nobody
 * supervises. However the JVM dies, that process tells the SuperWatchDogs and kills the copies, as
 * each copy's own guard does a little later.
 */
final class JvmGuard implements AutoCloseable, Ties {
  private static final Logger LOG = LoggerFactory.getLogger(JvmGuard.class);
  private static final String SCRIPT = "jvm-guard.sh";

  private final ServiceManager systemd;
  private final Duration timeout;
  private final Optional<Process> guard;
  private final Semaphore news = new Semaphore(0);

  /** When the JVM is to be killed, on its own clock; taken by the thread that tells the guard. */
  private final AtomicReference<@Nullable Long> deadline = new AtomicReference<>();

  /** What the guard is yet to be told to say when this JVM is dead, and when all copies are. */
  private final AtomicReference<@Nullable String> lastWords = new AtomicReference<>();

  /** Of copies, what the guard is yet to be told. */
  private final Queue<String> changes = new ConcurrentLinkedQueue<>();

  /** What the deadline was set to last; empty before the first time. */
  private @Nullable Long until;

  private String lastWordsGiven = "";
  private volatile boolean closed;

  private JvmGuard(ServiceManager systemd, Duration timeout, Optional<Process> guard) {
    this.systemd = systemd;
    this.timeout = timeout;
    this.guard = guard;
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
    var line = new ArrayList<String>();
    line.add(setsid.get());
    // With it the guard hears that the JVM was killed before its pipe ends.
    OnPath.find("setpriv").ifPresent(it -> line.addAll(List.of(it, "--pdeathsig", "USR1", "--")));
    line.add(bash.get());
    // By the thread that speaks to it, because the kernel tells of the end of that one.
    var speaker =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("understudy-guard").factory());
    try {
      var self = ProcessHandle.current().pid();
      var spawned = speaker.submit(() -> spawn(line, self, alive(data)));
      var guarded = new JvmGuard(systemd, timeout, Optional.of(spawned.get()));
      speaker.execute(guarded::tellGuard);
      return guarded;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        return without(systemd, timeout, String.valueOf(cause.getMessage()));
      }
      throw new IllegalStateException("the guard of this JVM cannot be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return without(systemd, timeout, "its start was interrupted");
    } finally {
      speaker.shutdown();
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
  static Process spawn(List<String> shell, long pid, String alive) throws IOException {
    var line = new ArrayList<>(shell);
    line.addAll(List.of("-c", script(), "jvm-guard", "" + pid, alive));
    var builder =
        new ProcessBuilder(line)
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

  @Override
  public void tie(ProcessId id) {
    change("+" + told(id));
  }

  @Override
  public void untie(ProcessId id) {
    change("_" + told(id));
  }

  private static String told(ProcessId id) {
    return "%s%d:%d".formatted(id.leadsGroup() ? "-" : "", id.pid(), id.startTicks());
  }

  /** Each line says for how long the JVM lives, so this one says again what the last one said. */
  private synchronized void change(String what) {
    if (guard.isPresent()) {
      changes.add(what);
      if (until != null) {
        set(until);
      }
    }
  }

  private void set(long next) {
    if (guard.isPresent() && !closed) {
      until = next;
      deadline.set(next);
      news.release();
    }
  }

  /** What the guard is to say from now on when this JVM is dead, and when all copies are. */
  synchronized void lastWords(String words) {
    if (!words.equals(lastWordsGiven)) {
      lastWordsGiven = words;
      lastWords.set(words);
    }
  }

  /**
   * Apart from who renews, because a guard that does not read makes this block; it sends what is
   * left of the time, because this thread may have been held up itself.
   */
  private void tellGuard() {
    try (var pipe = guard.orElseThrow().getOutputStream()) {
      while (!closed) {
        news.acquire();
        var until = deadline.getAndSet(null);
        if (until != null) {
          var line = line(Duration.ofNanos(until - System.nanoTime()));
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

  private String line(Duration left) {
    var line = new StringBuilder().append(Math.max(1, left.toMillis()));
    for (var change = changes.poll(); change != null; change = changes.poll()) {
      line.append(' ').append(change);
    }
    var words = lastWords.getAndSet(null);
    return line.append(words == null ? "" : " " + words).append('\n').toString();
  }

  /** Ends the guard, not the JVM: what the node does from now on may take its time. */
  @Override
  public void close() {
    closed = true;
    guard.ifPresent(Process::destroyForcibly);
    news.release();
  }
}
