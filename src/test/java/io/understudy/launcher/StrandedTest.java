package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Times are nanoseconds after a beginning. */
class StrandedTest {
  private static final Stranded JOINED = Stranded.after(Duration.ofNanos(20));

  @Test
  @DisplayName("[d] without a lease at 5, 24 and 25, patience 20: stranded at 25, not before")
  void patience() {
    var stranded = JOINED.without(5).without(24);
    assertThat(stranded.isOver(24)).isFalse();
    assertThat(stranded.isOver(25)).isTrue();
  }

  @Test
  @DisplayName("a lease at 20 between none at 5 and none at 21: patience begins anew at 21")
  void leased() {
    var stranded = JOINED.without(5).welcome().without(21);
    assertThat(stranded.isOver(40)).isFalse();
    assertThat(stranded.isOver(41)).isTrue();
  }

  @Test
  @DisplayName("a node that was itself paused is not stranded by its own pause")
  void paused() {
    assertThat(JOINED.welcome().isOver(1_000)).isFalse();
    assertThat(JOINED.without(1_000).isOver(1_000)).isFalse();
  }
}
