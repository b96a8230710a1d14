package io.understudy.client;

import io.understudy.model.CopyId;
import io.understudy.state.RequestId;
import java.time.Duration;
import java.util.Optional;

/**
 * A held request that has an id and has been sent.
 *
 * @param lane the client name that it uses, alone
 * @param to where it was sent last
 * @param call the turn in which it was sent, see {@link Spread}
 * @param underWay whether an answer from there is awaited; otherwise it was refused
 * @param again when it is sent again
 * @param repeated whether it has been sent more than once
 * @param refusals by copies that do not serve yet
 */
record Flight<P>(
    Held<P> held,
    Lane lane,
    Optional<Target> to,
    int call,
    boolean underWay,
    Duration again,
    boolean repeated,
    int refusals) {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
  private static final int MOST_DOUBLINGS = 5;

  /**
   * A client name under which one request at a time is made, so that the log's last reply to this
   * name is the one that a repeated request asks for.
   *
   * @param id of its present request; the next one's number is higher
   */
  record Lane(int index, RequestId id) {
    Lane next() {
      return new Lane(index, new RequestId(id.client(), id.number() + 1));
    }
  }

  /** For the first time. */
  static <P> Flight<P> begin(Held<P> held, Lane lane) {
    return new Flight<>(held, lane, Optional.empty(), 0, false, Requests.NEVER, false, 0);
  }

  Flight<P> sent(Target target, int turn, Duration repeat) {
    var before = to.isPresent();
    return new Flight<>(held, lane, Optional.of(target), turn, true, repeat, before, refusals);
  }

  /** Whether it waits for an answer of this copy. */
  boolean isAt(CopyId copy) {
    return underWay && to.filter(target -> target.copy().equals(copy)).isPresent();
  }

  /** Waits a moment, twice as long each time. */
  Flight<P> refused(Duration now) {
    var pause = FIRST_PAUSE.multipliedBy(1L << Math.min(refusals, MOST_DOUBLINGS));
    return new Flight<>(held, lane, to, call, false, now.plus(pause), repeated, refusals + 1);
  }

  /** The moment at which something must be done about it. */
  Duration due() {
    return again.compareTo(held.until()) < 0 ? again : held.until();
  }
}
