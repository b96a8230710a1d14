package io.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static Measurement of(List<Double> values) {
    return new Measurement("id", "what", "ms", values, new Bar(5, 9));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
    assertThat(of(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
    assertThat(of(List.of(4.0, 1.0, 2.0)).median()).isEqualTo(2.0);
  }

  @Test
  void ninetyNineOfAHundredDoNotExceedTheP99() {
    var hundred = IntStream.rangeClosed(1, 100).mapToObj(i -> (double) i).toList();

    assertThat(of(hundred).p99()).isEqualTo(99);
    assertThat(of(List.of(3.0, 1.0, 2.0)).p99()).isEqualTo(3);
  }

  @Test
  void aBarIsMissedByTheMedianOrByTheP99() {
    assertThat(new Bar(5, 9).isMet(of(List.of(5.0, 5.0, 9.0)))).isTrue();
    assertThat(new Bar(5, 9).isMet(of(List.of(5.0, 5.0, 9.1)))).isFalse();
    assertThat(new Bar(5, 9).isMet(of(List.of(5.1)))).isFalse();
  }

  @Test
  void aBarOfAtLeastIsMissedByAMedianBelowIt() {
    assertThat(Bar.atLeast(5).isMet(of(List.of(4.0, 5.0, 6.0)))).isTrue();
    assertThat(Bar.atLeast(5).isMet(of(List.of(4.0, 4.9, 6.0)))).isFalse();
    assertThat(Bar.atLeast(5).text()).isEqualTo(">= 5");
  }
}
