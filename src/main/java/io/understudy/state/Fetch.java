package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Chunk;
import io.understudy.state.PeerMessage.FetchChunk;
import io.understudy.state.PeerMessage.SnapshotOffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A snapshot on its way here, piece by piece. It comes no faster than the disk takes it: what waits
 * for that is in memory.
 *
 * @param offset of the piece that was asked for, or comes next; the whole length when all are here
 * @param written how much is in the file
 * @param since when it was asked for
 */
record Fetch(CopyId from, Position at, long total, long offset, long written, Duration since) {
  private static final Duration RESEND = Duration.ofMillis(300);
  private static final long MOST_UNWRITTEN = 8L * Replica.CHUNK_BYTES;

  /** Asks for the first piece; the initial state needs none. */
  static Optional<Fetch> begin(Turn turn, SnapshotOffer offer) {
    if (offer.at().equals(Position.NONE)) {
      turn.replace(SnapshotHeader.NONE, 0);
      return Optional.empty();
    }
    var from = offer.sender().copy();
    return Optional.of(new Fetch(from, offer.at(), offer.bytes(), 0, 0, turn.now).asked(turn));
  }

  /**
   * The piece goes to the file, and the next one is asked for. Two copies may have written the same
   * state differently, so that pieces of both make no snapshot.
   */
  Fetch take(Turn turn, Chunk chunk) {
    var wanted = chunk.sender().copy().equals(from) && chunk.at().equals(at);
    if (!wanted || chunk.offset() != offset || whole() || waits()) {
      return this;
    }
    var piece = new Output.StoreChunk(at, offset, chunk.total(), chunk.bytes());
    turn.emit(piece);
    return new Fetch(from, at, chunk.total(), piece.end(), written, turn.now).next(turn);
  }

  /** Goes on, if it has waited for that. */
  Fetch stored(Turn turn, Input.PieceStored piece) {
    if (!of(piece.at()) || piece.end() <= written || piece.end() > offset) {
      return this; // of an earlier attempt
    }
    var more = new Fetch(from, at, total, offset, piece.end(), turn.now);
    return waits() ? more.next(turn) : more;
  }

  private Fetch next(Turn turn) {
    return whole() || waits() ? this : asked(turn);
  }

  /** Asks again, if the answer seems lost. */
  Fetch tick(Turn turn) {
    return whole() || waits() || turn.now.minus(since).compareTo(RESEND) < 0
        ? this
        : new Fetch(from, at, total, offset, written, turn.now).asked(turn);
  }

  boolean of(Position position) {
    return at.equals(position);
  }

  private boolean whole() {
    return offset > 0 && offset >= total;
  }

  private boolean waits() {
    return offset - written >= MOST_UNWRITTEN;
  }

  private Fetch asked(Turn turn) {
    turn.send(from, new FetchChunk(turn.sender(), at, offset));
    return this;
  }
}
