package io.understudy.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All that a WatchDog needs to know to start, watch and stop a copy.
 *
 * @param adopt the process to watch instead of starting one
 * @param stopGrace from SIGTERM to SIGKILL
 * @param alone whether only one primary of this module may act, so that it needs a lease (I5)
 */
public record Launch(
    Location location,
    List<String> arguments,
    Optional<Long> adopt,
    Detection detection,
    Readiness readiness,
    Duration stopGrace,
    boolean alone) {
  public Launch {
    arguments = List.copyOf(arguments);
  }
}
