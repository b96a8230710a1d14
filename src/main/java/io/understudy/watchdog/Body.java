package io.understudy.watchdog;

import io.understudy.model.Detection;
import java.util.Optional;

/**
 * What a run is made of. No call waits; what comes of it is told as {@link CopyNews}: Spawned or
 * Gone after a start, PollBegun and Polled after a poll, Gone after the death.
 */
interface Body {
  void start();

  void poll(Detection.Polling how);

  /** Tells it a new status, if it can be told directly. */
  void tell(Standing standing);

  /**
   * Asks it to end.
   *
   * @param hung it has failed already, and what cannot answer is not asked: a process is killed
   */
  void terminate(boolean hung);

  /** Ends it whatever it does; safe to repeat, and before the start has come to anything. */
  void kill();

  /** Why it could not be started at all, of a body that found out while it started. */
  default Optional<String> cannotStart() {
    return Optional.empty();
  }
}
