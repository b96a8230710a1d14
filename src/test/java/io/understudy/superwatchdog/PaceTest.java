package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  @Test
  @DisplayName("it looks more rarely when nothing has gone on for long, and at once when it does")
  void calm() {
    var pace = Pace.brisk(50);
    for (int look = 0; look < 49; look++) {
      pace = pace.looked(true);
      assertThat(pace.next(INTERVAL)).isEqualTo(INTERVAL);
    }
    pace = pace.looked(true);
    assertThat(pace.isCalm()).isTrue();
    assertThat(pace.looked(true).next(INTERVAL)).isEqualTo(Duration.ofMillis(300));
    assertThat(pace.looked(false).next(INTERVAL)).isEqualTo(INTERVAL);
  }
}
