package io.understudy.checkpoint;

import io.understudy.state.Position;
import io.understudy.state.Update;
import java.util.List;

/**
 * What the Checkpoint Server has of a module.
 *
 * @param at of the snapshot that is in the file; {@link Position#NONE} if there is none, and no
 *     file
 * @param bytes of the file
 * @param tail the updates after it, without a gap
 */
public record Restored(Position at, long bytes, List<Update> tail) {
  public Restored {
    tail = List.copyOf(tail);
  }

  /** The last update that it has. */
  public Position end() {
    return tail.isEmpty() ? at : tail.getLast().at();
  }
}
