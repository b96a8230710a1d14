package io.understudy.state;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Replication;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import io.understudy.state.PeerMessage.Sender;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The copy that numbers the module's updates, and says when they are committed: when every copy in
 * sync has them, and the Checkpoint Server if each update is to be stored.
 *
 * <p>Who is in sync is what the ReplicaManager has recorded, and also whoever it has been asked to
 * record: a member is asked for only when it has all that may have been committed, counts from then
 * on, and one that does not keep up counts until the record says that it is out.
 *
 * <p>While its host has no lease nothing is committed and no read is answered, its own or another
 * copy's: alone in sync, it has nobody to ask whether it has been replaced.
 *
 * <p>Immutable to who uses it: each turn works on a copy.
 */
final class Sequencer implements Role {
  private static final Duration REPEAT = Duration.ofMillis(200);
  private static final Duration LATE = Duration.ofMillis(300);

  private final long start; // all of the log up to here may have been committed before
  private final Agenda agenda;
  private List<Feed> feeds;
  private Stored stored;
  private Duration ticked;
  private Optional<Duration> reported = Optional.empty();

  private Sequencer(Turn turn, Stored stored) {
    start = turn.log.last();
    feeds = turn.others().stream().map(member -> new Feed(member, turn.now)).toList();
    agenda = Agenda.begin(turn);
    this.stored = stored;
    ticked = turn.now;
  }

  private Sequencer(Sequencer other) {
    start = other.start;
    feeds = other.feeds.stream().map(Feed::new).toList();
    agenda = new Agenda(other.agenda);
    stored = other.stored;
    ticked = other.ticked;
    reported = other.reported;
  }

  /**
   * It has all there is.
   *
   * @param loaded what the Checkpoint Server had, if that is known
   */
  static void begin(Turn turn, Optional<Lineage> loaded, List<Request> asked, List<Long> barriers) {
    if (turn.decides()) {
      turn.applyUpTo(turn.log.last());
    }
    var next = new Sequencer(turn, Stored.beginning(turn, loaded));
    turn.role = next;
    turn.emit(new Output.Ready(turn.epoch));
    next.agenda.admit(turn, asked);
    barriers.forEach(ticket -> next.agenda.barrier(turn, turn.self.origin(ticket)));
    next.reportSelf(turn);
    next.settle(turn);
  }

  /** The same copy is the sequencer of a later epoch, and no other was in between. */
  void renew(Turn turn) {
    var next = new Sequencer(this);
    turn.role = next;
    next.feeds.forEach(feed -> feed.renew(turn));
    next.stored = Stored.beginning(turn, Optional.empty());
    next.reported = Optional.empty();
    turn.emit(new Output.Ready(turn.epoch));
    next.regrouped(turn);
  }

  @Override
  public void take(Turn turn, Input input) {
    var next = new Sequencer(this);
    turn.role = next;
    next.act(turn, input);
    next.settle(turn);
  }

  private void act(Turn turn, Input input) {
    switch (input) {
      case Input.Received(var message) -> receive(turn, message);
      case Input.Ask(var requests) -> agenda.admit(turn, requests);
      case Input.Barrier(var ticket) -> agenda.barrier(turn, turn.self.origin(ticket));
      case Input.Decided(var generation, var decisions) ->
          agenda.decided(turn, generation, decisions);
      case Input.Tick tick -> tick(turn);
      case Input.OfCheckpoints news -> stored = stored.news(turn, news);
      case Input.PieceStored late -> {}
      case Input.PieceFailed late -> {}
      case Input.OfSnapshots seenTo -> {}
      case Input.SnapshotStored late -> {}
      case Input.Ordered seenTo -> {}
      case Input.Leased settled -> {}
      case Input.Leave settled -> {}
    }
  }

  private void receive(Turn turn, PeerMessage message) {
    switch (message) {
      case PeerMessage.Appended appended ->
          feed(appended.sender()).ifPresent(feed -> feed.acknowledged(turn, appended));
      case PeerMessage.Behind behind ->
          feed(behind.sender()).ifPresent(feed -> feed.behind(turn, behind));
      case PeerMessage.Forward(var sender, var requests) -> agenda.admit(turn, requests);
      case PeerMessage.ForwardBarrier(var sender, var ticket) ->
          agenda.barrier(turn, new Origin(sender.copy(), sender.run(), ticket));
      case PeerMessage.FetchChunk wanted -> Source.answer(turn, wanted);
      case PeerMessage.Append late -> {}
      case PeerMessage.SnapshotOffer late -> {}
      case PeerMessage.Chunk late -> {}
      case PeerMessage.Pull late -> {}
      case PeerMessage.Inquire late -> {}
      case PeerMessage.Inquired late -> {}
      case PeerMessage.Answered late -> {}
    }
  }

  private Optional<Feed> feed(Sender sender) {
    return feeds.stream()
        .filter(feed -> feed.copy.equals(sender.copy()) && feed.run == sender.run())
        .findFirst();
  }

  /** What follows from all that is known by now. */
  private void settle(Turn turn) {
    var spec = spec(turn);
    join(turn);
    if (turn.leased) {
      commit(turn);
    }
    agenda.answer(turn, echoed());
    // Who acknowledges no more is about to hand over: the others are not to wait for what it has.
    var waits = spec.replication() == Replication.ASYNC && turn.leased && !turn.leaving;
    var interval = waits ? spec.interval() : Duration.ZERO;
    feeds.forEach(feed -> feed.flush(turn, interval, agenda.round()));
    stored = stored.act(turn, policy(turn));
  }

