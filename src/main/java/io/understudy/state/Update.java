package io.understudy.state;

import java.util.Optional;

/**
 * One step of a module's state. Updates of equal position are equal.
 *
 * @param request what it came of, if the client named it
 * @param origin the copy that answers when it has applied it; not kept by the Checkpoint Server
 * @param reply what the client is answered, now and when it asks again
 */
public record Update(
    Position at, Optional<RequestId> request, Optional<Origin> origin, Bytes payload, Bytes reply) {
  private static final int OVERHEAD = 100;
  private static final int OBJECTS = 200; // a dozen of them, with what names the client

  /** About what it takes on the wire, in bytes. */
  public int size() {
    return OVERHEAD + payload.length() + reply.length();
  }

  /** About what it takes in memory, in bytes. */
  int memory() {
    return size() + OBJECTS;
  }

  public long sequence() {
    return at.sequence();
  }
}
