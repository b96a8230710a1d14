package io.understudy.module;

import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Requests of clients to one copy of a module, sent to {@code /user/states} of its node. Requests
 * in one call, and calls of one sender, are decided in the order in which they are sent.
 *
 * <p>A request that is repeated with the same id takes effect once and gets the same reply, as long
 * as its client has sent none with a higher number: a client that has several in flight needs a
 * name for each.
 *
 * @param copy whom the client takes for a primary
 * @param replyTo gets an answer to each request, not always one for each call
 */
public record ModuleCall(
    ModuleId module, CopyId copy, List<Request> requests, ActorRef<CallAnswers> replyTo) {
  /**
   * One request.
   *
   * @param again it has been sent before, and has no answer yet. From then on only an answer that
   *     is {@link CallAnswer.Replied#kept} counts: of two decisions that are not kept, the first
   *     may be to do nothing and the second to do it
   */
  public record Request(RequestId id, Bytes command, boolean again) {
    public Request(RequestId id, Bytes command) {
      this(id, command, false);
    }
  }

  public ModuleCall {
    requests = List.copyOf(requests);
  }

  /** One request alone. */
  public static ModuleCall of(
      CopyId copy, RequestId id, Bytes command, ActorRef<CallAnswers> replyTo) {
    return new ModuleCall(copy.module(), copy, List.of(new Request(id, command)), replyTo);
  }
}
