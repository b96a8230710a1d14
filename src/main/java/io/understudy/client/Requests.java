package io.understudy.client;

import io.understudy.client.Flight.Lane;
import io.understudy.client.RequestFailed.Outcome;
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
 * @param primaries that serve, as far as is known
 * @param waiting for a lane or a primary, the oldest first; never sent
 * @param free lanes
 * @param flights by lane
 * @param unsent lanes whose request is to be sent as soon as there is a primary
 * @param turn spreads requests over several primaries: what leaves together goes to one of them
 * @param wake no later than the moment at which {@link #woken} has something to do
 */
record Requests<P>(
    Terms terms,
    List<Target> primaries,
    PQueue<Held<P>> waiting,
    PStack<Lane> free,
    PMap<Integer, Flight<P>> flights,
    PSortedSet<Integer> unsent,
    int turn,
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
        List.of(),
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
  boolean hasToSend() {
    return !primaries.isEmpty() && (!unsent.isEmpty() || (!waiting.isEmpty() && !free.isEmpty()));
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
    return quiet(
        new Requests<>(
            terms,
            primaries,
            waiting.plus(held),
            free,
            flights,
            unsent,
            turn,
            earlier(wake, held.until())));
  }

  /** These serve now. What was sent to others, or refused, is sent to them at once. */
  Step<P> served(List<Target> by) {
    var again = unsent;
    for (var flight : flights.values()) {
      if (flight.refusals() > 0 || flight.to().filter(by::contains).isEmpty()) {
        again = again.plus(flight.lane().index());
      }
    }
    return quiet(new Requests<>(terms, List.copyOf(by), waiting, free, flights, again, turn, wake));
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
            List.of(),
            AmortizedPQueue.empty(),
            lanes,
            IntTreePMap.empty(),
            TreePSet.empty(),
            turn,
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
        next = next.answered(flight.get(), answer, outputs, now);
      }
    }
    return new Step<>(next, outputs);
  }

  private Requests<P> answered(
      Flight<P> flight, CallAnswer answer, List<Output<P>> outputs, Duration now) {
    return switch (answer) {
      case CallAnswer.Replied(var id, var reply) -> {
        outputs.add(new Output.Succeed<>(flight.held().asker(), reply));
        yield landed(flight);
      }
      case CallAnswer.CallRefused(var id, var reason) -> {
        outputs.add(fail(flight.held(), Outcome.NOT_DONE, reason));
        yield landed(flight);
      }
      case CallAnswer.NotPrimary notYet -> later(flight.refused(now));
      case CallAnswer.Overloaded busy -> later(flight.refused(now));
    };
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
        primaries,
        waiting,
        free.plus(lane.next()),
        flights.minus(lane.index()),
        unsent.minus(lane.index()),
        turn,
        wake);
  }

  private Requests<P> later(Flight<P> flight) {
    return with(flight, unsent, earlier(wake, flight.due()));
  }

  private Requests<P> with(Flight<P> flight, PSortedSet<Integer> toSend, Duration due) {
    return new Requests<>(
        terms,
        primaries,
        waiting,
        free,
        flights.plus(flight.lane().index(), flight),
        toSend,
        turn,
        due);
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
        next = next.landed(flight);
      } else if (isPast(flight.again(), now)) {
        var moved = flight.sent(flight.to().orElseThrow(), now.plus(terms.limits().resend()));
        next = next.with(moved, next.unsent.plus(flight.lane().index()), next.wake);
      }
    }
    return new Step<>(next.wakingAt(next.due()), outputs);
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
    if (!hasToSend()) {
      return quiet(this);
    }
    var sends = new LinkedHashMap<Target, List<ModuleCall.Request>>();
    var next = this;
    for (var lane : unsent) {
      var flight = Optional.ofNullable(next.flights.get(lane));
      if (flight.isPresent()) {
        next = next.dispatched(flight.get(), sends, now);
      }
    }
    next = next.with(TreePSet.empty());
    while (!next.waiting.isEmpty() && !next.free.isEmpty()) {
      next = next.taken().dispatched(next.first(), sends, now);
    }
    return new Step<>(next.turned(), sends(sends));
  }

  private Flight<P> first() {
    return new Flight<>(waiting.peek(), free.get(0), Optional.empty(), NEVER, 0);
  }

  private Requests<P> taken() {
    return new Requests<>(
        terms, primaries, waiting.minus(), free.minus(0), flights, unsent, turn, wake);
  }

  private Requests<P> dispatched(
      Flight<P> flight, Map<Target, List<ModuleCall.Request>> sends, Duration now) {
    var to = target(flight);
    sends
        .computeIfAbsent(to, it -> new ArrayList<>())
        .add(new ModuleCall.Request(flight.lane().id(), flight.held().command()));
    var sent = flight.sent(to, now.plus(terms.limits().resend()));
    return with(sent, unsent, earlier(wake, sent.due()));
  }

  private Requests<P> turned() {
    return new Requests<>(terms, primaries, waiting, free, flights, unsent, turn + 1, wake);
  }

  /** Each in turn; not the one that has not answered, if there is another. */
  private Target target(Flight<P> flight) {
    var first = primaries.get(Math.floorMod(turn, primaries.size()));
    return flight.to().filter(first::equals).isPresent()
        ? primaries.get(Math.floorMod(turn + 1, primaries.size()))
        : first;
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
    return new Requests<>(terms, primaries, left, free, flights, unsent, turn, wake);
  }

  private Requests<P> with(PSortedSet<Integer> toSend) {
    return new Requests<>(terms, primaries, waiting, free, flights, toSend, turn, wake);
  }

  private Requests<P> wakingAt(Duration due) {
    return new Requests<>(terms, primaries, waiting, free, flights, unsent, turn, due);
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

  private String late() {
    var missing = primaries.isEmpty() ? "no primary serves" : "its primary has not answered";
    return "module %s: %s within %d ms; see its condition and reason in the table"
        .formatted(terms.module(), missing, terms.limits().patience().toMillis());
  }
}
