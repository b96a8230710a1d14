package io.understudy.model;

import java.util.List;

/**
 * A copy as a registration lists it: the host on which it resides and where it is found there.
 *
 * @param arguments given to an executable; empty for an actor
 */
public record Copy(HostId host, Location location, List<String> arguments) {
  public Copy {
    arguments = List.copyOf(arguments);
  }

  public Copy(HostId host, Location location) {
    this(host, location, List.of());
  }
}
