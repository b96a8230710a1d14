package io.understudy.history;

import io.understudy.history.Register.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Histories made up from a seed, true ones and spoiled ones, and the slow way to judge them. */
final class Runs {
  private Runs() {}

  /** A true history: each request takes effect at a moment of its own, some answers are lost. */
  static <S, I, O> List<Operation<I, O>> of(
      Sequential<S, I, O> model, Random random, int clients, int size, Function<Random, I> input) {
    var history = new ArrayList<Operation<I, O>>();
    var free = new long[clients];
    var state = model.initial();
    for (long at = 10; history.size() < size; at += 1 + random.nextInt(3)) {
      var client = random.nextInt(clients);
      if (free[client] >= at) {
        continue;
      }
      var asked = input.apply(random);
      var invoked = Math.max(free[client] + 1, at - random.nextInt(10));
      var lost = random.nextInt(Math.max(20, size / 8)) == 0;
      var happens = !lost || random.nextBoolean();
      var applied = model.apply(state, asked);
      state = happens ? applied.state() : state;
      free[client] = at + random.nextInt(10);
      history.add(
          lost
              ? Operation.unknown(client, asked, invoked)
              : Operation.of(client, asked, applied.output(), invoked, free[client]));
    }
    return history;
  }

  static Counter.Request counting(Random random) {
    return random.nextInt(4) == 0 ? Counter.Request.READ : Counter.Request.INCREMENT;
  }

  static Register.Request registering(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> new Register.Request.Read("x");
      case 1 -> new Register.Request.Write("x", random.nextInt(3));
      default -> new Register.Request.Swap("x", random.nextInt(3), random.nextInt(3));
    };
  }

  /** The same with one answer that is made up, and perhaps no longer true. */
  static List<Operation<Register.Request, Answer>> spoiled(
      List<Operation<Register.Request, Answer>> history, Random random) {
    var spoiled = new ArrayList<>(history);
    var at = random.nextInt(spoiled.size());
    var was = spoiled.get(at);
    var answer = new Answer(random.nextInt(4) > 0, random.nextInt(3));
    var returned = was.isKnown() ? was.returned() : was.invoked() + random.nextInt(20);
    spoiled.set(at, Operation.of(was.client(), was.input(), answer, was.invoked(), returned));
    return spoiled;
  }

  /** Tries every order, and every choice of requests of unknown outcome that took effect. */
  static <S, I, O> boolean someOrderExplains(
      Sequential<S, I, O> model, List<Operation<I, O>> history) {
    return explains(model, model.initial(), history);
  }

  private static <S, I, O> boolean explains(
      Sequential<S, I, O> model, S state, List<Operation<I, O>> left) {
    if (left.stream().noneMatch(Operation::isKnown)) {
      return true;
    }
    return left.stream()
        .filter(first -> left.stream().noneMatch(other -> other.returned() < first.invoked()))
        .anyMatch(first -> follows(model, state, first, left));
  }

  private static <S, I, O> boolean follows(
      Sequential<S, I, O> model, S state, Operation<I, O> first, List<Operation<I, O>> left) {
    var applied = model.apply(state, first.input());
    var rest = new ArrayList<>(left);
    rest.remove(first);
    return Optional.of(applied.output())
            .equals(first.output().or(() -> Optional.of(applied.output())))
        && explains(model, applied.state(), rest);
  }
}
