package io.understudy.watchdog;

import io.understudy.module.Decision;
import io.understudy.module.ModuleActor;
import io.understudy.module.ModuleCodec;
import io.understudy.module.StatefulModule;
import io.understudy.state.Batches;
import io.understudy.state.Bytes;
import io.understudy.state.Input;
import io.understudy.state.Request;
import io.understudy.state.Update;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * The module's part of a copy with state, on the copy's own thread: decides, evolves, is replaced
 * and captured, one after the other as {@link StateCopy} says.
 */
final class StatefulCopy<S, C, E, R> {
  /** What the module is asked. */
  sealed interface Command {}

  /** As any actor is told. */
  record FromWatchDog(ModuleActor.Message message) implements Command {}

  /** What is decided from now on is decided with this standing. */
  record Become(Standing standing) implements Command {}

  record Decide(long generation, List<Request> requests) implements Command {}

  record Apply(List<Update> updates) implements Command {}

  /** The state is what this file says; without one, the initial state. */
  record Install(Optional<SnapshotFile> snapshot) implements Command {}

  record Capture(long number) implements Command {}

  private record Installed(CompletableFuture<?> state) implements Command {}

  /** What the module answers. */
  sealed interface Answer {
    record Decided(Input.Decided decisions) implements Answer {}

    /** It acts on this, with the state complete. */
    record Became(Standing standing) implements Answer {}

    /** So much of a snapshot has been read. */
    record Reading(long bytes) implements Answer {}

    /** The state at the time; to be written on another thread. */
    record Captured(long number, Capturing state) implements Answer {}
  }

  private final ActorContext<Command> context;
  private final StatefulModule<S, C, E, R> module;
  private final ModuleCodec<S, C, E, R> codec;
  private final Executor blocking;
  private final Consumer<Answer> answers;
  private final ArrayDeque<Command> afterInstall = new ArrayDeque<>();
  private S state;
  private boolean installing;
  private @Nullable Standing standing;

  private StatefulCopy(
      ActorContext<Command> context,
      StatefulModule<S, C, E, R> module,
      Executor blocking,
      Consumer<Answer> answers) {
    this.context = context;
    this.module = module;
    this.codec = module.codec();
    this.blocking = blocking;
    this.answers = answers;
    this.state = module.initialState();
  }

  /**
   * A copy of the module in its initial state.
   *
   * @param blocking reads snapshots
   */
  static <S, C, E, R> Behavior<Command> create(
      StatefulModule<S, C, E, R> module, Executor blocking, Consumer<Answer> answers) {
    return Behaviors.setup(
        context -> {
          var copy = new StatefulCopy<>(context, module, blocking, answers);
          return Behaviors.receiveMessage(copy::receive);
        });
  }

  private Behavior<Command> receive(Command command) {
    switch (command) {
      case FromWatchDog(ModuleActor.CheckSanity check) ->
          check.replyTo().tell(module.checkSanity(state));
      case Installed(var read) -> installed(read);
      default -> inOrder(command);
    }
    return Behaviors.same();
  }

  /** Waits while a state is being read, which another thread does. */
  private void inOrder(Command command) {
    if (installing) {
      afterInstall.add(command);
      return;
    }
    switch (command) {
      case Decide(var generation, var requests) -> answer(generation, requests);
      case Apply(var updates) -> updates.forEach(update -> replay(update.payload()));
      case Install(var snapshot) -> install(snapshot);
      case Capture(var number) -> capture(number);
      case Become(var next) -> {
        become(next);
        answers.accept(new Answer.Became(next));
      }
      case FromWatchDog(ModuleActor.StatusChanged change) -> {
        become(new Standing(change.status(), change.epoch()));
        change.replyTo().tell(change.confirmed());
      }
      case FromWatchDog(ModuleActor.CheckSanity check) -> {}
      case Installed read -> {}
    }
  }

  private void answer(long generation, List<Request> requests) {
    var decisions = new ArrayList<io.understudy.state.Decision>(requests.size());
    for (var request : requests) {
      decisions.add(answer(request.command()));
    }
    answers.accept(new Answer.Decided(new Input.Decided(generation, decisions)));
  }

  private io.understudy.state.Decision answer(Bytes bytes) {
    C command;
    try {
      command = codec.decodeCommand(bytes);
    } catch (IllegalArgumentException e) {
      var reason = String.valueOf(e.getMessage());
      return new io.understudy.state.Decision(Optional.empty(), ModuleReply.unreadable(reason));
    }
    Decision<E, R> decision = module.decide(state, command);
    var encoded = encoded(decision);
    var size = encoded.reply().length() + encoded.update().map(Bytes::length).orElse(0);
    if (size > Batches.LONGEST) { // nothing has happened yet, and it would reach no other copy
      return new io.understudy.state.Decision(
          Optional.empty(), ModuleReply.unreadable(tooLong(size)));
    }
    decision.events().forEach(event -> state = module.evolve(state, event));
    return encoded;
  }

  private io.understudy.state.Decision encoded(Decision<E, R> decision) {
    var reply = ModuleReply.of(codec.encodeReply(decision.reply()));
    var events = decision.events().stream().map(codec::encodeEvent).toList();
    return new io.understudy.state.Decision(
        Optional.of(events).filter(it -> !it.isEmpty()).map(Frames::join), reply);
  }

  private static String tooLong(int size) {
    return "its events and its reply have %d bytes, and %d is the most; ask for less at a time"
        .formatted(size, Batches.LONGEST);
  }

  private void replay(Bytes update) {
    for (var event : Frames.split(update)) {
      state = module.evolve(state, codec.decodeEvent(event));
    }
  }

  private void become(Standing next) {
    if (!next.equals(standing)) {
      standing = next;
      module.statusChanged(next.status(), next.epoch());
    }
  }

  private void capture(long number) {
    var captured = state;
    answers.accept(new Answer.Captured(number, out -> codec.writeState(captured, out)));
  }

  private void install(Optional<SnapshotFile> snapshot) {
    if (snapshot.isEmpty()) {
      state = module.initialState();
      return;
    }
    installing = true;
    var reading = CompletableFuture.supplyAsync(() -> read(snapshot.get()), blocking);
    context.pipeToSelf(reading, (read, failure) -> new Installed(reading));
  }

  private S read(SnapshotFile snapshot) {
    try (var in = snapshot.open()) {
      return codec.readState(new Counted(in, bytes -> answers.accept(new Answer.Reading(bytes))));
    } catch (IOException e) {
      throw new UncheckedIOException("its state cannot be read from a snapshot", e);
    }
  }

  /** Of the type that {@link #read} returns. Throws what reading threw: the copy has failed. */
  @SuppressWarnings("unchecked")
  private void installed(CompletableFuture<?> read) {
    state = (S) read.join();
    installing = false;
    while (!installing && !afterInstall.isEmpty()) {
      inOrder(afterInstall.remove());
    }
  }
}
