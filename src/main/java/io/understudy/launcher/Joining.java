package io.understudy.launcher;

import io.understudy.manager.LastHosts;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node joins through seeds that are in touch with the majority of the SuperWatchDogs. The first
 * seed begins a cluster when there is none. That there is none it must know: cut off from the
 * others, it would begin a second one beside theirs, and both would manage (I5, resolution j).
 * Neither may a node join what is only left of a cluster: restarted managers would begin anew
 * there, beside those who went on without it. And since its seeds may not name all who run, who is
 * about to begin a cluster first asks those whom the table has for up.
 */
final class Joining {
  private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

  /** Until it looks again: nodes that start at one time find each other soon. */
  private static final Duration AGAIN = Duration.ofMillis(250);

  private static final Set<Seed> UNCLEAR = EnumSet.of(Seed.SILENT, Seed.MUTE, Seed.OUT_OF_TOUCH);

  /** So many looks take longer than one of two managers needs to go on alone. */
  private static final int DOUBTS = 14;

  /** Until it looks again after it has asked to be let in. */
  private static final Duration JOINING = Duration.ofSeconds(1);

  private final String self;
  private final List<String> others;
  private final boolean first;
  private final Surroundings around;
  private final Executor blocking;
  private Map<Seed, List<String>> last = Map.of();
  private int doubts;
  private String said = "";

  /** What a seed is found to be. */
  enum Seed {
    /** No node runs there. */
    ABSENT,
    /** No answer, which may mean anything. */
    SILENT,
    /** Somebody listens, and does not answer: it is stopped, or busy, or only just starts. */
    MUTE,
    /** A node that is in no cluster. */
    NO_MEMBER,
    /** A member through which nodes may join. */
    ADMITS,
    /** A member that is out of touch with the majority of the SuperWatchDogs. */
    OUT_OF_TOUCH
  }

  /** What a node finds around it. */
  interface Surroundings {
    /** What is at such an address, host:port; may wait. */
    Seed ask(String address);

    /**
     * Where hosts ran by the table in its journal, if others may use that too; fails when it cannot
     * be read; may wait.
     */
    LastHosts last() throws IOException;

    /** Whether this node is a member of a cluster by now, or is not to be any more. */
    boolean joined();

    /**
     * Asks these to be let in; the first, if it is this node, begins a cluster if none knows any.
     */
    void join(List<String> seeds);
  }

  /**
   * Ready to ask.
   *
   * @param self its remoting address, host:port
   */
  Joining(String self, List<String> seeds, Surroundings around, Executor blocking) {
    this.self = self;
    this.others = seeds.stream().filter(seed -> !seed.equals(self)).toList();
    this.first = seeds.getFirst().equals(self);
    this.around = around;
    this.blocking = blocking;
  }

  /** Asks all others, again and again until it is let in. */
  void begin() {
    blocking.execute(this::look);
  }

  private void look() {
    if (around.joined()) {
      return;
    }
    var found = ask(others);
    var through = through(found);
    if (!through.isEmpty()) {
      around.join(through);
    } else if (!found.equals(last)) {
      say(found);
    }
    last = found;
    var pause = through.isEmpty() ? AGAIN : JOINING;
    CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, blocking)
        .execute(this::look);
  }

  /** Whom to ask to be let in; nobody as long as that might make a second cluster. */
  private List<String> through(Map<Seed, List<String>> found) {
    if (found.containsKey(Seed.ADMITS)) {
      return seeds(found, Seed.ADMITS); // without itself, so that it cannot begin one
    }
    var none = UNCLEAR.stream().noneMatch(found::containsKey);
    return first && none ? beginning(seeds(found, Seed.NO_MEMBER)) : List.of();
  }

  private List<String> beginning(List<String> starting) {
    try {
      return beginning(starting, around.last());
    } catch (IOException e) {
      sayOnce("it cannot read who ran on its journal last: " + e.getMessage());
      return List.of();
    }
  }

  /**
   * Doubts keep it only for a while. Who is silent was perhaps lost for good, and stays up in a
   * table that nobody has managed since. Who is out of touch may be about to go on alone, or is a
   * worker whose only manager was this node.
   */
  private List<String> beginning(List<String> starting, LastHosts last) {
    var found = ask(last.up().stream().filter(it -> !it.equals(self)).toList());
    var running = seeds(found, Seed.ADMITS);
    var mute = seeds(found, Seed.MUTE);
    var doubtful = found.containsKey(Seed.SILENT) || found.containsKey(Seed.OUT_OF_TOUCH);
    if (!running.isEmpty()) {
      doubts = 0;
      return joining(running, last.known().contains(self));
    }
    if (!mute.isEmpty()) {
      sayOnce("%s listens, and does not answer".formatted(String.join(", ", mute)));
      return List.of();
    }
    return doubtful && ++doubts < DOUBTS
        ? List.of()
        : Stream.concat(Stream.of(self), starting.stream()).toList();
  }

  /** Who is not in the table has perhaps a copy of others' journal, and no business with them. */
  private List<String> joining(List<String> running, boolean isKnown) {
    sayOnce(
        "by the table of its journal one runs already, with %s; name its manager nodes in"
                .formatted(String.join(", ", running))
            + " understudy.seeds, in the same order on every node, or give this one a journal of"
            + " its own");
    return isKnown ? running : List.of();
  }

  private void sayOnce(String why) {
    if (!said.equals(why)) {
      said = why;
      LOG.warn("{} begins no cluster: {}", self, why);
    }
  }

  private static List<String> seeds(Map<Seed, List<String>> found, Seed what) {
    return found.getOrDefault(what, List.of());
  }

  /** All at one time: each that is silent takes its time. */
  private Map<Seed, List<String>> ask(List<String> those) {
    var asked =
        those.stream()
            .map(
                it ->
                    CompletableFuture.supplyAsync(() -> around.ask(it), Thread::startVirtualThread))
            .toList();
    var found = new EnumMap<Seed, List<String>>(Seed.class);
    for (int i = 0; i < those.size(); i++) {
      found.merge(
          asked.get(i).join(),
          List.of(those.get(i)),
          (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
    }
    return found;
  }

  private void say(Map<Seed, List<String>> found) {
    var silent =
        Stream.of(Seed.SILENT, Seed.MUTE).flatMap(it -> seeds(found, it).stream()).toList();
    if (first && !silent.isEmpty()) {
      LOG.warn(
          "{} cannot tell whether a cluster runs without it: no answer from {}; it begins none,"
              + " because two would both start primaries. Should a seed be gone for good, take it"
              + " out of understudy.seeds and start again",
          self,
          String.join(", ", silent));
    }
    if (found.containsKey(Seed.OUT_OF_TOUCH)) {
      LOG.warn(
          "{} waits until {} is in touch with the majority of the manager nodes, or has ended: what"
              + " runs there may be only the rest of a cluster that went on without it",
          self,
          String.join(", ", seeds(found, Seed.OUT_OF_TOUCH)));
    }
  }
}
