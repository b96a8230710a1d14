package io.understudy.superwatchdog;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;

/**
 * What this node hears over pulses, for {@link Downing}, which Pekko begins before anything else.
 */
public final class Hearing implements Extension {
  /** A SuperWatchDog that has not looked for so long hears nobody. */
  private static final Duration STALE = Duration.ofSeconds(3);

  private static final Id ID = new Id();

  private volatile @Nullable Supplier<Touch> watchDog;
  private volatile @Nullable Judge judge;

  /**
   * What the SuperWatchDog of this node hears.
   *
   * @param nodes that it listens for, to judge them
   * @param majority whether it is in touch with a majority of the SuperWatchDogs
   * @param at by {@link System#nanoTime}
   */
  record Judge(Set<String> nodes, boolean majority, long at) {
    Judge {
      nodes = Set.copyOf(nodes);
    }

    private boolean isFresh() {
      return System.nanoTime() - at < STALE.toNanos();
    }
  }

  private static final class Id extends ExtensionId<Hearing> {
    @Override
    public Hearing createExtension(ActorSystem<?> system) {
      return new Hearing();
    }
  }

  private Hearing() {}

  /** That of this actor system. */
  public static Hearing of(ActorSystem<?> system) {
    return system.registerExtension(ID);
  }

  /** This node's WatchDog speaks to the SuperWatchDogs, and hears their answers. */
  public void watchDog(Supplier<Touch> touch) {
    watchDog = touch;
  }

  void judge(Judge now) {
    judge = now;
  }

  /** Empty on a node that has neither a WatchDog nor a SuperWatchDog. */
  Optional<Touch> touch() {
    var ofWatchDog = Optional.ofNullable(watchDog).map(Supplier::get);
    var ofJudge = Optional.ofNullable(judge).map(it -> it.majority() && it.isFresh());
    return ofWatchDog.filter(touch -> touch == Touch.STRANGER || ofJudge.isEmpty()).isPresent()
        ? ofWatchDog
        : ofJudge.map(majority -> majority ? Touch.MAJORITY : Touch.NONE);
  }

  boolean judges(String node) {
    return Optional.ofNullable(judge)
        .filter(it -> it.isFresh() && it.nodes().contains(node))
        .isPresent();
  }
}
