package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final Duration CALM = Duration.ofMillis(300);

  private final List<Duration> asked = new ArrayList<>();
  private final Looks looks = new Looks(INTERVAL, asked::add, 0);
  private long now;

  /** The next look so long after the one before. */
  private Optional<Duration> look(Duration after, boolean isQuiet) {
    now += after.toNanos();
    var paused = looks.begin(now);
    looks.end(isQuiet);
    return paused;
  }

  private void calm() {
    while (!asked.getLast().equals(CALM)) {
      assertThat(look(INTERVAL, true)).isEmpty();
    }
  }

  @Test
  @DisplayName("each look asks for the next one; calm, for a later one")
  void next() {
    assertThat(asked).containsExactly(INTERVAL);
    calm();
    assertThat(asked).hasSizeGreaterThan(20);
    look(CALM, false);
    assertThat(asked.getLast()).isEqualTo(INTERVAL);
  }

  @Test
  @DisplayName("{a look, 7 intervals late} => paused for the time since the one before; {6} => not")
  void late() {
    assertThat(look(INTERVAL.multipliedBy(7), true)).isEmpty();
    assertThat(look(INTERVAL.multipliedBy(8), true)).contains(INTERVAL.multipliedBy(8));
    assertThat(look(INTERVAL, true)).isEmpty();
  }

  @Test
  @DisplayName("calm, a look is late by what it comes after the calm interval")
  void lateInCalm() {
    calm();
    assertThat(look(CALM, true)).isEmpty();
    assertThat(look(CALM.plus(INTERVAL.multipliedBy(6)), true)).isEmpty();
    assertThat(look(CALM.plus(INTERVAL.multipliedBy(7)), true)).isPresent();
  }

  @Test
  @DisplayName(
      "stirred in calm => the next look is due after an interval, and not late by the calm")
  void stirred() {
    calm();
    asked.clear();
    looks.stir();
    looks.stir();
    assertThat(asked).containsExactly(INTERVAL);
    assertThat(look(CALM.plus(INTERVAL), true)).isEmpty();
    assertThat(asked).containsExactly(INTERVAL, INTERVAL);
  }

  @Test
  @DisplayName("stirred when it is not calm => the look that is due stays due")
  void stirredAtOnce() {
    looks.stir();
    assertThat(asked).containsExactly(INTERVAL);
  }
}
