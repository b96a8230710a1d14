package io.understudy.state;

import java.util.Optional;

/**
 * What a client asks of the module.
 *
 * @param origin the copy that accepted it and answers it
 * @param id absent: a repetition is another request
 * @param command what the module decides on; of a process module, the update itself
 * @param again it may have been sent before: its answer is kept even if it makes no update, so that
 *     the one that is still on its way does not get another
 */
public record Request(Origin origin, Optional<RequestId> id, Bytes command, boolean again) {
  public Request(Origin origin, Optional<RequestId> id, Bytes command) {
    this(origin, id, command, false);
  }

  Request repeated() {
    return new Request(origin, id, command, true);
  }
}
