package io.understudy.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The copy's own snapshots: those whose files it has, the oldest of them the base of its log, and
 * the one that is being taken.
 *
 * @param held in order; all of them committed, none but the base when the log began with it
 * @param fresh written, and not yet committed
 * @param last when the last one was begun
 * @param kept what was last said about the files
 */
record Snapshots(
    List<Held> held,
    Optional<Held> fresh,
    Taking taking,
    long numbers,
    Duration last,
    Output.KeepSnapshots kept) {
  static final Snapshots NONE =
      new Snapshots(
          List.of(),
          Optional.empty(),
          new Taking.Idle(),
          0,
          Duration.ZERO,
          Output.KeepSnapshots.NONE);

  /** A module that has not given its state for so long is asked again. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MOST_HELD = 3;

  /** After a snapshot that failed. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** A snapshot in a file, and the replies kept with it. */
  record Held(SnapshotHeader header, long bytes) {
    Position at() {
      return header.at();
    }
  }

  /** How far the next one is. */
  sealed interface Taking {
    record Idle() implements Taking {}

    /**
     * The module has been asked.
     *
     * @param header empty for a module that evolves as it decides: it is the log's end when the
     *     answer comes, for decisions arrive in the same order
     */
    record Asked(long number, Optional<SnapshotHeader> header, Duration since) implements Taking {}

    record Writing(SnapshotHeader header, Duration since) implements Taking {}

    /** It came to nothing; the next one can wait. */
    record Failed(Duration since) implements Taking {}
  }

  Optional<Held> newest() {
    return held.isEmpty() ? Optional.empty() : Optional.of(held.getLast());
  }

  /** The sequence of the newest, committed or not; 0 if there is none. */
  long newestSequence() {
    return fresh.or(this::newest).map(one -> one.at().sequence()).orElse(0L);
  }

  Optional<Held> at(Position position) {
    return held.stream().filter(one -> one.at().equals(position)).findFirst();
  }

  ClientTable clientsAt(Position base) {
    return at(base).map(one -> one.header().clients()).orElse(ClientTable.EMPTY);
  }

  /** What was written is a snapshot once it is committed. */
  Snapshots settled(long commit) {
    if (fresh.isEmpty() || fresh.get().at().sequence() > commit) {
      return this;
    }
    var more = new ArrayList<>(held);
    more.add(fresh.get());
    return new Snapshots(List.copyOf(more), Optional.empty(), taking, numbers, last, kept);
  }

  /** Those after it are of another history. */
  Snapshots upTo(long sequence) {
    return new Snapshots(
        held.stream().filter(one -> one.at().sequence() <= sequence).toList(),
        fresh.filter(one -> one.at().sequence() <= sequence),
        new Taking.Idle(),
        numbers,
        last,
        kept);
  }

  Snapshots from(Position base) {
    return new Snapshots(
        held.stream().filter(one -> one.at().sequence() >= base.sequence()).toList(),
        fresh,
        taking,
        numbers,
        last,
        kept);
  }

  /**
   * Without those that are of no use while the log is kept for a member that is behind: it is cut
   * at the second when that has passed it, and the newest is for whoever begins.
   *
   * @param offered to others, who may be fetching them
   */
  Snapshots thinned(Set<Position> offered) {
    if (held.size() <= MOST_HELD) {
      return this;
    }
    var left = new ArrayList<Held>();
    for (var index = 0; index < held.size(); index++) {
      var one = held.get(index);
      if (index < 2 || index == held.size() - 1 || offered.contains(one.at())) {
        left.add(one);
      }
    }
    return new Snapshots(List.copyOf(left), fresh, taking, numbers, last, kept);
  }

  /** The one being taken is of no use any more. */
  Snapshots interrupted() {
    return new Snapshots(held, Optional.empty(), new Taking.Idle(), numbers, last, kept);
  }

  Snapshots only(SnapshotHeader header, long bytes) {
    var one =
        header.at().equals(Position.NONE) ? List.<Held>of() : List.of(new Held(header, bytes));
    return new Snapshots(one, Optional.empty(), new Taking.Idle(), numbers, last, kept);
  }

  /** Asks the module for its state, unless one is being taken. */
  static void take(Turn turn, boolean sequencer) {
    var now = turn.snapshots;
    if (now.busy(turn.now) || now.fresh.isPresent()) {
      return;
    }
    var number = now.numbers + 1;
    var header =
        sequencer && turn.decides()
            ? Optional.<SnapshotHeader>empty()
            : Optional.of(new SnapshotHeader(turn.log.at(turn.applied), turn.clients));
    turn.snapshots =
        new Snapshots(
            now.held,
            now.fresh,
            new Taking.Asked(number, header, turn.now),
            number,
            turn.now,
            now.kept);
    turn.emit(new Output.Capture(number));
  }

  private boolean busy(Duration time) {
    return switch (taking) {
      case Taking.Idle idle -> false;
      case Taking.Asked asked -> time.minus(asked.since()).compareTo(PATIENCE) < 0;
      case Taking.Writing writing -> true;
      case Taking.Failed failed -> time.minus(failed.since()).compareTo(PAUSE) < 0;
    };
  }

  static void news(Turn turn, Input.OfSnapshots news) {
    switch (news) {
      case Input.Captured(var number) -> turn.snapshots.captured(turn, number);
      case Input.SnapshotWritten(var at, var bytes) -> turn.snapshots.written(turn, at, bytes);
      case Input.SnapshotFailed failed ->
          turn.snapshots = turn.snapshots.with(new Taking.Failed(turn.now));
      case Input.ChunkRead(var to, var at, var offset, var total, var bytes) ->
          turn.send(to, new PeerMessage.Chunk(turn.sender(), at, offset, total, bytes));
    }
  }

  private void captured(Turn turn, long number) {
    if (taking instanceof Taking.Asked(var asked, var known, var since) && asked == number) {
      var header =
          known.orElseGet(() -> new SnapshotHeader(turn.log.at(turn.applied), turn.clients));
      turn.snapshots = with(new Taking.Writing(header, turn.now));
      turn.emit(new Output.WriteSnapshot(header));
    }
  }

  private void written(Turn turn, Position at, long bytes) {
    if (taking instanceof Taking.Writing(var header, var since) && header.at().equals(at)) {
      turn.snapshots =
          new Snapshots(
                  held,
                  Optional.of(new Held(header, bytes)),
                  new Taking.Idle(),
                  numbers,
                  last,
                  kept)
              .settled(turn.commit);
    }
  }

  private Snapshots with(Taking next) {
    return new Snapshots(held, fresh, next, numbers, last, kept);
  }

  /**
   * Says which files are needed, if that has changed.
   *
   * @param others those that need not be this copy's: offered to others, on their way here, or on
   *     their way to the Checkpoint Server, which may come to the file late
   */
  static void tidy(Turn turn, Set<Position> others) {
    var own = new HashSet<Position>();
    turn.snapshots.held.forEach(one -> own.add(one.at()));
    turn.snapshots.fresh.ifPresent(one -> own.add(one.at()));
    var needed = new HashSet<>(others);
    needed.addAll(own);
    if (turn.snapshots.taking instanceof Taking.Writing(var header, var since)) {
      needed.add(header.at()); // it may be in its place before this copy hears so
    }
    var now = turn.snapshots;
    var keep = new Output.KeepSnapshots(needed, own);
    if (!keep.equals(now.kept)) {
      turn.emit(keep);
      turn.snapshots = new Snapshots(now.held, now.fresh, now.taking, now.numbers, now.last, keep);
    }
  }
}
