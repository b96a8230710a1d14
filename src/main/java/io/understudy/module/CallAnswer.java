package io.understudy.module;

import io.understudy.model.CopyId;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;

/** What became of a request. */
public sealed interface CallAnswer {
  RequestId request();

  /** Whether the same again gets the same answer; otherwise the module decides it again. */
  default boolean kept() {
    return true;
  }

  /** It took effect and is kept, as the module's replication says, or it was a read. */
  record Replied(RequestId request, Bytes reply, boolean kept) implements CallAnswer {
    public Replied(RequestId request, Bytes reply) {
      this(request, reply, true);
    }
  }

  /**
   * It took effect before, as this update; the reply to it is no longer kept, since much has been
   * replied since.
   */
  record Forgotten(RequestId request, long sequence) implements CallAnswer {}

  /**
   * This copy does not serve, at least not yet; it took no effect here, though it may have where it
   * was sent before. Repeat it, with its id, to a primary.
   *
   * @param copy of which it was asked; by now it may have been repeated to another
   */
  record NotPrimary(RequestId request, CopyId copy, String reason) implements CallAnswer {}

  /** The module cannot read the command, or does not take it. */
  record CallRefused(RequestId request, String reason, boolean kept) implements CallAnswer {
    public CallRefused(RequestId request, String reason) {
      this(request, reason, true);
    }
  }

  /**
   * Too many requests wait here; it took no effect this time, though it may have where it was sent
   * before. Repeat it, with its id, a little later.
   */
  record Overloaded(RequestId request) implements CallAnswer {}
}
