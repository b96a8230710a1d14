package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.state.Batches;
import io.understudy.state.Reply;
import io.understudy.state.RequestId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Who waits for answers at a copy. Nobody is answered as by a primary unless the copy may be one at
 * that moment (I5); what is answered together goes together as far as it is short enough.
 */
final class Waiting {
  private final CopyId copy;
  private final boolean javaModule;
  private final BooleanSupplier mayServe;
  private final Map<Long, Waiter> waiters = new HashMap<>();
  private final Map<ActorRef<CallAnswers>, List<CallAnswer>> answers = new HashMap<>();

  private sealed interface Waiter {
    record Client(RequestId id, ActorRef<CallAnswers> replyTo) implements Waiter {}

    record Caller(ActorRef<Reply> replyTo) implements Waiter {}
  }

  Waiting(CopyId copy, boolean javaModule, BooleanSupplier mayServe) {
    this.copy = copy;
    this.javaModule = javaModule;
    this.mayServe = mayServe;
  }

  void add(long ticket, RequestId id, ActorRef<CallAnswers> replyTo) {
    waiters.put(ticket, new Waiter.Client(id, replyTo));
  }

  void add(long ticket, ActorRef<Reply> replyTo) {
    waiters.put(ticket, new Waiter.Caller(replyTo));
  }

  /** The first answer counts. */
  void answer(long ticket, Reply reply) {
    var waiter = waiters.remove(ticket);
    if (waiter == null) {
      return;
    }
    var checked =
        reply instanceof Reply.Done && !mayServe.getAsBoolean()
            ? new Reply.NotPrimary("the copy is not the primary, or its host's lease is over")
            : reply;
    switch (waiter) {
      case Waiter.Client(var id, var replyTo) -> answer(replyTo, answer(id, checked));
      case Waiter.Caller(var replyTo) -> replyTo.tell(checked);
    }
  }

  private CallAnswer answer(RequestId id, Reply reply) {
    return switch (reply) {
      case Reply.Done(var at, var bytes, var duplicate, var kept) when bytes.isEmpty() ->
          new CallAnswer.Forgotten(id, at.sequence());
      case Reply.Done(var at, var bytes, var duplicate, var kept) ->
          javaModule
              ? ModuleReply.answer(id, bytes.get(), kept)
              : new CallAnswer.Replied(id, bytes.get(), kept);
      case Reply.NotPrimary(var reason) -> new CallAnswer.NotPrimary(id, copy, reason);
      case Reply.Refused(var reason) -> new CallAnswer.CallRefused(id, reason);
      case Reply.Overloaded(var reason) -> new CallAnswer.Overloaded(id);
    };
  }

  void answer(ActorRef<CallAnswers> replyTo, CallAnswer answer) {
    answers.computeIfAbsent(replyTo, first -> new ArrayList<>()).add(answer);
  }

  /** Sends what has gathered. */
  void flush() {
    if (!answers.isEmpty()) {
      answers.forEach(
          (replyTo, all) ->
              Batches.of(all, Waiting::size)
                  .forEach(batch -> replyTo.tell(new CallAnswers(batch))));
      answers.clear();
    }
  }

  private static int size(CallAnswer answer) {
    return switch (answer) {
      case CallAnswer.Replied(var id, var reply, var kept) -> reply.length();
      case CallAnswer.NotPrimary(var id, var by, var reason) -> reason.length();
      case CallAnswer.CallRefused(var id, var reason, var kept) -> reason.length();
      case CallAnswer.Forgotten done -> 0;
      case CallAnswer.Overloaded busy -> 0;
    };
  }

  /** Nobody is answered here any more. */
  void giveUp(String reason) {
    List.copyOf(waiters.keySet()).forEach(ticket -> answer(ticket, new Reply.NotPrimary(reason)));
    flush();
  }
}
