package io.understudy.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether a history is linearizable: each request could have taken effect at one moment between its
 * invocation and its return, in an order that the sequential specification allows.
 *
 * <p>Just-in-time linearization (G. Lowe, "Testing for Linearizability", 2017; the search is Wing
 * and Gong's): goes through the history once and keeps every configuration that is still possible,
 * the state and which of the open requests have taken effect already. Only when a request returns
 * must it have done so. Equal configurations are kept once, so the memory depends on how many
 * requests are open together and not on the length of the history. A request of unknown outcome
 * stays open for ever; of equal ones the older takes effect first, which loses no generality.
 */
public final class Linearizability<S, I, O> {
  /**
   * The first return that no order explains.
   *
   * @param states that were possible before it, as texts
   */
  public record Violation(String operation, Set<String> states) {
    @Override
    public String toString() {
      return "no order explains %s; possible states before: %s".formatted(operation, states);
    }
  }

  private record Configuration<S>(S state, BitSet done) {
    Configuration<S> with(int slot, S next) {
      var more = (BitSet) done.clone();
      more.set(slot);
      return new Configuration<>(next, more);
    }

    Configuration<S> without(int slot) {
      var less = (BitSet) done.clone();
      less.clear(slot);
      return new Configuration<>(state, less);
    }
  }

  private record Event<I, O>(long at, boolean isReturn, Operation<I, O> operation) {}

  private final Sequential<S, I, O> model;
  private final List<Optional<Operation<I, O>>> open = new ArrayList<>();
  private Set<Configuration<S>> possible;

  private Linearizability(Sequential<S, I, O> model) {
    this.model = model;
    this.possible = Set.of(new Configuration<>(model.initial(), new BitSet()));
  }

  /** The first violation, if there is one. */
  public static <S, I, O> Optional<Violation> check(
      Sequential<S, I, O> model, List<Operation<I, O>> history) {
    return new Linearizability<>(model).run(history);
  }

  /** The same where requests with different keys have nothing to do with each other. */
  static <K extends Comparable<K>, S, I, O> Optional<Violation> checkByKey(
      Sequential<S, I, O> model, List<Operation<I, O>> history, Function<I, K> key) {
    return history.stream()
        .collect(
            Collectors.groupingBy(op -> key.apply(op.input()), TreeMap::new, Collectors.toList()))
        .values()
        .stream()
        .map(part -> check(model, part))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<Violation> run(List<Operation<I, O>> history) {
    var slots = new IdentityHashMap<Operation<I, O>, Integer>();
    for (var event : events(history)) {
      if (!event.isReturn()) {
        slots.put(event.operation(), opened(event.operation()));
        continue;
      }
      var slot = slots.remove(event.operation());
      var before = possible;
      possible = returned(slot);
      if (possible.isEmpty()) {
        var states = before.stream().map(it -> it.state().toString());
        return Optional.of(
            new Violation(
                event.operation().toString(), states.limit(20).collect(Collectors.toSet())));
      }
      open.set(slot, Optional.empty());
    }
    return Optional.empty();
  }

  /** In time; what happens at one moment overlaps. */
  private static <I, O> List<Event<I, O>> events(List<Operation<I, O>> history) {
    var events = new ArrayList<Event<I, O>>();
    for (var operation : history) {
      events.add(new Event<>(operation.invoked(), false, operation));
      if (operation.isKnown()) {
        events.add(new Event<>(operation.returned(), true, operation));
      }
    }
    events.sort(Comparator.<Event<I, O>>comparingLong(Event::at).thenComparing(Event::isReturn));
    return events;
  }

  /** Known outcomes reuse slots; unknown ones keep theirs, the older the lower among equals. */
  private int opened(Operation<I, O> operation) {
    var free = operation.isKnown() ? open.indexOf(Optional.<Operation<I, O>>empty()) : -1;
    if (free >= 0) {
      open.set(free, Optional.of(operation));
      return free;
    }
    open.add(Optional.of(operation));
    return open.size() - 1;
  }

  /** What remains possible when the request in this slot must have taken effect. */
  private Set<Configuration<S>> returned(int slot) {
    var remaining = new LinkedHashSet<Configuration<S>>();
    var seen = new LinkedHashSet<>(possible);
    var work = new ArrayDeque<>(possible);
    while (!work.isEmpty()) {
      var configuration = work.pop();
      if (configuration.done().get(slot)) {
        remaining.add(configuration.without(slot));
        continue;
      }
      for (int other = 0; other < open.size(); other++) {
        var next = effect(configuration, other);
        if (next.isPresent() && seen.add(next.get())) {
          work.push(next.get());
        }
      }
    }
    return remaining;
  }

  private Optional<Configuration<S>> effect(Configuration<S> configuration, int slot) {
    var operation = open.get(slot);
    if (operation.isEmpty() || configuration.done().get(slot) || isYounger(configuration, slot)) {
      return Optional.empty();
    }
    var applied = model.apply(configuration.state(), operation.get().input());
    var fits = operation.get().output().map(applied.output()::equals).orElse(true);
    return fits ? Optional.of(configuration.with(slot, applied.state())) : Optional.empty();
  }

  /** Whether an equal request of unknown outcome is older and has not taken effect yet. */
  private boolean isYounger(Configuration<S> configuration, int slot) {
    var operation = open.get(slot).orElseThrow();
    if (operation.isKnown()) {
      return false;
    }
    for (int other = 0; other < slot; other++) {
      var older = open.get(other);
      if (older.isPresent()
          && !older.get().isKnown()
          && older.get().input().equals(operation.input())
          && !configuration.done().get(other)) {
        return true;
      }
    }
    return false;
  }
}
