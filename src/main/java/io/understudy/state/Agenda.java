package io.understudy.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a sequencer has been asked and has not answered: what the module is still to decide, what
 * was numbered, and what only reads. As much as it can hold, each request once, and nothing while
 * its host has no lease.
 */
final class Agenda {
  private static final Reply LEASE_OVER =
      new Reply.NotPrimary("the copy is not the primary, or its host's lease is over");
  private static final Reply LEAVING = new Reply.NotPrimary("the copy is about to stop");
  private static final int MOST_IN_HAND = 100_000;
  private static final long MOST_IN_HAND_BYTES = 64L << 20;

  private Deciding deciding = Deciding.NOTHING;
  private Reads reads = Reads.NONE;
  private ClientTable ends; // up to the log's end

  private Agenda(ClientTable ends) {
    this.ends = ends;
  }

  Agenda(Agenda other) {
    deciding = other.deciding;
    reads = other.reads;
    ends = other.ends;
  }

  /** Nothing was asked yet. */
  static Agenda begin(Turn turn) {
    return new Agenda(turn.clients.plus(turn.log.slice(turn.applied, turn.log.last())));
  }

  void admit(Turn turn, List<Request> requests) {
    var closed = closed(turn);
    if (closed.isPresent()) {
      requests.forEach(request -> turn.reply(request.origin(), closed.get()));
      return;
    }
    var fresh = new ArrayList<Request>(requests.size());
    for (var request : requests) {
      if (overloaded(turn, request.origin()) || repeated(turn, request)) {
        continue;
      }
      if (Upkeep.full(turn)) {
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

  /** What everybody is answered who asks now. */
  private static Optional<Reply> closed(Turn turn) {
    if (turn.leaving) {
      return Optional.of(LEAVING);
    }
    return turn.leased ? Optional.empty() : Optional.of(LEASE_OVER);
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

  /** What the module has decided, in the order in which it was given it. */
  void decided(Turn turn, long generation, List<Decision> decisions) {
    if (generation != turn.generation) {
      return;
    }
    for (var decision : decisions) {
      var request = deciding.requests().peek();
      deciding = deciding.minus();
      if (decision.update().isPresent() || keeps(request)) {
        number(turn, request, decision.update().orElse(Bytes.EMPTY), decision.reply());
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

  /** Of what is on its way more than once, the first decision counts, also one to do nothing. */
  private static boolean keeps(Request request) {
    return request.again() && request.id().isPresent();
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

  /** Waits until all that is in the log is committed. */
  void barrier(Turn turn, Origin origin) {
    var closed = closed(turn);
    if (closed.isPresent()) {
      turn.reply(origin, closed.get());
    } else if (!overloaded(turn, origin)) {
      read(turn, origin, Bytes.EMPTY);
    }
  }

  private void read(Turn turn, Origin origin, Bytes reply) {
    reads = reads.plus(turn, origin, Reply.Done.read(turn.log.end(), reply));
  }

  /**
   * Answers the reads that have waited long enough.
   *
   * @param echoed the round that every member that counts has echoed, if any counts
   */
  void answer(Turn turn, OptionalLong echoed) {
    reads = reads.begun(echoed.orElse(reads.round()));
    if (turn.leased) {
      reads = reads.answered(turn, echoed.orElse(reads.round()));
    }
  }

  /** The last round of questions that was begun. */
  long round() {
    return reads.round();
  }

  void expire(Turn turn) {
    reads = reads.expired(turn);
  }

  /** Nothing that this copy still waits for will it answer itself. */
  void leave(Turn turn) {
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
