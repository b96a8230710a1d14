package io.understudy.watchdog;

import io.understudy.model.CopyReport.Seen;
import java.time.Duration;
import java.util.Optional;

/** How far one run of a copy has come. */
sealed interface CopyPhase {
  /**
   * Asked to start.
   *
   * @param outcome what to end it with, as soon as there is something to end
   */
  record Spawning(Duration deadline, Optional<Seen> outcome) implements CopyPhase {}

  /**
   * Started.
   *
   * @param readyBy the deadline, while it is not ready
   */
  record Alive(long pid, Optional<Duration> readyBy, Detector detector) implements CopyPhase {}

  /**
   * Told to end, or killed.
   *
   * @param outcome what to report once it is dead
   * @param killAt when asking ends; empty when it has been killed
   */
  record Ending(long pid, Seen outcome, Optional<Duration> killAt) implements CopyPhase {}

  record Dead(Seen outcome) implements CopyPhase {}
}
