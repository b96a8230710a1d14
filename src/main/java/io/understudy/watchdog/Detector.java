package io.understudy.watchdog;

import io.understudy.model.Detection;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Decides when a running copy is to be polled and when it counts as hung ([0019]). */
sealed interface Detector {
  /** What is due at a moment. */
  sealed interface Due {
    record Nothing() implements Due {}

    record Poll() implements Due {}

    record Hung(String reason) implements Due {}
  }

  /** What is due, given a reading of a clock that only goes forward. */
  Due due(Duration now);

  /** This detector once that which is due has been done. */
  default Detector done(Duration now) {
    return this;
  }

  /** When something is due next, if nothing happens before. */
  Optional<Duration> wakeAt();

  /** The copy sent a heartbeat. */
  default Detector heard(OptionalInt requestsInHand, Duration now) {
    return this;
  }

  /** A poll has got as far as the copy. */
  default Detector begun(Duration now) {
    return this;
  }

  /** The copy answered a poll. */
  default Detector answered() {
    return this;
  }

  /** A WatchDog that was itself paused does not accuse: all clocks of the copy start again. */
  default Detector forgive(Duration now) {
    return this;
  }

  /** The detector of a registration, for a copy that becomes ready now. */
  static Detector of(Detection detection, Duration now) {
    return switch (detection) {
      case Detection.Polling polling -> Polls.after(polling.interval(), polling.timeout(), now);
      case Detection.Heartbeat heartbeat when heartbeat.on() == Detection.Heartbeat.Source.PERIOD ->
          new Heartbeats(heartbeat, Optional.of(now));
      // Serving nobody yet, as a backup does for all its life: not hung, idle.
      case Detection.Heartbeat heartbeat -> new Heartbeats(heartbeat, Optional.empty());
    };
  }

  /** Nothing is asked of the copy. */
  record None() implements Detector {
    @Override
    public Due due(Duration now) {
      return new Due.Nothing();
    }

    @Override
    public Optional<Duration> wakeAt() {
      return Optional.empty();
    }
  }

  /**
   * The copy sends heartbeats.
   *
   * @param since when the clock began to run; empty while it stands still
   */
  record Heartbeats(Detection.Heartbeat how, Optional<Duration> since) implements Detector {
    @Override
    public Due due(Duration now) {
      return wakeAt().filter(end -> end.compareTo(now) <= 0).isPresent()
          ? new Due.Hung("no heartbeat for %d ms".formatted(how.timeout().toMillis()))
          : new Due.Nothing();
    }

    @Override
    public Optional<Duration> wakeAt() {
      return since.map(begun -> begun.plus(how.timeout()));
    }

    @Override
    public Detector heard(OptionalInt requestsInHand, Duration now) {
      var idle =
          how.on() == Detection.Heartbeat.Source.REQUEST
              && requestsInHand.isPresent()
              && requestsInHand.getAsInt() == 0;
      return new Heartbeats(how, idle ? Optional.empty() : Optional.of(now));
    }

    @Override
    public Detector forgive(Duration now) {
      return new Heartbeats(how, since.map(begun -> now));
    }
  }

  /**
   * The copy is polled, and by a clock that all copies of a host share: polled together they wake
   * the host up less often.
   *
   * @param at when the next poll is due, the last was sent, or its answer is due
   */
  record Polls(Duration interval, Duration timeout, Duration at, Stage stage) implements Detector {
    /** In each interval so many moments at which polls are due. */
    private static final int MOMENTS = 4;

    /**
     * How far a poll is. On a busy host it may wait a while: that is not for the copy to answer.
     */
    enum Stage {
      NEXT,
      SENT,
      ASKED
    }

    /** To be polled an interval after that, or at the last moment before. */
    static Polls after(Duration interval, Duration timeout, Duration last) {
      var due = last.plus(interval).toNanos();
      var grain = Math.max(1, interval.toNanos() / MOMENTS);
      var at = Duration.ofNanos(due - Math.floorMod(due, grain));
      return new Polls(interval, timeout, at, Stage.NEXT);
    }

    @Override
    public Due due(Duration now) {
      if (wakeAt().filter(due -> due.compareTo(now) <= 0).isEmpty()) {
        return new Due.Nothing();
      }
      return stage == Stage.ASKED
          ? new Due.Hung("no answer to a poll for %d ms".formatted(timeout.toMillis()))
          : new Due.Poll();
    }

    @Override
    public Detector done(Duration now) {
      return new Polls(interval, timeout, now, Stage.SENT);
    }

    @Override
    public Optional<Duration> wakeAt() {
      return stage == Stage.SENT ? Optional.empty() : Optional.of(at);
    }

    @Override
    public Detector begun(Duration now) {
      return stage == Stage.SENT
          ? new Polls(interval, timeout, now.plus(timeout), Stage.ASKED)
          : this;
    }

    @Override
    public Detector answered() {
      return switch (stage) {
        case NEXT -> this;
        case SENT -> after(interval, timeout, at);
        case ASKED -> after(interval, timeout, at.minus(timeout));
      };
    }

    @Override
    public Detector forgive(Duration now) {
      return switch (stage) {
        case NEXT ->
            at.compareTo(now) < 0 // polled now, so that it is polled at all
                ? new Polls(interval, timeout, now, Stage.NEXT)
                : this;
        case SENT -> this;
        case ASKED -> new Polls(interval, timeout, now.plus(timeout), Stage.ASKED);
      };
    }
  }
}
