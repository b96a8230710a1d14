package io.understudy.e2e;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Observers that stand still for up to 10 s and then go on, on hosts without copies: where there
 * are copies, the guard would kill a node that stands still for longer than its lease. The others
 * replace such an observer; whom it watched it accuses of nothing.
 */
@Tag("slow")
@Order(4)
class PausedObserversTest {
  /** The guard kills none of these. */
  private static final Lan.Plan APART =
      new Lan.Plan(Fig1.HOSTS, Lan.Plan.FIG_1.managers(), false, "guard.timeout = 1m");

  private static final Duration HARDSHIP = Lan.lasting(Duration.ofSeconds(3));
  private static final long LONGEST_MILLIS = 10_000;
  private static final Duration TO_HEAR_OF_IT = Duration.ofSeconds(1);
  private static final List<String> WORKERS = List.of("H1", "H3", "H4");

  @RegisterExtension private static final SharedLan SHARED = new SharedLan();

  @Test
  @DisplayName("an observer is stopped for up to 10 s, again and again: no false fail-over")
  void paused() {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    var lan = SHARED.up(APART);
    var trio = new Trio(lan);
    lan.say("understudy.seed is " + seed);
    trio.register("H1", "H4");
    trio.assertNothingHappens(
        "an observer stopped for up to 10 s",
        () -> {
          pause(lan, lan.seen().manager(), LONGEST_MILLIS);
          var end = System.nanoTime() + HARDSHIP.toNanos();
          while (System.nanoTime() - end < 0) {
            var observer = lan.managers().get(random.nextInt(lan.managers().size()));
            pause(lan, observer, random.nextLong(LONGEST_MILLIS));
          }
        });
  }

  /** Until it has joined again, if it was put out, which it may only hear of when it goes on. */
  private static void pause(Lan lan, String observer, long millis) {
    lan.say("%s is stopped for %d ms".formatted(observer, millis));
    lan.host(observer).pause();
    lan.hold(Duration.ofMillis(millis), WORKERS);
    lan.host(observer).goOn();
    lan.hold(TO_HEAR_OF_IT, WORKERS);
    lan.awaitAllUp();
  }
}
