package io.understudy.state;

import java.util.Optional;

/** What becomes of a request. */
public sealed interface Reply {
  /**
   * It took effect, and that is committed; or it read what is committed.
   *
   * @param at the update; of a read, the last update that it saw
   * @param reply unless, of a duplicate, it is no longer kept
   * @param duplicate it had taken effect when it was asked for again
   * @param kept the same again is answered the same; otherwise it made no update, and is decided
   *     again
   */
  record Done(Position at, Optional<Bytes> reply, boolean duplicate, boolean kept)
      implements Reply {
    public Done(Position at, Optional<Bytes> reply, boolean duplicate) {
      this(at, reply, duplicate, true);
    }

    Done(Position at, Bytes reply, boolean duplicate) {
      this(at, Optional.of(reply), duplicate);
    }

    static Done read(Position at, Bytes reply) {
      return new Done(at, Optional.of(reply), false, false);
    }

    int length() {
      return reply.map(Bytes::length).orElse(0);
    }
  }

  /** This copy does not serve. What had not been committed may or may not take effect. */
  record NotPrimary(String reason) implements Reply {}

  /**
   * Its client has made a request with a higher number since: it will not be done any more, and
   * whether it was is not known.
   */
  record Refused(String reason) implements Reply {}

  /**
   * It was not done this time: there is too much in hand. Ask again later; what was asked before
   * may take effect yet.
   */
  record Overloaded(String reason) implements Reply {}
}
