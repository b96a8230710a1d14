package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Quiet;
import io.understudy.superwatchdog.Knock.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FirstSeedTest {
  private static final String H2 = "10.0.0.2:17355";
  private static final String H5 = "10.0.0.5:17355";
  private static final String H6 = "10.0.0.6:17355";

  private final Map<String, Answer> answers = new HashMap<>();
  private final List<List<String>> joins = new ArrayList<>();
  private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private boolean joined;

  private FirstSeed seed(String... seeds) {
    var around =
        new FirstSeed.Surroundings() {
          @Override
          public Answer ask(String address) {
            return Optional.ofNullable(answers.get(address)).orElseThrow();
          }

          @Override
          public boolean joined() {
            return joined;
          }

          @Override
          public void join(List<String> those) {
            joins.add(those);
          }
        };
    return new FirstSeed(H2, List.of(seeds), around, work::add);
  }

  /** Whatever is due, and whatever follows from it after its pause. */
  private void look() throws InterruptedException {
    Deque<Runnable> due = new ArrayDeque<>();
    due.add(Optional.ofNullable(work.poll(20, TimeUnit.SECONDS)).orElseThrow());
    due.forEach(Runnable::run);
  }

  @Test
  @DisplayName("alone, or with none of the others running => it begins")
  void begins() throws InterruptedException {
    seed(H2).begin();
    look();
    answers.putAll(Map.of(H5, Answer.REFUSED, H6, Answer.REFUSED));
    seed(H2, H5, H6).begin();
    look();
    assertThat(joins).containsExactly(List.of(H2), List.of(H2));
    assertThat(work).isEmpty();
  }

  @Test
  @DisplayName("others run => it asks them, and begins only if they know of none either")
  void asksThoseWhoRun() throws InterruptedException {
    answers.putAll(Map.of(H5, Answer.ACCEPTED, H6, Answer.REFUSED));
    seed(H2, H5, H6).begin();
    look();
    assertThat(joins).containsExactly(List.of(H2, H5));
  }

  @Test
  @DisplayName("[j] one is silent => it begins nothing, until that one answers")
  void waitsForTheSilent() throws InterruptedException {
    try (var quiet = new Quiet(FirstSeed.class.getName())) {
      answers.putAll(Map.of(H5, Answer.SILENCE, H6, Answer.REFUSED));
      seed(H2, H5, H6).begin();
      look();
      look();
      assertThat(joins).isEmpty();
      answers.put(H6, Answer.ACCEPTED);
      look();
      look();
      assertThat(joins).as("without itself").containsExactly(List.of(H6));
      answers.put(H5, Answer.ACCEPTED);
      look();
      assertThat(joins).last().isEqualTo(List.of(H2, H5, H6));
    }
    assertThat(work).isEmpty();
  }

  @Test
  @DisplayName("one is silent, and another lets it in => it asks no more")
  void isLetIn() throws InterruptedException {
    try (var quiet = new Quiet(FirstSeed.class.getName())) {
      answers.putAll(Map.of(H5, Answer.SILENCE, H6, Answer.ACCEPTED));
      seed(H2, H5, H6).begin();
      look();
      joined = true;
      look();
    }
    assertThat(work).isEmpty();
  }
}
