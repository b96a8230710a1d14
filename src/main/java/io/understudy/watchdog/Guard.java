package io.understudy.watchdog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and adopts processes so that none outlives this JVM; guard.sh says how. */
public final class Guard {
  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

  private static final long PATIENCE_SECONDS = 5;
  private static final long RETRY_MILLIS = 100;

  private static final String AWAIT_END =
      "exec 8<>\"$1\" 9<\"$1\" 8>&-; while read -r word <&9; do :; done";

  private final Path folder;
  private final List<String> shell;
  private final Optional<String> setsid = OnPath.find("setsid");
  private final List<String> tie;
  private final AtomicReference<@Nullable Waiting> spare = new AtomicReference<>();
  private boolean closed;

  /**
   * A guard without a copy yet; the pid file is its own, so that it cannot kill a later run.
   *
   * @param said its standard error; not closed, since a guard that writes to a closed pipe would
   *     die
   */
  private record Waiting(Process guard, Path pipe, Path pidFile, BufferedReader said) {
    /** What undoes something for a copy that has died holds it, see guard.sh. */
    Path hold() {
      return Path.of(pipe + ".hold");
    }

    /**
     * Ends it by the end of its standard input, and kills it only if that does not help: a mkfifo
     * whose guard is killed just then still makes its pipes, after they were removed here.
     */
    void dismiss() {
      try {
        guard.getOutputStream().close();
        if (!guard.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          guard.destroyForcibly().waitFor();
        }
        for (var file : List.of(pipe, hold(), pidFile)) {
          Files.deleteIfExists(file);
        }
      } catch (InterruptedException e) {
        guard.destroyForcibly();
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        LOG.warn("{} is left behind and can be removed: {}", pipe, "" + e);
      }
    }
  }

  /**
   * The pipe that the guards hold while their copies live, for who is to know when all are dead.
   */
  public static Path alive(Path data) {
    return data.resolve("alive");
  }

  /** A process that ends, with 0, when nobody has the pipe open for writing any more. */
  static Process awaitLetGo(Path pipe) throws IOException {
    return new ProcessBuilder("sh", "-c", AWAIT_END, "await", pipe.toString()).start();
  }

  /**
   * Waits until nothing is left of what an earlier node on this folder had started, what it was
   * undoing included, and no longer than that; says whether it came so far.
   */
  public static boolean awaitEarlier(Path data, Duration patience)
      throws IOException, InterruptedException {
    if (!Files.exists(alive(data))) {
      return true;
    }
    var end = System.nanoTime() + patience.toNanos();
    var ended = isLetGo(alive(data), patience);
    // One that ends with an error says nothing: this host has run out of something.
    for (var left = end - System.nanoTime(); !ended && left > 0; left = end - System.nanoTime()) {
      Thread.sleep(Math.min(RETRY_MILLIS, 1 + Duration.ofNanos(left).toMillis()));
      ended = isLetGo(alive(data), Duration.ofNanos(end - System.nanoTime()));
    }
    return ended;
  }

