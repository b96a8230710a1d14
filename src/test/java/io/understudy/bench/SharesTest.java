package io.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What each step of a recovery took. */
class SharesTest {
  @Test
  @DisplayName("a step ended before the one that is told before it => it took nothing; all add up")
  void overlap() {
    var shares = new Shares("x");
    var start = Moment.now();
    var millis = 1_000_000L;
    var from = start.nanos();
    shares
        .from(start)
        .to("a", from + 5 * millis)
        .to("b", from + 3 * millis)
        .to("c", from + 9 * millis);
    assertThat(shares.measurements().stream().map(Measurement::median))
        .containsExactly(5.0, 0.0, 4.0);
  }
}
