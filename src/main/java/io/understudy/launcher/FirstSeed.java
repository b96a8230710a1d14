package io.understudy.launcher;

import io.understudy.superwatchdog.Knock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first seed begins a cluster when there is none. That there is none it must know: cut off from
 * the others, it would begin a second one beside theirs, and both would manage (I5, resolution j).
 */
final class FirstSeed {
  private static final Logger LOG = LoggerFactory.getLogger(FirstSeed.class);
  static final Duration AGAIN = Duration.ofSeconds(1);

  private final String self;
  private final List<String> others;
  private final Surroundings around;
  private final Executor blocking;
  private Found last = new Found(List.of(), List.of());

  /** What a first seed finds around it. */
  interface Surroundings {
    /** Whether a node listens at such an address, host:port; may wait. */
    Knock.Answer ask(String address);

    /** Whether this node is a member of a cluster by now. */
    boolean joined();

    /** Asks these to be let in, and begins a cluster if they know of none either; none: begins. */
    void join(List<String> seeds);
  }

  private record Found(List<String> listening, List<String> silent) {}

  /**
   * Ready to ask.
   *
   * @param self its remoting address, host:port
   */
  FirstSeed(String self, List<String> seeds, Surroundings around, Executor blocking) {
    this.self = self;
    this.others = seeds.stream().filter(seed -> !seed.equals(self)).toList();
    this.around = around;
    this.blocking = blocking;
  }

  /** Asks all others, again and again while one of them is silent. */
  void begin() {
    blocking.execute(this::look);
  }

  private void look() {
    if (around.joined()) {
      return;
    }
    var found = find();
    if (found.silent().isEmpty()) {
      around.join(Stream.concat(Stream.of(self), found.listening().stream()).toList());
      return;
    }
    if (!found.equals(last)) {
      say(found.silent());
      if (!found.listening().isEmpty()) {
        around.join(found.listening()); // without itself, so that it cannot begin one
      }
    }
    last = found;
    CompletableFuture.delayedExecutor(AGAIN.toMillis(), TimeUnit.MILLISECONDS, blocking)
        .execute(this::look);
  }

  private Found find() {
    var silent = new ArrayList<String>();
    var listening = new ArrayList<String>();
    for (String other : others) {
      switch (around.ask(other)) {
        case SILENCE -> silent.add(other);
        case ACCEPTED -> listening.add(other);
        case REFUSED -> {} // no node there
      }
    }
    return new Found(List.copyOf(listening), List.copyOf(silent));
  }

  private void say(List<String> silent) {
    LOG.warn(
        "{} cannot tell whether a cluster runs without it: no answer from {}; it begins none,"
            + " because two would both start primaries. Should a seed be gone for good, take it out"
            + " of understudy.seeds and start again",
        self,
        String.join(", ", silent));
  }
}
