package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Detection;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DetectorTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Detection POLLING =
      new Detection.Polling(INTERVAL, Duration.ofMillis(500), Optional.empty());

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  private static Duration due(Detector detector) {
    return detector.wakeAt().orElseThrow();
  }

  @Test
  @DisplayName("[33] a hundred copies, ready one after another => polled at few moments in common")
  void inCommon() {
    var moments =
        LongStream.range(0, 100)
            .mapToObj(i -> due(Detector.of(POLLING, millis(100_000 + i))))
            .distinct();
    assertThat(moments.count()).isLessThanOrEqualTo(2);
  }

  @Test
  @DisplayName("[33] a copy is polled an interval after it was asked last, or somewhat earlier")
  void notLater() {
    LongStream.range(0, 2000)
        .forEach(
            ready ->
                assertThat(due(Detector.of(POLLING, millis(ready))))
                    .isBetween(millis(ready + 750), millis(ready + 1000)));
  }

  @Test
  @DisplayName("[33] its polls come an interval apart, each asked a little late")
  void steady() {
    var detector = Detector.of(POLLING, millis(100_123));
    var first = due(detector);
    for (int poll = 0; poll < 10; poll++) {
      assertThat(due(detector)).isEqualTo(first.plus(INTERVAL.multipliedBy(poll)));
      detector = detector.done(due(detector).plus(millis(17))).answered();
    }
  }

  @Test
  @DisplayName("[33] before the clock's zero, too, which may lie anywhere")
  void negative() {
    assertThat(due(Detector.of(POLLING, millis(-100_123))))
        .isBetween(millis(-100_123 + 750), millis(-100_123 + 1000));
  }

  @Test
  @DisplayName("[31] what is asked is due at its own time-out, whenever the others are polled")
  void timeout() {
    var asked = Detector.of(POLLING, Duration.ZERO).done(millis(1002)).begun(millis(1017));
    assertThat(due(asked)).isEqualTo(millis(1517));
    assertThat(asked.due(millis(1516))).isEqualTo(new Detector.Due.Nothing());
    assertThat(asked.due(millis(1517))).isInstanceOf(Detector.Due.Hung.class);
  }

  @Test
  @DisplayName("[33] a polling interval too short to be divided")
  void shortest() {
    var often = new Detection.Polling(millis(1), millis(1), Optional.empty());
    assertThat(due(Detector.of(often, millis(7)))).isBetween(millis(7), millis(8));
  }
}
