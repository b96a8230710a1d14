package io.understudy.state;

import java.time.Duration;
import java.util.Optional;
import org.pcollections.AmortizedPQueue;
import org.pcollections.PQueue;

/**
 * Answers that make no update. Each waits until what it has read is committed, and hot until every
 * member in sync has said, after it came, that it knows of no later epoch. After 10 s nobody waits
 * for it any more.
 *
 * @param waiting the oldest first
 * @param bytes of their replies
 * @param round the last one that was begun
 */
record Reads(PQueue<Reading> waiting, long bytes, long round) {
  static final Reads NONE = new Reads(AmortizedPQueue.empty(), 0, 0);

  private static final Duration GIVEN_UP = Duration.ofSeconds(10);

  /** One of them: what must be committed, and the round that must have come true. */
  record Reading(Origin origin, long at, long round, Duration since, Reply.Done reply) {}

  int size() {
    return waiting.size();
  }

  /** It has read all of the log, and waits for a round that begins after now. */
  Reads plus(Turn turn, Origin origin, Reply.Done reply) {
    var needed = turn.hot() ? round + 1 : 0;
    var next = new Reading(origin, turn.log.last(), needed, turn.now, reply);
    return new Reads(waiting.plus(next), bytes + reply.length(), round);
  }

  /** Another round begins when one is waited for, and the one before it has come true. */
  Reads begun(long echoed) {
    return !waiting.isEmpty() && waiting.peek().round() > round && echoed >= round
        ? new Reads(waiting, bytes, round + 1)
        : this;
  }

  Reads answered(Turn turn, long echoed) {
    var left = this;
    for (var next = first(); next.isPresent(); next = left.first()) {
      if (next.get().at() > turn.commit || next.get().round() > echoed) {
        break;
      }
      turn.reply(next.get().origin(), next.get().reply());
      left = left.minus();
    }
    return left;
  }

  Reads expired(Turn turn) {
    var left = this;
    for (var next = first(); next.isPresent(); next = left.first()) {
      if (turn.now.minus(next.get().since()).compareTo(GIVEN_UP) < 0) {
        break;
      }
      turn.reply(
          next.get().origin(),
          new Reply.NotPrimary(
              "what it has read is not committed after %d s".formatted(GIVEN_UP.toSeconds())));
      left = left.minus();
    }
    return left;
  }

  private Optional<Reading> first() {
    return Optional.ofNullable(waiting.peek());
  }

  private Reads minus() {
    return new Reads(waiting.minus(), bytes - waiting.peek().reply().length(), round);
  }
}
