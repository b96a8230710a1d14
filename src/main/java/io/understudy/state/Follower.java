package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.Appended;
import io.understudy.state.PeerMessage.Behind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A copy that takes the sequencer's log and applies what is committed.
 *
 * @param sequencer of this epoch, once it has been heard
 * @param matched how much of the log is the sequencer's, as this epoch's was told; it must stay
 * @param ready whether the log has been the sequencer's, in this epoch
 * @param fetch a snapshot on its way here
 * @param complained when the sequencer was last told that the log does not fit
 * @param forwards hot: what clients have asked here
 */
record Follower(
    Optional<CopyId> sequencer,
    long matched,
    boolean ready,
    Optional<Fetch> fetch,
    Optional<Duration> complained,
    Forwards forwards)
    implements Role {
  private static final Duration COMPLAIN = Duration.ofMillis(30);
  private static final Duration FULL = Duration.ofMillis(500);

  static Follower beginning(Forwards forwards) {
    return new Follower(Optional.empty(), 0, false, Optional.empty(), Optional.empty(), forwards);
  }

  @Override
  public void take(Turn turn, Input input) {
    switch (input) {
      case Input.Received(var message) -> receive(turn, message);
      case Input.Ask(var requests) -> ask(turn, requests);
      case Input.Barrier(var ticket) -> barrier(turn, ticket);
      case Input.Tick tick -> tick(turn);
      case Input.SnapshotStored(var header, var bytes) -> stored(turn, header, bytes);
      case Input.PieceStored piece -> turn.role = with(fetch.map(one -> one.stored(turn, piece)));
      case Input.PieceFailed(var at, var reason) -> pieceFailed(turn, at);
      case Input.OfSnapshots other -> {}
      case Input.OfCheckpoints late -> {}
      case Input.Decided late -> {}
      case Input.Ordered ordered -> {}
      case Input.Leased other -> {}
      case Input.Leave other -> {}
    }
  }

  /** The sequencer has all that it has acknowledged, or a successor takes it from the others. */
  @Override
  public boolean owes(Turn turn) {
    return false;
  }

  private void receive(Turn turn, PeerMessage message) {
    switch (message) {
      case Append append -> append(turn, append);
      case PeerMessage.SnapshotOffer offer -> offered(turn, offer);
      case PeerMessage.Chunk chunk -> turn.role = with(fetch.map(one -> one.take(turn, chunk)));
      case PeerMessage.Pull pull -> Source.answer(turn, pull);
      case PeerMessage.FetchChunk wanted -> Source.answer(turn, wanted);
      case PeerMessage.Inquire asked ->
          turn.send(asked.sender().copy(), new PeerMessage.Inquired(turn.sender(), turn.log.end()));
      case PeerMessage.Answered answered -> turn.role = with(forwards.answered(turn, answered));
      case Appended late -> {}
      case Behind late -> {}
      case PeerMessage.Inquired late -> {}
      case PeerMessage.Forward misled -> {}
      case PeerMessage.ForwardBarrier misled -> {}
    }
  }

  private void append(Turn turn, Append append) {
    if (fetch.isPresent() || (Upkeep.full(turn) && !append.updates().isEmpty())) {
      return; // the log is about to be replaced, or this copy is soon not in sync any more
    }
    var taken = Intake.take(turn, append);
    if (taken.isEmpty()) {
      complain(turn, append);
      return;
    }
    var last = taken.getAsLong();
    var commit = Math.min(append.commit(), last);
    if (commit > turn.commit) {
      turn.commitUpTo(commit);
    }
    turn.send(
        append.sender().copy(), new Appended(turn.sender(), turn.log.at(last), append.round()));
    var caughtUp = ready || append.commit() <= last;
    if (caughtUp && !ready) {
      turn.emit(new Output.Ready(turn.epoch));
    }
    turn.role =
        new Follower(
            Optional.of(append.sender().copy()),
            Math.max(matched, last),
            caughtUp,
            fetch,
            Optional.empty(),
            listened(turn, append.sender().copy()));
  }

  /** What clients asked here is answered, or sent where a sequencer has been heard at last. */
  private Forwards listened(Turn turn, CopyId from) {
    if (!turn.hot()) {
      return forwards;
    }
    var left = forwards.without(turn.outputs).applied(turn);
    return sequencer.isPresent() ? left : left.send(turn, from);
  }

  private void complain(Turn turn, Append append) {
    if (complained.isEmpty() || turn.now.minus(complained.get()).compareTo(COMPLAIN) >= 0) {
      turn.send(append.sender().copy(), new Behind(turn.sender(), turn.log.lineage()));
      turn.role = new Follower(sequencer, matched, ready, fetch, Optional.of(turn.now), forwards);
    }
  }

  private void offered(Turn turn, PeerMessage.SnapshotOffer offer) {
    if (offer.at().sequence() <= matched && sequencer.isPresent()) {
      return; // it was sent before what this log has had since, and has acknowledged
    }
    if (fetch.isEmpty() || !fetch.get().of(offer.at())) {
      var begun = Fetch.begin(turn, offer);
      turn.role = with(begun);
      if (begun.isEmpty()) {
        behind(turn, offer.sender().copy());
      }
    }
  }

  private void stored(Turn turn, SnapshotHeader header, long bytes) {
    if (fetch.isPresent() && fetch.get().of(header.at())) {
      turn.replace(header, bytes);
      turn.role = with(Optional.empty());
      behind(turn, fetch.get().from());
    }
  }

  /** It says again that it is behind, but not at once: a full disk lasts. */
  private void pieceFailed(Turn turn, Position at) {
    if (fetch.isPresent() && fetch.get().of(at)) {
      var quiet = Optional.of(turn.now.plus(FULL));
      turn.role = new Follower(sequencer, matched, ready, Optional.empty(), quiet, forwards);
    }
  }

  private static void behind(Turn turn, CopyId to) {
    turn.send(to, new Behind(turn.sender(), turn.log.lineage()));
  }

  private void ask(Turn turn, List<Request> requests) {
    if (serves(turn)) {
      turn.role = with(forwards.ask(turn, requests, sequencer));
    } else {
      turn.refuse(requests, notPrimary(turn));
    }
  }

  private void barrier(Turn turn, long ticket) {
    if (serves(turn)) {
      turn.role = with(forwards.barrier(turn, ticket, sequencer));
    } else {
      turn.answer(ticket, notPrimary(turn));
    }
  }

  private static Reply notPrimary(Turn turn) {
    return new Reply.NotPrimary(
        turn.hot() ? "the copy is not in sync yet" : "the copy is not the primary");
  }

  /** While the sequencer of a new epoch has not been heard, what is asked waits for it. */
  private boolean serves(Turn turn) {
    return turn.hot() && (ready || turn.inSync());
  }

  private void tick(Turn turn) {
    var asked = forwards.expire(turn);
    turn.role =
        new Follower(
            sequencer,
            matched,
            ready,
            fetch.map(one -> one.tick(turn)),
            complained,
            sequencer.map(to -> asked.send(turn, to)).orElse(asked));
    Upkeep.trim(turn, fetch.map(Fetch::at));
  }

  @Override
  public void regroup(Turn turn) {}

  @Override
  public void leave(Turn turn) {}

  private Follower with(Optional<Fetch> next) {
    return new Follower(sequencer, matched, ready, next, complained, forwards);
  }

  private Follower with(Forwards next) {
    return new Follower(sequencer, matched, ready, fetch, complained, next);
  }
}
