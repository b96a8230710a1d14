package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Chunk;
import io.understudy.state.PeerMessage.FetchChunk;
import io.understudy.state.PeerMessage.SnapshotOffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A snapshot on its way here, piece by piece.
 *
 * @param offset of the piece that was asked for; the whole length when all are here
 * @param since when it was asked for
 */
record Fetch(CopyId from, Position at, long total, long offset, Duration since) {
  private static final Duration RESEND = Duration.ofMillis(300);

  /** Asks for the first piece; the initial state needs none. */
  static Optional<Fetch> begin(Turn turn, SnapshotOffer offer) {
    if (offer.at().equals(Position.NONE)) {
      turn.replace(SnapshotHeader.NONE, 0);
      return Optional.empty();
    }
    var from = offer.sender().copy();
    return Optional.of(new Fetch(from, offer.at(), offer.bytes(), 0, turn.now).asked(turn));
  }

  /**
   * The piece goes to the file, and the next one is asked for. Two copies may have written the same
   * state differently, so that pieces of both make no snapshot.
   */
  Fetch take(Turn turn, Chunk chunk) {
    var wanted = chunk.sender().copy().equals(from) && chunk.at().equals(at);
    if (!wanted || chunk.offset() != offset || stored()) {
      return this;
    }
    var piece = new Output.StoreChunk(at, offset, chunk.total(), chunk.bytes());
    turn.emit(piece);
    var next = new Fetch(from, at, chunk.total(), offset + chunk.bytes().length(), turn.now);
    return piece.last() ? next : next.asked(turn);
  }

  /** Asks again, if the answer seems lost. */
  Fetch tick(Turn turn) {
    return stored() || turn.now.minus(since).compareTo(RESEND) < 0
        ? this
        : new Fetch(from, at, total, offset, turn.now).asked(turn);
  }

  boolean of(Position position) {
    return at.equals(position);
  }

  private boolean stored() {
    return offset > 0 && offset >= total;
  }

  private Fetch asked(Turn turn) {
    turn.send(from, new FetchChunk(turn.sender(), at, offset));
    return this;
  }
}
