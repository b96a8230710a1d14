package io.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static Answers at(long... times) {
    var answers = new Answers();
    LongStream.of(times).forEach(time -> answers.answered(time - 1, time));
    return answers;
  }

  @Test
  void theLongestGapIsTakenWholeAlsoIfItBeganBefore() {
    assertThat(at(10, 20, 80, 90).longestGap(30, 40)).isEqualTo(60);
    assertThat(at(10, 20, 80, 90).longestGap(0, 15)).isEqualTo(10);
    assertThat(at(10, 20, 80, 90).longestGap(85, 100)).isEqualTo(10);
    assertThat(at(80, 10, 90, 20).longestGap(0, 100)).as("answers out of order").isEqualTo(60);
  }

  @Test
  void aRequestCountsFromWhenItWasDue() {
    var answers = new Answers();
    answers.answered(100, 350);

    assertThat(answers.latencies()).containsExactly(250);
  }

  @Test
  void answersAreCountedBySpan() {
    var answers = new Answers();
    LongStream.of(99, 100, 105, 119, 120, 130).forEach(at -> answers.answered(90, at));

    assertThat(answers.counts(100, 10, 3)).containsExactly(2, 1, 1);
  }

  @Test
  void requestsGoOnWhileEarlierOnesWait() {
    var asked = new AtomicInteger();
    var never = new CompletableFuture<Integer>();
    try (var load =
        SteadyLoad.start(
            10_000,
            () -> {
              asked.incrementAndGet();
              return never;
            })) {
      Until.seen("requests", Duration.ofSeconds(30), Duration.ofMillis(1), () -> enough(asked));
      assertThat(load.answers().count()).isZero();
      never.complete(1);
      load.stop(Duration.ofSeconds(30));
      assertThat(load.answers().count()).isEqualTo(asked.get());
      assertThat(LongStream.of(load.answers().latencies()).min().orElseThrow()).isPositive();
    }
  }

  private static Optional<Integer> enough(AtomicInteger asked) {
    return Optional.of(asked.get()).filter(count -> count > 100);
  }
}
