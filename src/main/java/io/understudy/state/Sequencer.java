package io.understudy.state;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Replication;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import io.understudy.state.PeerMessage.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
  private static final Reply LEASE_OVER = new Reply.NotPrimary("the host's lease is over");
  private static final Duration REPEAT = Duration.ofMillis(200);
  private static final Duration LATE = Duration.ofMillis(300);
  private static final int MOST_IN_HAND = 100_000;
  private static final long MOST_IN_HAND_BYTES = 64L << 20;
  private static final long MOST_BYTES = 256L << 20; // of the log

  private final long start; // all of the log up to here may have been committed before
  private List<Feed> feeds;
  private Deciding deciding = Deciding.NOTHING;
  private Reads reads = Reads.NONE;
  private ClientTable ends; // up to the log's end
  private Stored stored;
  private Duration ticked;
  private Optional<Duration> reported = Optional.empty();

  private Sequencer(Turn turn, Stored stored) {
    start = turn.log.last();
    feeds = turn.others().stream().map(member -> new Feed(member, turn.now)).toList();
    ends = turn.clients.plus(turn.log.slice(turn.applied, turn.log.last()));
    this.stored = stored;
    ticked = turn.now;
  }

  private Sequencer(Sequencer other) {
    start = other.start;
    feeds = other.feeds.stream().map(Feed::new).toList();
    deciding = other.deciding;
    reads = other.reads;
    ends = other.ends;
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
    next.admit(turn, asked);
    barriers.forEach(ticket -> next.barrier(turn, turn.self.origin(ticket)));
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
      case Input.Ask(var requests) -> admit(turn, requests);
      case Input.Barrier(var ticket) -> barrier(turn, turn.self.origin(ticket));
      case Input.Decided(var generation, var decisions) -> decided(turn, generation, decisions);
      case Input.Tick tick -> tick(turn);
      case Input.OfCheckpoints news -> stored = stored.news(turn, news);
      case Input.PieceFailed late -> {}
      case Input.OfSnapshots seenTo -> {}
      case Input.SnapshotStored late -> {}
      case Input.Ordered seenTo -> {}
      case Input.Leased settled -> {}
    }
  }

  private void receive(Turn turn, PeerMessage message) {
    switch (message) {
      case PeerMessage.Appended appended ->
          feed(appended.sender()).ifPresent(feed -> feed.acknowledged(turn, appended));
      case PeerMessage.Behind behind ->
          feed(behind.sender()).ifPresent(feed -> feed.behind(turn, behind));
      case PeerMessage.Forward(var sender, var requests) -> admit(turn, requests);
      case PeerMessage.ForwardBarrier(var sender, var ticket) ->
          barrier(turn, new Origin(sender.copy(), sender.run(), ticket));
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

  private void admit(Turn turn, List<Request> requests) {
    if (!turn.leased) {
      requests.forEach(request -> turn.reply(request.origin(), LEASE_OVER));
      return;
    }
    var fresh = new ArrayList<Request>(requests.size());
    for (var request : requests) {
      if (overloaded(turn, request.origin()) || repeated(turn, request)) {
        continue;
      }
      if (turn.log.bytes() >= MOST_BYTES) {
        turn.reply(request.origin(), new Reply.Overloaded(noSnapshot(turn)));
      } else if (turn.decides()) {
        deciding = deciding.plus(request);
        fresh.add(request);
      } else {
        number(turn, request, request.command(), Bytes.EMPTY);
      }
    }
    if (!fresh.isEmpty()) {
      turn.emit(new Output.Decide(turn.generation, fresh));
    }
  }

  /** Turns away whatever comes, also what has been asked before, while too much waits. */
  private boolean overloaded(Turn turn, Origin origin) {
    var count = deciding.size() + (turn.log.last() - turn.commit) + reads.size();
    var bytes = deciding.bytes() + reads.bytes();
    if (count < MOST_IN_HAND && bytes < MOST_IN_HAND_BYTES) {
      return false;
    }
    turn.reply(
        origin,
        new Reply.Overloaded("%d are in hand, %d MiB of them".formatted(count, bytes >> 20)));
    return true;
  }

  private static String noSnapshot(Turn turn) {
    return "%d MiB of updates are in the log, since no snapshot could be taken"
        .formatted(turn.log.bytes() >> 20);
  }

  /** Whether it needs no decision: it has one, is to get one, or has been overtaken. */
  private boolean repeated(Turn turn, Request request) {
    if (request.id().isEmpty()) {
      return false;
    }
    var id = request.id().get();
    var kept = ends.last(id.client());
    if (kept.isPresent() && kept.get().number() == id.number()) {
      var done = new Reply.Done(kept.get().at(), kept.get().reply(), true);
      reads = reads.plus(turn, request.origin(), done);
      return true;
    }
    var pending = deciding.of(id.client());
    if (pending == id.number()) {
      deciding = deciding.repeat(request);
      return true;
    }
    var latest = Math.max(pending, kept.map(ClientTable.Kept::number).orElse(0L));
    if (latest > id.number()) {
      var why = "request %d of %s came after it".formatted(latest, id.client());
      turn.reply(request.origin(), new Reply.Refused(why));
    }
    return latest > id.number();
  }

  private void decided(Turn turn, long generation, List<Decision> decisions) {
    if (generation != turn.generation) {
      return;
    }
    for (var decision : decisions) {
      var request = deciding.requests().peek();
      deciding = deciding.minus();
      if (decision.update().isPresent()) {
        number(turn, request, decision.update().get(), decision.reply());
      } else {
        read(turn, request.origin(), decision.reply());
      }
    }
    var again = deciding.repeated();
    if (!again.isEmpty()) {
      deciding = deciding.withoutRepeated();
      admit(turn, again);
    }
  }

  private void number(Turn turn, Request request, Bytes payload, Bytes reply) {
    var at = new Position(turn.epoch, turn.log.last() + 1);
    var update = new Update(at, request.id(), Optional.of(request.origin()), payload, reply);
    turn.log = turn.log.plus(update);
    ends = ends.plus(update);
    if (turn.decides()) {
      turn.applied = at.sequence();
      turn.clients = ends;
    }
  }

  private void barrier(Turn turn, Origin origin) {
    if (!turn.leased) {
      turn.reply(origin, LEASE_OVER);
    } else if (!overloaded(turn, origin)) {
      read(turn, origin, Bytes.EMPTY);
    }
  }

  private void read(Turn turn, Origin origin, Bytes reply) {
    reads = reads.plus(turn, origin, new Reply.Done(turn.log.end(), reply, false));
  }

  /** What follows from all that is known by now. */
  private void settle(Turn turn) {
    var spec = spec(turn);
    join(turn);
    if (turn.leased) {
      commit(turn, spec);
    }
    reads = reads.begun(echoed());
    if (turn.leased) {
      reads = reads.answered(turn, echoed());
    }
    var interval = spec.replication() == Replication.ASYNC ? spec.interval() : Duration.ZERO;
    feeds.forEach(feed -> feed.flush(turn, interval, reads.round()));
    stored = stored.act(turn, spec.checkpoint());
  }

  private void commit(Turn turn, StateSpec spec) {
    var last = turn.log.last();
    if (spec.replication() == Replication.SYNC) {
      for (var feed : feeds) {
        last = feed.counts() ? Math.min(last, feed.matched) : last;
      }
    }
    if (spec.checkpoint() instanceof CheckpointPolicy.EachUpdate) {
      last = Math.min(last, stored.durable());
    }
    if (last > turn.commit) {
      turn.commitUpTo(last);
    }
  }

  private long echoed() {
    return feeds.stream()
        .filter(Feed::counts)
        .mapToLong(feed -> feed.echoed)
        .min()
        .orElse(reads.round());
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
      feed.tick(turn, reads.round());
      reportAgain(turn, feed);
    }
    reportSelf(turn);
    reads = reads.expired(turn);
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
    if (Upkeep.due(turn, spec(turn).checkpoint())) {
      Snapshots.take(turn, true);
    }
    var passed = feeds.stream().mapToLong(Feed::passed).min().orElse(Long.MAX_VALUE);
    var least = turn.log.bytes() > Upkeep.MOST_BEHIND ? Long.MAX_VALUE : passed;
    turn.snapshots.held().reversed().stream()
        .filter(one -> one.at().sequence() <= least)
        .findFirst()
        .ifPresent(one -> Upkeep.cut(turn, one.at()));
    var offered = feeds.stream().flatMap(feed -> feed.offered.stream());
    Snapshots.tidy(turn, offered.collect(toSet()));
  }

  private static StateSpec spec(Turn turn) {
    return turn.group.orElseThrow().spec();
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

  /** Nothing that this copy still waits for will it answer itself. */
  @Override
  public void leave(Turn turn) {
    var reply = new Reply.NotPrimary("the copy is no longer the sequencer");
    for (var update :
        turn.log.slice(Math.max(turn.commit, turn.log.base().sequence()), turn.log.last())) {
      update.origin().ifPresent(origin -> refuse(turn, origin, reply));
    }
    deciding.all().forEach(request -> refuse(turn, request.origin(), reply));
    reads.waiting().forEach(read -> refuse(turn, read.origin(), reply));
    if (deciding.isEmpty()) {
      turn.snapshots = turn.snapshots.interrupted();
    } else {
      turn.restore(); // the module may have decided more than was numbered
    }
  }

  private static void refuse(Turn turn, Origin origin, Reply reply) {
    if (turn.self.is(origin)) {
      turn.answer(origin.ticket(), reply);
    }
  }
}
