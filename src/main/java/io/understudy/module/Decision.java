package io.understudy.module;

import java.util.Arrays;
import java.util.List;

/**
 * What a module makes of a command: what happens, and what the client is answered once it has
 * happened for good.
 *
 * @param events all of them take effect, or none does; none at all makes the command a read
 */
public record Decision<E, R>(List<E> events, R reply) {
  public Decision {
    events = List.copyOf(events);
  }

  /** These events happen, then the client is answered. */
  @SafeVarargs
  @SuppressWarnings("varargs") // it is read, and not kept
  public static <E, R> Decision<E, R> of(R reply, E... events) {
    return new Decision<>(Arrays.stream(events).toList(), reply);
  }

  /** A read: nothing happens. */
  public static <E, R> Decision<E, R> reply(R reply) {
    return new Decision<>(List.of(), reply);
  }
}
