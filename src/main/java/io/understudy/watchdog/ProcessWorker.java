package io.understudy.watchdog;

import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.Update;
import io.understudy.watchdog.StateCopyProtocol.Beginning;
import io.understudy.watchdog.StateCopyProtocol.Feed;
import io.understudy.watchdog.StateCopyProtocol.Put;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A module that is a process: it takes its updates from a feed, and its snapshots from files. What
 * came after the last snapshot is kept for a feed that begins anew.
 */
final class ProcessWorker implements Worker {
  private static final Duration SNAPSHOT_WITHIN = Duration.ofSeconds(60);
  private static final String REPLACED =
      "another state takes the place of this one: get the checkpoint, and subscribe after it";

  private final SnapshotFiles files;
  private final BiConsumer<Long, Capturing> captured;
  private final Consumer<String> failed;
  private final Consumer<Standing> became;
  private final ArrayDeque<Update> kept = new ArrayDeque<>();
  private final List<ActorRef<Beginning>> asking = new ArrayList<>();
  private Position base = Position.NONE;
  private long last;
  private boolean known;
  private boolean replaced; // and the process has not asked since with what it begins anew
  private boolean unfed; // since then
  private long histories; // so many took the place of another one
  private long puts;
  private @Nullable Feed feed;
  private Optional<Wanted> wanted = Optional.empty();

  private record Wanted(long number, long sequence, long since) {}

  /** It takes as much room as the state, until it is in its snapshot. */
  record Uploaded(Path file) implements Capturing {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      Files.copy(file, out);
    }

    @Override
    public void discard() throws IOException {
      Files.deleteIfExists(file);
    }
  }

  /**
   * A process that has not started yet.
   *
   * @param captured hears of a state that was captured, by its number
   * @param failed hears why one was not
   */
  ProcessWorker(
      SnapshotFiles files,
      BiConsumer<Long, Capturing> captured,
      Consumer<String> failed,
      Consumer<Standing> became) {
    this.files = files;
    this.captured = captured;
    this.failed = failed;
    this.became = became;
  }

  /** A process decides by itself: what it proposes is the update. */
  @Override
  public void ask(Output.Decide decide) {
    throw new IllegalStateException("a process module is not asked to decide");
  }

  @Override
  public void apply(List<Update> updates) {
    for (var update : updates) {
      kept.add(update);
      last = update.sequence();
    }
    if (feed != null) {
      feed.updates(updates);
    }
    nowKnown();
  }

  @Override
  public void install(Position at) {
    base = at;
    replaced = true;
    unfed = true;
    histories++;
    kept.clear();
    last = at.sequence();
    wanted = Optional.empty(); // it was of another history
    end(REPLACED);
    nowKnown();
  }

  private void nowKnown() {
    known = true;
    asking.forEach(this::begin);
    asking.clear();
  }

  private void begin(ActorRef<Beginning> replyTo) {
    replaced = false;
    replyTo.tell(
        base.equals(Position.NONE)
            ? new Beginning.Initial()
            : new Beginning.From(base.sequence(), files.of(base)));
  }

  void askSnapshot(ActorRef<Beginning> replyTo) {
    if (known) {
      begin(replyTo);
    } else {
      asking.add(replyTo);
    }
  }

  void subscribe(long after, Feed next) {
    end("another feed takes the place of this one");
    if (replaced && after > 0) {
      next.end(REPLACED); // what it has may be of the history that was replaced
      return;
    }
    if (after < base.sequence() || after > last) {
      next.end(
          "updates after %d are not kept here, but those after %d up to %d: get the checkpoint"
              .formatted(after, base.sequence(), last));
      return;
    }
    feed = next;
    unfed = false;
    var pause = wanted.map(Wanted::sequence).filter(sequence -> sequence >= after);
    next.updates(between(after, pause.orElse(last)));
    pause.ifPresent(
        sequence -> {
          next.wanted(sequence);
          next.updates(between(sequence, last));
        });
  }

  private List<Update> between(long after, long upTo) {
    return kept.stream()
        .filter(update -> update.sequence() > after && update.sequence() <= upTo)
        .toList();
  }

  void unsubscribe(Feed gone) {
    if (gone.equals(feed)) {
      feed = null;
    }
  }

  void end(String reason) {
    if (feed != null) {
      feed.end(reason);
      feed = null;
    }
  }

  @Override
  public void capture(long number) {
    wanted = Optional.of(new Wanted(number, last, System.nanoTime()));
    if (feed != null) {
      feed.wanted(last);
    }
  }

  /** Where the bytes for {@link #put} go. */
  Put place(long sequence) {
    return unwanted(sequence)
        .<Put>map(Put.Refused::new)
        .orElseGet(() -> new Put.Into(files.temporary("put-" + ++puts), histories));
  }

  private Optional<String> unwanted(long sequence) {
    if (unfed) {
      return Optional.of(REPLACED); // whatever it has is of another history
    }
    if (wanted.isEmpty()) {
      return Optional.of("no checkpoint is wanted now: wait until the stream of updates says so");
    }
    var due = wanted.get().sequence();
    return due == sequence
        ? Optional.empty()
        : Optional.of("the state after %d is wanted, not that after %d".formatted(due, sequence));
  }

  Put put(long sequence, Path file, long history) {
    var refusal = history == histories ? unwanted(sequence) : Optional.of(REPLACED);
    if (refusal.isPresent()) {
      files.delete(file);
      return new Put.Refused(refusal.get());
    }
    var number = wanted.get().number();
    wanted = Optional.empty();
    captured.accept(number, new Uploaded(file));
    return new Put.Stored();
  }

  @Override
  public void kept(Set<Position> snapshots) {
    snapshots.stream()
        .filter(at -> at.sequence() > base.sequence() && at.sequence() <= last)
        .max(Comparator.comparingLong(Position::sequence))
        .ifPresent(newest -> base = newest);
    while (!kept.isEmpty() && kept.peek().sequence() <= base.sequence()) {
      kept.remove();
    }
  }

  @Override
  public void become(Standing standing) {
    nowKnown();
    became.accept(standing);
  }

  @Override
  public void tick() {
    var late = System.nanoTime() - SNAPSHOT_WITHIN.toNanos();
    if (wanted.filter(it -> it.since() - late < 0).isPresent()) {
      wanted = Optional.empty();
      failed.accept("the process sent no checkpoint within " + SNAPSHOT_WITHIN.toSeconds() + " s");
    }
  }
}
