package io.understudy.superwatchdog;

import io.understudy.model.Incarnation;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * Those whom a SuperWatchDog listens for: incarnations of WatchDogs, and nodes of SuperWatchDogs.
 *
 * <p>Times are readings of its own monotonic clock, in nanoseconds.
 */
record Lives(PMap<String, Life> bySubject) {
  static final Lives NONE = new Lives(HashTreePMap.empty());

  /**
   * One of them.
   *
   * @param heardAt when it was last known to hear and be heard, or at first when listening began
   * @param grantedAt when its lease was renewed last; never later than it truly was
   * @param outcast whether the cluster put its node out, so that being heard does not help it
   * @param echo the last of its own beats that it knows to have been answered
   * @param unanswered its beats since then, which show only that it can speak
   * @param spokeAt when it truly spoke last, whether anybody listened or not; empty if never
   */
  record Life(
      long heardAt,
      long grantedAt,
      boolean outcast,
      OptionalLong echo,
      int unanswered,
      OptionalLong spokeAt) {
    static Life unheard(long since) {
      return new Life(since, since, false, OptionalLong.empty(), 0, OptionalLong.empty());
    }

    Life heard(long now) {
      return new Life(now, grantedAt, outcast, echo, 0, OptionalLong.of(now));
    }

    /** A beat arrived, with what its sender knows to have been answered. */
    Life heard(OptionalLong answered, long now) {
      return isNews(answered)
          ? new Life(now, grantedAt, outcast, answered, 0, OptionalLong.of(now))
          : new Life(heardAt, grantedAt, outcast, echo, unanswered + 1, spokeAt);
    }

    private boolean isNews(OptionalLong answered) {
      return answered.isPresent()
          && (echo.isEmpty() || answered.getAsLong() - echo.getAsLong() > 0);
    }

    Life granted(long now) {
      return new Life(heardAt, now, outcast, echo, unanswered, spokeAt);
    }

    Life putOut() {
      return new Life(heardAt, grantedAt, true, echo, unanswered, spokeAt);
    }

    /** Its silence does not count for a time in which nobody listened; its lease runs on. */
    Life forgiven(long pause, long now) {
      var moved = heardAt + pause;
      return new Life(moved - now > 0 ? now : moved, grantedAt, outcast, echo, unanswered, spokeAt);
    }
  }

  boolean knows(String subject) {
    return bySubject.containsKey(subject);
  }

  @Nullable Life of(String subject) {
    return bySubject.get(subject);
  }

  /** Begins to listen for it, unless it is known or has been followed by a later life. */
  Lives listenFor(String subject, long since) {
    return knows(subject) || superseded(subject)
        ? this
        : new Lives(bySubject.plus(subject, Life.unheard(since)));
  }

  /** It was heard; earlier lives on its node are over, and their silence means nothing. */
  Lives heard(String subject, long now) {
    if (knows(subject)) {
      return change(subject, life -> life.heard(now));
    }
    if (superseded(subject)) {
      return this;
    }
    var past =
        bySubject.keySet().stream()
            .filter(known -> Incarnation.supersedes(subject, known))
            .toList();
    return new Lives(bySubject.minusAll(past).plus(subject, Life.unheard(now).heard(now)));
  }

  /** A WatchDog's beat: one that is heard, and does not hear, is as silent as the dead. */
  Lives heard(String incarnation, OptionalLong answered, long now) {
    if (knows(incarnation)) {
      return change(incarnation, life -> life.heard(answered, now));
    }
    var next = heard(incarnation, now);
    return next.change(incarnation, life -> life.heard(answered, now));
  }

  private boolean superseded(String subject) {
    return bySubject.keySet().stream().anyMatch(known -> Incarnation.supersedes(known, subject));
  }

  Lives granted(String subject, long now) {
    return change(subject, life -> life.granted(now));
  }

  /** The nodes that were heard since then, themselves or a WatchDog on them. */
  Set<String> heardSince(long then) {
    var nodes = new HashSet<String>();
    bySubject.forEach(
        (subject, life) -> {
          if (life.heardAt() - then > 0) {
            nodes.add(Incarnation.nodeOf(subject));
          }
        });
    return nodes;
  }

  /** Leases may have been granted until now of which this SuperWatchDog knows nothing. */
  Lives allGranted(long now) {
    var next = this;
    for (String subject : bySubject.keySet()) {
      next = next.change(subject, life -> life.granted(now));
    }
    return next;
  }

  /** Whether it truly spoke since then. */
  boolean spokeSince(String subject, long then) {
    @Nullable Life life = of(subject);
    return life != null && life.spokeAt().isPresent() && life.spokeAt().getAsLong() - then > 0;
  }

  /** A node was put out of the cluster, and its WatchDog with it. */
  Lives putOut(String node) {
    var next = this;
    for (String subject : on(node).toList()) {
      next = next.change(subject, Life::putOut);
    }
    return next;
  }

  /** The node itself, if it is known, and the incarnations on it. */
  Stream<String> on(String node) {
    return bySubject.keySet().stream().filter(known -> Incarnation.nodeOf(known).equals(node));
  }

  Lives forgiven(long pause, long now) {
    var next = this;
    for (String subject : bySubject.keySet()) {
      next = next.change(subject, life -> life.forgiven(pause, now));
    }
    return next;
  }

  Lives keeping(Predicate<String> wanted) {
    var gone = bySubject.keySet().stream().filter(wanted.negate()).toList();
    return gone.isEmpty() ? this : new Lives(bySubject.minusAll(gone));
  }

  private Lives change(String subject, UnaryOperator<Life> how) {
    @Nullable Life life = of(subject);
    return life == null ? this : new Lives(bySubject.plus(subject, how.apply(life)));
  }
}
