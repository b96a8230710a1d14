package io.understudy.state;

import io.understudy.model.Epoch;
import java.util.Comparator;

/**
 * A place in a module's log: the epoch in which the update was numbered, and its number.
 *
 * <p>Numbers go on over epochs without a gap. Only the sequencer of an epoch numbers in it, so logs
 * that hold the same position are the same up to it.
 */
public record Position(Epoch epoch, long sequence) implements Comparable<Position> {
  /** Before the first update. */
  public static final Position NONE = new Position(Epoch.NONE, 0);

  private static final Comparator<Position> ORDER =
      Comparator.comparing(Position::epoch).thenComparingLong(Position::sequence);

  /** Which of two logs that end here knows more: the one of the later epoch, then the longer. */
  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return epoch + ":" + sequence;
  }
}