  private static boolean isLetGo(Path pipe, Duration patience)
      throws IOException, InterruptedException {
    var waiting = awaitLetGo(pipe);
    try {
      return waiting.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)
          && waiting.exitValue() == 0;
    } finally {
      waiting.destroyForcibly();
    }
  }

  /** Writes the script into the folder; throws {@link UncheckedIOException} if it cannot. */
  Guard(String sh, Path folder) {
    this.folder = folder;
    var script = folder.resolve("guard.sh");
    try (var source = Guard.class.getResourceAsStream("guard.sh")) {
      Files.createDirectories(folder);
      // Never rewritten in place: guards that run are still reading the old file.
      var fresh = Files.createTempFile(folder, "guard", ".sh");
      Files.write(fresh, source == null ? new byte[0] : source.readAllBytes());
      Files.move(fresh, script, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be written: make understudy.watchdog.data a folder this node may write to"
              .formatted(script),
          e);
    }
    shell = List.of(sh, script.toString());
    // Should the guard itself be killed together with the JVM, the kernel still kills the copy.
    tie =
        OnPath.find("setpriv")
            .map(path -> List.of(path, "--pdeathsig", "KILL", "--"))
            .orElse(List.of());
  }

  /** Starts a copy in a process group of its own; returns once its pid is known. */
  Guarded start(List<String> command, CopyFolder folder, Map<String, String> environment)
      throws IOException {
    var plan = new GuardPlan(folder, command, environment).write();
    try {
      return start(plan, idle());
    } finally {
      Files.deleteIfExists(plan);
    }
  }

  private static Guarded start(Path plan, Waiting waiting) throws IOException {
    try {
      tellToHold(waiting.guard());
      awaitHold(waiting.guard(), waiting.said());
      tell(waiting.guard(), plan.toString());
      var pid = readPid(waiting);
      return new Guarded(
          waiting.guard(),
          ProcessId.leader(pid),
          Optional.of(new Guarded.Traces(waiting.pidFile(), waiting.hold())));
    } catch (IOException e) {
      waiting.dismiss();
      throw e;
    }
  }

  private static void tellToHold(Process guard) {
    try {
      tell(guard, "HOLD");
    } catch (IOException e) {
      // It has ended, and has said why.
    }
  }

  /**
   * Has a guard wait for the next copy, if any is to come: to start one takes longer than what it
   * then does.
   */
  synchronized void prepare() {
    try {
      if (!closed && spare.get() == null && setsid.isPresent()) {
        dismiss(spare.getAndSet(newGuard()));
      }
    } catch (IOException e) {
      // The next copy starts its own guard then, and says why if it cannot.
    }
  }

  /** Ends the guard that waits. None is prepared any more, and nothing of it is in the folder. */
  synchronized void close() {
    closed = true;
    dismiss(spare.getAndSet(null));
  }

  private static void dismiss(@Nullable Waiting waiting) {
    if (waiting != null) {
      waiting.dismiss();
    }
  }

  private Waiting idle() throws IOException {
    var waiting = spare.getAndSet(null);
    return waiting != null && waiting.guard().isAlive() ? waiting : newGuard();
  }

  private Waiting newGuard() throws IOException {
    var pipe = folder.resolve("guard-" + UUID.randomUUID());
    var pidFile = Path.of(pipe + ".pid");
    var line = new ArrayList<>(shell);
    line.addAll(List.of("start", held(), pipe.toString(), pidFile.toString()));
    line.add(
        setsid.orElseThrow(
            () -> new CannotStart("setsid is not on the PATH: install util-linux on this host")));
    line.addAll(tie);
    line.addAll(shell);
    line.addAll(List.of("copy", pidFile.toString(), held()));
    var builder = new ProcessBuilder(line);
    clean(builder.environment());
    var guard = builder.start();
    return new Waiting(guard, pipe, pidFile, said(guard));
  }

  /** A node that nobody guards has nobody who asks. */
  private String held() {
    var alive = alive(folder);
    return (Files.exists(alive) ? alive : Path.of("/dev/null")).toString();
  }

  private static BufferedReader said(Process guard) {
    return new BufferedReader(
        new InputStreamReader(guard.getErrorStream(), StandardCharsets.US_ASCII), 64);
  }

  /** Before that nobody would know of its copy. */
  private static void awaitHold(Process guard, BufferedReader said) throws IOException {
    var line = said.readLine();
    if (!"held".equals(line)) {
      guard.destroyForcibly();
      throw new IOException("the guard did not begin, it said: " + line);
    }
  }

  private static void tell(Process guard, String line) throws IOException {
    var pipe = guard.getOutputStream();
    pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    pipe.flush();
  }

  /** Watches over a process that runs already. */
  Guarded adopt(ProcessId id) throws IOException {
    var line = new ArrayList<>(shell);
    var target = (id.leadsGroup() ? "-" : "") + id.pid();
    line.addAll(List.of("adopt", held(), "" + id.pid(), "" + id.startTicks(), target));
    var guard = new ProcessBuilder(line).start();
    awaitHold(guard, said(guard));
    return new Guarded(guard, id, Optional.empty());
  }

  /** Removes what is this node's own, and not for a process that it starts to see. */
  public static void clean(Map<String, String> environment) {
    environment
        .keySet()
        .removeIf(
            name ->
                name.startsWith("UNDERSTUDY_")
                    || List.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID").contains(name));
  }

  private static long readPid(Waiting waiting) throws IOException {
    var line = waiting.said().readLine();
    if (line == null || !line.chars().allMatch(Character::isDigit)) {
      waiting.guard().destroyForcibly();
      throw new IOException("the guard did not start a process, it said: " + line);
    }
    return Long.parseLong(line);
  }
}
