package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Answered;
import io.understudy.state.PeerMessage.Forward;
import io.understudy.state.PeerMessage.ForwardBarrier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * What clients have asked a hot copy that is not the sequencer, until it is answered.
 *
 * <p>A request with a name is sent again: it takes effect once. One without is sent once.
 *
 * @param waiting by ticket
 * @param bytes of their commands
 * @param answered what the sequencer says, until this copy has applied what it speaks of
 */
record Forwards(HashPMap<Long, Waiting> waiting, long bytes, HashPMap<Long, Reply.Done> answered) {
  static final Forwards NONE = new Forwards(HashTreePMap.empty(), 0, HashTreePMap.empty());

  private static final Duration RESEND = Duration.ofMillis(500);
  private static final Duration GIVEN_UP = Duration.ofSeconds(10);
  private static final int MOST = 50_000;
  private static final long MOST_BYTES = 64L << 20;

  /**
   * One ticket's.
   *
   * @param request empty for a barrier
   * @param sent empty until it is sent to the sequencer of this epoch
   */
  record Waiting(Optional<Request> request, Duration since, Optional<Duration> sent) {
    private boolean repeatable() {
      return request.isEmpty() || request.get().id().isPresent();
    }

    /** Sent now; what was sent before is sent again. */
    private Waiting sentAt(Duration now) {
      return new Waiting(again().request(), since, Optional.of(now));
    }

    private Waiting unsent() {
      return new Waiting(again().request(), since, Optional.empty());
    }

    private Waiting again() {
      return sent.isEmpty() ? this : new Waiting(request.map(Request::repeated), since, sent);
    }

    private boolean isAgain() {
      return request.filter(Request::again).isPresent();
    }

    private boolean due(Duration now) {
      return sent.isEmpty() || (repeatable() && now.minus(sent.get()).compareTo(RESEND) > 0);
    }

    private long bytes() {
      return request.map(one -> one.command().length()).orElse(0);
    }
  }

  Forwards ask(Turn turn, List<Request> requests, Optional<CopyId> to) {
    if (waiting.size() + requests.size() > MOST || bytes > MOST_BYTES) {
      turn.refuse(requests, overloaded());
      return this;
    }
    var sent = to.map(sequencer -> turn.now);
    var more = this;
    for (var request : requests) {
      var one = new Waiting(Optional.of(request), turn.now, sent);
      more = more.plus(request.origin().ticket(), one);
    }
    to.ifPresent(sequencer -> forward(turn, sequencer, requests));
    return more;
  }

  Forwards barrier(Turn turn, long ticket, Optional<CopyId> to) {
    if (waiting.size() >= MOST) {
      turn.answer(ticket, overloaded());
      return this;
    }
    to.ifPresent(sequencer -> forward(turn, sequencer, ticket));
    return plus(ticket, new Waiting(Optional.empty(), turn.now, to.map(sequencer -> turn.now)));
  }

  private Reply overloaded() {
    return new Reply.Overloaded(
        "%d requests are in hand, %d MiB of them".formatted(waiting.size(), bytes >> 20));
  }

  private Forwards plus(long ticket, Waiting one) {
    return new Forwards(waiting.plus(ticket, one), bytes + one.bytes(), answered);
  }

  /** The sequencer's word; it counts when this copy is as far as the sequencer was. */
  Forwards answered(Turn turn, Answered message) {
    var ticket = message.origin().ticket();
    if (!turn.self.is(message.origin()) || !waiting.containsKey(ticket)) {
      return this; // an earlier run may have had the same ticket
    }
    if (message.reply() instanceof Reply.Done done) {
      if (!done.kept() && waiting.get(ticket).isAgain()) {
        return this; // what was sent again may be decided otherwise; its answer is kept
      }
      return new Forwards(waiting, bytes, answered.plus(ticket, done)).applied(turn);
    }
    turn.answer(ticket, message.reply());
    return minus(ticket);
  }

  /** Answers those that waited for this copy to have applied more. */
  Forwards applied(Turn turn) {
    var left = this;
    for (var entry : answered.entrySet()) {
      if (entry.getValue().at().sequence() <= turn.commit) {
        turn.answer(entry.getKey(), entry.getValue());
        left = left.minus(entry.getKey());
      }
    }
    return left;
  }

  /** Without those that this turn has answered. */
  Forwards without(List<Output> outputs) {
    var left = this;
    for (var output : outputs) {
      if (output instanceof Output.Answer(var ticket, var reply)) {
        left = left.minus(ticket);
      }
    }
    return left;
  }

  /** To the sequencer what it has not been sent, or seems to have lost. */
  Forwards send(Turn turn, CopyId to) {
    var left = waiting;
    var requests = new ArrayList<Request>();
    for (var entry : waiting.entrySet()) {
      var one = entry.getValue();
      if (one.due(turn.now) && !answered.containsKey(entry.getKey())) {
        var now = one.sentAt(turn.now);
        now.request().ifPresentOrElse(requests::add, () -> forward(turn, to, entry.getKey()));
        left = left.plus(entry.getKey(), now);
      }
    }
    if (!requests.isEmpty()) {
      forward(turn, to, requests);
    }
    return new Forwards(left, bytes, answered);
  }

  /** Those that nobody answered. */
  Forwards expire(Turn turn) {
    var left = this;
    for (var entry : waiting.entrySet()) {
      if (turn.now.minus(entry.getValue().since()).compareTo(GIVEN_UP) > 0) {
        turn.answer(entry.getKey(), new Reply.NotPrimary("the sequencer does not answer"));
        left = left.minus(entry.getKey());
      }
    }
    return left;
  }

  /** For another sequencer: what may be repeated is sent again, of the rest nobody knows. */
  Forwards renewed(Turn turn) {
    var left = NONE;
    for (var entry : waiting.entrySet()) {
      var one = entry.getValue();
      if (one.repeatable() || one.sent().isEmpty()) {
        left = left.plus(entry.getKey(), one.unsent());
      } else {
        turn.answer(entry.getKey(), new Reply.NotPrimary("the sequencer was lost"));
      }
    }
    return left;
  }

  List<Request> requests() {
    return waiting.values().stream().flatMap(one -> one.request().stream()).toList();
  }

  List<Long> barriers() {
    return waiting.entrySet().stream()
        .filter(entry -> entry.getValue().request().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  private Forwards minus(Long ticket) {
    var gone = waiting.get(ticket);
    return new Forwards(
        waiting.minus(ticket), bytes - (gone == null ? 0 : gone.bytes()), answered.minus(ticket));
  }

  private static void forward(Turn turn, CopyId to, long ticket) {
    turn.send(to, new ForwardBarrier(turn.sender(), ticket));
  }

  /** In messages that are no longer than those of updates. */
  private static void forward(Turn turn, CopyId to, List<Request> requests) {
    Batches.of(requests, request -> request.command().length())
        .forEach(batch -> turn.send(to, new Forward(turn.sender(), batch)));
  }
}
