package io.understudy.bench;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A host whose processes are all stopped (SIGSTOP): nothing of it is closed and nothing answers, as
 * when its cable is pulled. They end with the benchmark, whatever happens.
 */
final class Silence implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final ProcessHandle jvm;
  private final Thread atExit = new Thread(this::kill, "end-silence");
  private final Set<ProcessHandle> stopped = new LinkedHashSet<>();

  private Silence(ProcessHandle jvm) {
    this.jvm = jvm;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Of the host of this JVM, when {@link #begin} is called. */
  static Silence of(long jvm) {
    return new Silence(
        ProcessHandle.of(jvm)
            .orElseThrow(
                () -> new BenchException("process %d has ended by itself".formatted(jvm))));
  }

  /** Stops the JVM, its guards and its copies; the moment is the one just before. */
  Moment begin() {
    var all = more();
    var moment = Moment.now();
    // What one of them started while they were counted is stopped as well.
    for (; !all.isEmpty(); all = more()) {
      stopped(all);
      Signals.stop(all);
    }
    return moment;
  }

  /** They are all descendants of the JVM, those included that have sessions of their own. */
  private List<ProcessHandle> more() {
    return Stream.concat(Stream.of(jvm), jvm.descendants())
        .filter(it -> !stopped.contains(it))
        .toList();
  }

  private synchronized void stopped(List<ProcessHandle> more) {
    stopped.addAll(more);
  }

  private synchronized void kill() {
    stopped.forEach(ProcessHandle::destroyForcibly);
  }

  /** Ends them all, and waits until they are gone. */
  @Override
  public void close() {
    kill();
    var unused =
        Until.seen(
            "the end of processes %s".formatted(stopped),
            PATIENCE,
            PAUSE,
            () ->
                Optional.of(stopped)
                    .filter(all -> all.stream().map(ProcessHandle::pid).noneMatch(Started::lives)));
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This JVM ends already.
    }
  }
}