  private void commit(Turn turn) {
    var last = turn.log.last();
    if (spec(turn).replication() == Replication.SYNC) {
      for (var feed : feeds) {
        last = feed.counts() ? Math.min(last, feed.matched) : last;
      }
    }
    if (policy(turn) instanceof CheckpointPolicy.EachUpdate) {
      last = Math.min(last, stored.durable());
    }
    if (last > turn.commit) {
      turn.commitUpTo(last);
    }
  }

  private OptionalLong echoed() {
    return feeds.stream().filter(Feed::counts).mapToLong(feed -> feed.echoed).min();
  }

  /** Asks for those to be recorded that have all that may be committed. */
  private void join(Turn turn) {
    var sync = spec(turn).replication() == Replication.SYNC;
    for (var feed : feeds) {
      var least = sync ? Math.max(start, turn.commit) : Math.max(start, feed.sent);
      var speaks = turn.now.minus(feed.heard).compareTo(LATE) < 0;
      if (!feed.counts() && speaks && feed.streaming && feed.matched >= least) {
        feed.joining = true;
        feed.reported = Optional.of(turn.now);
        report(turn, feed.copy, feed.run, true, "it has all updates up to " + feed.matched);
      }
    }
  }

  private void tick(Turn turn) {
    var paused = turn.now.minus(ticked).compareTo(LATE) > 0;
    ticked = turn.now;
    for (var feed : feeds) {
      if (paused) {
        feed.heard = turn.now; // it was this copy that heard nobody
      }
      feed.tick(turn, agenda.round());
      reportAgain(turn, feed);
    }
    reportSelf(turn);
    agenda.expire(turn);
    trim(turn);
  }

  private void reportAgain(Turn turn, Feed feed) {
    if (feed.reported.isPresent() && turn.now.minus(feed.reported.get()).compareTo(REPEAT) < 0) {
      return;
    }
    var silent = turn.now.minus(feed.heard);
    if (feed.joining) {
      feed.reported = Optional.of(turn.now);
      report(turn, feed.copy, feed.run, true, "it has all updates up to " + feed.matched);
    } else if (feed.inSync && silent.compareTo(spec(turn).inSyncTimeout()) > 0) {
      feed.reported = Optional.of(turn.now);
      report(
          turn,
          feed.copy,
          feed.run,
          false,
          "it has acknowledged nothing for %d ms".formatted(silent.toMillis()));
    }
  }

  private void reportSelf(Turn turn) {
    var due = reported.isEmpty() || turn.now.minus(reported.get()).compareTo(REPEAT) >= 0;
    if (!turn.inSync() && due) {
      reported = Optional.of(turn.now);
      report(turn, turn.self.copy(), turn.self.run(), true, "it is the sequencer, and recovered");
    }
  }

  private void report(Turn turn, CopyId member, long run, boolean inSync, String reason) {
    turn.emit(
        new Output.ReportSync(
            turn.epoch, turn.group.orElseThrow().configuration(), member, run, inSync, reason));
  }

  private void trim(Turn turn) {
    var policy = policy(turn);
    var fresh = turn.applied > turn.snapshots.newestSequence();
    if (Upkeep.due(turn, policy) || (fresh && stored.lacksAll(policy))) {
      Snapshots.take(turn, true);
    }
    var passed = feeds.stream().mapToLong(Feed::passed).min().orElse(Long.MAX_VALUE);
    var least = turn.log.bytes() > Upkeep.MOST_BEHIND ? Long.MAX_VALUE : passed;
    turn.snapshots.held().reversed().stream()
        .filter(one -> one.at().sequence() <= least)
        .findFirst()
        .ifPresent(one -> Upkeep.cut(turn, one.at()));
    var offered = feeds.stream().flatMap(feed -> feed.offered.stream()).collect(toSet());
    turn.snapshots = turn.snapshots.thinned(offered);
    var others = new HashSet<>(offered);
    stored.saving().ifPresent(others::add);
    Snapshots.tidy(turn, others);
  }

  /** The snapshot that is on its way to the Checkpoint Server. */
  Optional<Position> saving() {
    return stored.saving();
  }

  private static StateSpec spec(Turn turn) {
    return turn.group.orElseThrow().spec();
  }

  /** What would be lost with a copy that leaves is stored before, whatever was agreed. */
  private static CheckpointPolicy policy(Turn turn) {
    var agreed = spec(turn).checkpoint();
    return turn.leaving && !(agreed instanceof CheckpointPolicy.None)
        ? new CheckpointPolicy.EachUpdate()
        : agreed;
  }

  @Override
  public boolean owes(Turn turn) {
    var last = turn.log.last();
    var stores = !(policy(turn) instanceof CheckpointPolicy.None);
    return (stores && stored.durable() < last)
        || feeds.stream().anyMatch(feed -> feed.counts() && feed.matched < last);
  }

  @Override
  public void regroup(Turn turn) {
    var next = new Sequencer(this);
    turn.role = next;
    next.regrouped(turn);
  }

  private void regrouped(Turn turn) {
    feeds = turn.others().stream().map(member -> feed(turn, member)).toList();
    reported = Optional.empty();
    reportSelf(turn);
    settle(turn);
  }

  /** The record counts; what was asked on an earlier one can no longer come true. */
  private Feed feed(Turn turn, Member member) {
    for (var feed : feeds) {
      if (feed.copy.equals(member.copy()) && feed.run == member.run()) {
        feed.inSync = member.inSync();
        feed.joining = false;
        feed.reported = Optional.empty();
        return feed;
      }
    }
    return new Feed(member, turn.now);
  }

  @Override
  public void leave(Turn turn) {
    agenda.leave(turn);
  }
}
