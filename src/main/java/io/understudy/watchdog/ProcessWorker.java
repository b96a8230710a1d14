package io.understudy.watchdog;

import io.understudy.state.Output;
import io.understudy.state.Position;
import io.understudy.state.Update;
import io.understudy.watchdog.StateCopy.Beginning;
import io.understudy.watchdog.StateCopy.Feed;
import io.understudy.watchdog.StateCopy.Put;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A module that is a process: it takes its updates from a feed, and its snapshots from files. What
 * came after the last snapshot is kept for a feed that begins anew.
 */
final class ProcessWorker implements Worker {
  private static final long MOST_KEPT_BYTES = 64L << 20;
  private static final Duration SNAPSHOT_WITHIN = Duration.ofSeconds(60);

  private final SnapshotFiles files;
  private final BiConsumer<Long, Capturing> captured;
  private final Consumer<String> failed;
  private final Consumer<Standing> became;
  private final ArrayDeque<Update> kept = new ArrayDeque<>();
  private final List<ActorRef<Beginning>> asking = new ArrayList<>();
  private Position base = Position.NONE;
  private long keptBytes;
  private long dropped;
  private long last;
  private boolean known;
  private @Nullable Feed feed;
  private Optional<Wanted> wanted = Optional.empty();

  private record Wanted(long number, long sequence, long since) {}

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
      keptBytes += update.size();
      last = update.sequence();
    }
    while (keptBytes > MOST_KEPT_BYTES) {
      drop(kept.remove());
    }
    if (feed != null) {
      feed.updates(updates);
    }
    nowKnown();
  }

  private void drop(Update update) {
    keptBytes -= update.size();
    dropped = update.sequence();
  }

  @Override
  public void install(Position at) {
    base = at;
    kept.clear();
    keptBytes = 0;
    dropped = at.sequence();
    last = at.sequence();
    end("another state takes the place of this one: get the checkpoint, and subscribe after it");
    nowKnown();
  }

  private void nowKnown() {
    known = true;
    asking.forEach(this::begin);
    asking.clear();
  }

  private void begin(ActorRef<Beginning> replyTo) {
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
    if (after < dropped || after > last) {
      next.end(
          "updates after %d are not kept here, but those after %d up to %d: get the checkpoint"
              .formatted(after, dropped, last));
      return;
    }
    feed = next;
    next.updates(kept.stream().filter(update -> update.sequence() > after).toList());
    wanted.filter(it -> it.sequence() == last).ifPresent(it -> next.wanted(it.sequence()));
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

  Put put(long sequence, Path file) {
    if (wanted.filter(it -> it.sequence() == sequence).isEmpty()) {
      files.delete(file);
      return new Put.Refused(
          wanted
              .map(
                  it ->
                      "the state after %d is wanted, not that after %d"
                          .formatted(it.sequence(), sequence))
              .orElse("no checkpoint is wanted now: wait until it is"));
    }
    var number = wanted.get().number();
    wanted = Optional.empty();
    captured.accept(
        number,
        out -> {
          try {
            Files.copy(file, out);
          } finally {
            Files.deleteIfExists(file);
          }
        });
    return new Put.Stored();
  }

  @Override
  public void written(Position at) {
    base = at;
    while (!kept.isEmpty() && kept.peek().sequence() <= at.sequence()) {
      drop(kept.remove());
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
