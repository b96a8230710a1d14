package io.understudy.model;

import java.net.URI;
import java.util.List;

/**
 * How polling looks inside a copy that is a process (patent [0019]).
 *
 * <p>Copies that are actors are asked by a message and need none of these.
 */
public sealed interface SanityCheck {
  /** Sane when the command exits with 0; it runs with the copy's environment. */
  record Command(List<String> command) implements SanityCheck {
    public Command {
      command = List.copyOf(command);
    }
  }

  /** Sane when a connection to the port on the copy's host is accepted. */
  record TcpConnect(int port) implements SanityCheck {}

  /** Sane when a GET of the address is answered with a status of 200 to 299. */
  record HttpGet(URI address) implements SanityCheck {}
}
