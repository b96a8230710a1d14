package io.understudy.client;

import io.understudy.client.Flight.Lane;
import io.understudy.client.RequestFailed.Outcome;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import io.understudy.module.CallAnswer;
import io.understudy.module.ModuleCall;
import io.understudy.state.Batches;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.pcollections.AmortizedPQueue;
import org.pcollections.ConsPStack;
import org.pcollections.IntTreePMap;
import org.pcollections.PMap;
import org.pcollections.PQueue;
import org.pcollections.PSortedSet;
import org.pcollections.PStack;
import org.pcollections.TreePSet;

/**
 * The requests to one module that have no answer yet: where each is sent, and when again. A request
 * keeps its id however often it is sent, so that it takes effect once.
 *
 * @param <P> who asks
 * @param to whom requests go
 * @param waiting for a lane or a primary, the oldest first; never sent
 * @param free lanes
 * @param flights by lane
 * @param unsent lanes whose request is to be sent as soon as there is a primary
 * @param repeated how often a request was sent that had been sent before
 * @param wake no later than the moment at which {@link #woken} has something to do
 */
record Requests<P>(
    Terms terms,
    Spread to,
    PQueue<Held<P>> waiting,
    PStack<Lane> free,
    PMap<Integer, Flight<P>> flights,
    PSortedSet<Integer> unsent,
    long repeated,
    Duration wake) {
  static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

  /**
   * What does not change.
   *
   * @param client unique, also over restarts; its lanes are named after it
   */
  record Terms(ModuleId module, String client, RequestLimits limits) {}

  /** What is to be done. */
  sealed interface Output<P> {
    record Send<P>(Target to, List<ModuleCall.Request> requests) implements Output<P> {}

    record Succeed<P>(P asker, Bytes reply) implements Output<P> {}

    record Fail<P>(P asker, Outcome outcome, String reason) implements Output<P> {}
  }

  record Step<P>(Requests<P> next, List<Output<P>> outputs) {}

  static <P> Requests<P> none(Terms terms) {
    var lanes = ConsPStack.<Lane>empty();
    for (int i = terms.limits().inFlight() - 1; i >= 0; i--) {
      lanes = lanes.plus(new Lane(i, new RequestId(terms.client() + "/" + i, 1)));
    }
    return new Requests<>(
        terms,
        Spread.NONE,
        AmortizedPQueue.empty(),
        lanes,
        IntTreePMap.empty(),
        TreePSet.empty(),
        0,
        NEVER);
  }

  boolean isEmpty() {
    return waiting.isEmpty() && flights.isEmpty();
  }

  /** Whether {@link #flushed} has something to send. */
  boolean hasToSend(Duration now) {
    return !to.isEmpty()
        && (!unsent.isEmpty()
            || (!waiting.isEmpty() && !free.isEmpty() && to.free(now).isPresent()));
  }

  /** Whether a request has been held for so long. */
  boolean isOverdue(Duration now, Duration wait) {
    var latest = now.minus(wait).plus(terms.limits().patience());
    return (!waiting.isEmpty() && isPast(waiting.peek().until(), latest))
        || flights.values().stream().anyMatch(it -> isPast(it.held().until(), latest));
  }

  /** Someone asks; the request leaves with {@link #flushed}. */
  Step<P> asked(P asker, Bytes command, Duration now) {
    var limits = terms.limits();
    if (command.length() > Batches.LONGEST) {
      return new Step<>(
          this, List.of(new Output.Fail<>(asker, Outcome.NOT_DONE, tooLong(command))));
    }
    if (waiting.size() + flights.size() >= limits.held()) {
      return new Step<>(this, List.of(new Output.Fail<>(asker, Outcome.NOT_DONE, full())));
    }
    var held = new Held<>(asker, command, now.plus(limits.patience()));
    var due = earlier(wake, held.until());
    return quiet(
        new Requests<>(terms, to, waiting.plus(held), free, flights, unsent, repeated, due));
  }

  /** These serve now. What was sent to others, or refused, is sent to them at once. */
  Step<P> served(List<Target> by, Duration now) {
    var next = to.served(by);
    return quiet(
        with(next)
            .sendAgain(
                flight ->
                    !flight.underWay()
                        || flight.to().filter(by::contains).isEmpty()
                        || next.isToMove(flight.to().get(), now)));
  }

  /** The host at this address is dead: others get at once what it has not answered. */
  Step<P> died(String address, Duration now) {
    var next = to.without(address, now);
    return quiet(
        with(next)
            .sendAgain(
                flight -> flight.to().filter(target -> next.isToMove(target, now)).isPresent()));
  }

  private Requests<P> sendAgain(Predicate<Flight<P>> these) {
    var again = unsent;
    for (var flight : flights.values()) {
      again = these.test(flight) ? again.plus(flight.lane().index()) : again;
    }
    return with(again);
  }

  /** There is no such module: nobody will answer what waits. */
  Step<P> unknown(String reason) {
    var outputs = new ArrayList<Output<P>>();
    flights.values().forEach(f -> outputs.add(fail(f.held(), Outcome.UNKNOWN, reason)));
    waiting.forEach(held -> outputs.add(fail(held, Outcome.NOT_DONE, reason)));
    var lanes = free;
    for (var flight : flights.values()) {
      lanes = lanes.plus(flight.lane().next());
    }
    return new Step<>(
        new Requests<>(
            terms,
            Spread.NONE,
            AmortizedPQueue.empty(),
            lanes,
            IntTreePMap.empty(),
            TreePSet.empty(),
            repeated,
            NEVER),
        outputs);
  }

  /** Copies answer; answers to requests that wait no longer are dropped. */
  Step<P> answered(List<CallAnswer> answers, Duration now) {
    var next = this;
    var outputs = new ArrayList<Output<P>>();
    for (var answer : answers) {
      var flight = next.flight(answer.request());
      if (flight.isPresent()) {
        next = next.heard(flight.get()).answered(flight.get(), answer, outputs, now);
      }
    }
    return new Step<>(next, outputs);
  }

  private Requests<P> heard(Flight<P> flight) {
    return flight.to().map(target -> with(to.heard(target, flight.call()))).orElse(this);
  }

  /** What is not kept does not count for a request that was repeated: it is decided again. */
  private Requests<P> answered(
      Flight<P> flight, CallAnswer answer, List<Output<P>> outputs, Duration now) {
    if (flight.repeated() && !answer.kept()) {
      return this;
    }
    return switch (answer) {
      case CallAnswer.Replied(var id, var reply, var kept) -> {
        outputs.add(new Output.Succeed<>(flight.held().asker(), reply));
        yield landed(flight);
      }
      case CallAnswer.CallRefused(var id, var reason, var kept) -> {
        outputs.add(fail(flight.held(), Outcome.NOT_DONE, reason));
        yield landed(flight);
      }
      case CallAnswer.Forgotten(var id, var sequence) -> {
        outputs.add(fail(flight.held(), Outcome.DONE, forgotten(sequence)));
        yield landed(flight);
      }
      case CallAnswer.NotPrimary(var id, var copy, var reason) ->
          with(to.without(copy, now)).refused(flight, copy, now);
      case CallAnswer.Overloaded busy -> later(flight.refused(now));
    };
  }

  /** Another primary gets it at once; if there is none, this one again a little later. */
  private Requests<P> refused(Flight<P> flight, CopyId by, Duration now) {
    if (!flight.isAt(by)) {
      return this; // it has been sent elsewhere by now
    }
    var next = later(flight.refused(now));
    return to.hasOther(flight.to().orElseThrow(), now)
        ? next.with(unsent.plus(flight.lane().index()))
        : next;
  }

  private Optional<Flight<P>> flight(RequestId id) {
    var prefix = terms.client().length() + 1;
    var lane = Integer.parseInt(id.client(), prefix, id.client().length(), 10);
    return Optional.ofNullable(flights.get(lane)).filter(it -> it.lane().id().equals(id));
  }

  private Requests<P> landed(Flight<P> flight) {
    var lane = flight.lane();
    return new Requests<>(
        terms,
        to,
        waiting,
        free.plus(lane.next()),
        flights.minus(lane.index()),
        unsent.minus(lane.index()),
        repeated,
        wake);
  }

  private Requests<P> later(Flight<P> flight) {
    return with(flight, unsent, earlier(wake, flight.due()));
  }

  private Requests<P> with(Flight<P> flight, PSortedSet<Integer> toSend, Duration due) {
    var all = flights.plus(flight.lane().index(), flight);
    return new Requests<>(terms, to, waiting, free, all, toSend, repeated, due);
  }

  /** Gives up what is too late, and sends again what has waited long enough. */
  Step<P> woken(Duration now) {
    var outputs = new ArrayList<Output<P>>();
    var next = this;
    while (!next.waiting.isEmpty() && isPast(next.waiting.peek().until(), now)) {
      outputs.add(fail(next.waiting.peek(), Outcome.NOT_DONE, late()));
      next = next.waitingFor(next.waiting.minus());
    }
    for (var flight : flights.values()) {
      if (isPast(flight.held().until(), now)) {
        outputs.add(fail(flight.held(), Outcome.UNKNOWN, late()));
        next = next.heard(flight).landed(flight);
      } else if (isPast(flight.again(), now)) {
        next = next.overdue(flight, now);
      }
    }
    return new Step<>(next.wakingAt(next.due()), outputs);
  }

  /** Who has not answered for so long gets no other request for a while. */
  private Requests<P> overdue(Flight<P> flight, Duration now) {
    var target = flight.to().orElseThrow();
    var silent = flight.underWay() && !unsent.contains(flight.lane().index());
    var waits = heard(flight);
    var next =
        silent && to.hasOther(target, now)
            ? waits.with(waits.to.without(target.copy(), now))
            : waits;
    var later = flight.sent(target, flight.call(), now.plus(terms.limits().resend()));
    return next.with(later, unsent.plus(flight.lane().index()), wake);
  }

  private Duration due() {
    var due = waiting.isEmpty() ? NEVER : waiting.peek().until();
    for (var flight : flights.values()) {
      due = earlier(due, flight.due());
    }
    return due;
  }

  /** Sends what can be sent, to each primary together as far as it is short enough. */
  Step<P> flushed(Duration now) {
    if (!hasToSend(now)) {
      return quiet(this);
    }
    var sends = new LinkedHashMap<Target, List<ModuleCall.Request>>();
    var next = this;
    for (var lane : unsent) {
      var flight = Optional.ofNullable(next.flights.get(lane));
      if (flight.isPresent()) {
        next = next.dispatched(flight.get(), to.next(flight.get().to(), now), sends, now);
      }
    }
    next = next.with(TreePSet.empty());
    var target = to.free(now);
    while (target.isPresent() && !next.waiting.isEmpty() && !next.free.isEmpty()) {
      next = next.taken().dispatched(next.first(), target.get(), sends, now);
    }
    return new Step<>(next.with(next.to.turned()), sends(sends));
  }

  private Flight<P> first() {
    return Flight.begin(waiting.peek(), free.get(0));
  }

  private Requests<P> taken() {
    return new Requests<>(
        terms, to, waiting.minus(), free.minus(0), flights, unsent, repeated, wake);
  }

  private Requests<P> dispatched(
      Flight<P> flight, Target target, Map<Target, List<ModuleCall.Request>> sends, Duration now) {
    var sent = flight.sent(target, to.turn(), now.plus(terms.limits().resend()));
    sends
        .computeIfAbsent(target, it -> new ArrayList<>())
        .add(new ModuleCall.Request(sent.lane().id(), sent.held().command(), sent.repeated()));
    var left = heard(flight).to; // whoever had it before is not waited for any more
    var next = with(left.called(target)).with(sent, unsent, earlier(wake, sent.due()));
    return sent.repeated() ? next.counted() : next;
  }

  private Requests<P> counted() {
    return new Requests<>(terms, to, waiting, free, flights, unsent, repeated + 1, wake);
  }

  private static <P> List<Output<P>> sends(Map<Target, List<ModuleCall.Request>> sends) {
    var outputs = new ArrayList<Output<P>>();
    sends.forEach(
        (to, requests) ->
            Batches.of(requests, request -> request.command().length())
                .forEach(batch -> outputs.add(new Output.Send<>(to, batch))));
    return outputs;
  }

  private Requests<P> waitingFor(PQueue<Held<P>> left) {
    return new Requests<>(terms, to, left, free, flights, unsent, repeated, wake);
  }

  private Requests<P> with(Spread targets) {
    return new Requests<>(terms, targets, waiting, free, flights, unsent, repeated, wake);
  }

  private Requests<P> with(PSortedSet<Integer> toSend) {
    return new Requests<>(terms, to, waiting, free, flights, toSend, repeated, wake);
  }

  private Requests<P> wakingAt(Duration due) {
    return new Requests<>(terms, to, waiting, free, flights, unsent, repeated, due);
  }

  private static <P> Output<P> fail(Held<P> held, Outcome outcome, String reason) {
    return new Output.Fail<>(held.asker(), outcome, reason);
  }

  private static <P> Step<P> quiet(Requests<P> next) {
    return new Step<>(next, List.of());
  }

  private static Duration earlier(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static boolean isPast(Duration moment, Duration now) {
    return moment.compareTo(now) <= 0;
  }

  private String tooLong(Bytes command) {
    return "module %s: a command of %d bytes, and %d is the most; make several of it"
        .formatted(terms.module(), command.length(), Batches.LONGEST);
  }

  private String full() {
    return "module %s: %d requests wait for an answer already; slow down, or raise the limit"
        .formatted(terms.module(), terms.limits().held());
  }

  private String forgotten(long sequence) {
    return "module %s: it was done, as update %d, and its reply is not kept any more; ask for the state"
        .formatted(terms.module(), sequence);
  }

  private String late() {
    var missing = to.isEmpty() ? "no primary serves" : "its primary has not answered";
    return "module %s: %s within %d ms; see its condition and reason in the table"
        .formatted(terms.module(), missing, terms.limits().patience().toMillis());
  }
}
