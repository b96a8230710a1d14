package io.understudy.checkpoint;

import io.understudy.model.Epoch;
import java.util.function.Function;

/** What came of a request to the Checkpoint Server. */
public sealed interface Outcome<T> {
  /** It is durable, or it was read. */
  record Done<T>(T value) implements Outcome<T> {}

  /**
   * The module was claimed for a higher epoch, so nothing was written: the writer is replaced (I4).
   * {@link Epoch#NONE} when it was never claimed.
   */
  record Stale<T>(Epoch claimed) implements Outcome<T> {}

  /** The Checkpoint Server cannot be reached or refuses; it may or may not have been written. */
  record Unavailable<T>(String reason) implements Outcome<T> {}

  /** With another value. */
  default <U> Outcome<U> map(Function<? super T, ? extends U> change) {
    return switch (this) {
      case Done<T>(var value) -> new Done<>(change.apply(value));
      case Stale<T>(var claimed) -> new Stale<>(claimed);
      case Unavailable<T>(var reason) -> new Unavailable<>(reason);
    };
  }
}
