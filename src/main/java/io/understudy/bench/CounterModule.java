package io.understudy.bench;

import io.understudy.bench.CounterModule.Command;
import io.understudy.bench.CounterModule.Event;
import io.understudy.bench.CounterModule.State;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.Decision;
import io.understudy.module.ModuleCodec;
import io.understudy.module.StatefulModule;
import io.understudy.state.Bytes;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Counts what it is told to add, keeps as much else as it is told to grow by, and fails as it is
 * told.
 */
public final class CounterModule implements StatefulModule<State, Command, Event, Long> {
  /**
   * Counted so far.
   *
   * @param last what came with the last one that was added
   * @param ballast what the state has grown by
   */
  public record State(long count, Bytes last, PVector<Bytes> ballast) {}

  /** What it is asked; it answers with the count. */
  public sealed interface Command {
    /** One more; the payload is kept until the next one. */
    record Add(Bytes payload) implements Command {}

    record Read() implements Command {}

    /** Let the state grow by so many bytes. */
    record Grow(int bytes) implements Command {}

    /** Fail, if this is the epoch: asked again of the next primary, it does no more harm. */
    record Crash(Epoch in) implements Command {}

    /** Answer nobody any more, if this is the epoch. */
    record Hang(Epoch in) implements Command {}
  }

  /** What happens. */
  public sealed interface Event {
    record Added(Bytes payload) implements Event {}

    record Grown(int bytes) implements Event {}
  }

  private Epoch epoch = Epoch.NONE;

  @Override
  public void statusChanged(CopyStatus status, Epoch now) {
    epoch = now;
  }

  @Override
  public State initialState() {
    return new State(0, Bytes.EMPTY, TreePVector.empty());
  }

  @Override
  public Decision<Event, Long> decide(State state, Command command) {
    return switch (command) {
      case Command.Add(var payload) -> Decision.of(state.count() + 1, new Event.Added(payload));
      case Command.Read read -> Decision.reply(state.count());
      case Command.Grow(var bytes) -> Decision.of(state.count(), new Event.Grown(bytes));
      case Command.Crash(var in) when in.equals(epoch) ->
          throw new IllegalStateException("it was told to crash");
      case Command.Hang(var in) when in.equals(epoch) -> throw hang();
      case Command.Crash survived -> Decision.reply(state.count());
      case Command.Hang survived -> Decision.reply(state.count());
    };
  }

  private static IllegalStateException hang() {
    try {
      new CountDownLatch(1).await();
      return new IllegalStateException("nobody opened the latch");
    } catch (InterruptedException e) {
      return new IllegalStateException("interrupted while it hung", e);
    }
  }

  @Override
  public State evolve(State state, Event event) {
    return switch (event) {
      case Event.Added(var payload) -> new State(state.count() + 1, payload, state.ballast());
      case Event.Grown(var bytes) ->
          new State(state.count(), state.last(), grown(state.ballast(), bytes));
    };
  }

  private static PVector<Bytes> grown(PVector<Bytes> ballast, int bytes) {
    var block = new byte[bytes];
    // Not compressible to nothing, and the same on every copy.
    new SplittableRandom(ballast.size()).nextBytes(block);
    return ballast.plus(Bytes.wrap(block));
  }

  @Override
  public ModuleCodec<State, Command, Event, Long> codec() {
    return new CounterCodec();
  }
}
