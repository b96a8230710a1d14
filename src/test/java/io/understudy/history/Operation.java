package io.understudy.history;

import java.util.Optional;

/**
 * One request as its client saw it. Times are nanoseconds of one clock.
 *
 * @param output empty when no answer came: the request may have taken effect at any time after its
 *     invocation, or never
 * @param returned of an unknown outcome, {@link #NEVER}
 */
public record Operation<I, O>(
    int client, I input, Optional<O> output, long invoked, long returned) {
  static final long NEVER = Long.MAX_VALUE;

  public Operation {
    if (returned < invoked || output.isEmpty() != (returned == NEVER)) {
      throw new IllegalArgumentException(
          "%s by %d: invoked at %d, returned %s at %d"
              .formatted(input, client, invoked, output, returned));
    }
  }

  static <I, O> Operation<I, O> of(int client, I input, O output, long invoked, long returned) {
    return new Operation<>(client, input, Optional.of(output), invoked, returned);
  }

  static <I, O> Operation<I, O> unknown(int client, I input, long invoked) {
    return new Operation<>(client, input, Optional.empty(), invoked, NEVER);
  }

  boolean isKnown() {
    return output.isPresent();
  }
}
