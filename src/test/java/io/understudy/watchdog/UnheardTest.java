package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnheardTest {
  private static CopyReport report(String copy, long run) {
    return report(copy, run, new Seen.Stopped());
  }

  private static CopyReport report(String copy, long run, Seen seen) {
    return new CopyReport(CopyId.parse(copy), run, CopyStatus.PRIMARY, new Epoch(1), seen);
  }

  @Test
  @DisplayName("[35] only the newest report of each copy is kept")
  void newest() {
    var unheard = Unheard.NOTHING.add(report("A1", 1)).add(report("B1", 1)).add(report("A1", 2));
    assertThat(unheard.next().reports()).containsExactly(report("B1", 1), report("A1", 2));
    assertThat(unheard.sequence()).isEqualTo(3);
  }

  @Test
  @DisplayName("[p] hearing an older number leaves what came after it")
  void heard() {
    var unheard = Unheard.NOTHING.add(report("A1", 1)).add(report("B1", 1)).add(report("A1", 2));
    assertThat(unheard.heard(2).next().reports()).containsExactly(report("A1", 2));
    assertThat(unheard.heard(3).isEmpty()).isTrue();
    assertThat(unheard.heard(3).add(report("A1", 3)).sequence()).isEqualTo(4);
  }

  @Test
  @DisplayName("[p] while an answer is on its way, what follows waits for it and goes together")
  void waits() {
    var at = Duration.ofHours(1);
    var first = Unheard.NOTHING.add(report("A1", 1));
    assertThat(first.isDue(at)).isTrue();
    var more = first.told(at).add(report("B1", 1)).add(report("C1", 1));
    assertThat(more.isDue(at.plusMillis(1))).isFalse();
    assertThat(more.heard(1).isDue(at.plusMillis(1))).isTrue();
    assertThat(more.heard(1).next().reports()).containsExactly(report("B1", 1), report("C1", 1));
    assertThat(more.heard(3).isDue(at.plusMillis(1))).isFalse();
  }

  @Test
  @DisplayName("[p] an answer that does not come holds nothing up for long")
  void doesNotWaitForEver() {
    var at = Duration.ofHours(1);
    var more = Unheard.NOTHING.add(report("A1", 1)).told(at).add(report("B1", 1));
    assertThat(more.isDue(at.plus(Unheard.ANSWER_WITHIN))).isTrue();
    assertThat(more.heard(0).isDue(at)).as("an answer to something older").isFalse();
  }

  @Test
  @DisplayName("[p] more reports than fit a message => the oldest first, each until it is heard")
  void tooMany() {
    var last = "x".repeat(1900);
    var unheard = Unheard.NOTHING;
    for (int number = 1; number <= 1000; number++) {
      var failed = new Seen.Failed(FailureKind.CRASHED, number + last);
      unheard = unheard.add(report("A" + number, 1, failed));
    }
    var told = 0;
    while (!unheard.isEmpty()) {
      var part = unheard.next();
      assertThat(part.reports().stream().mapToInt(it -> it.toString().length()).sum())
          .isLessThan(512 * 1024);
      assertThat(part.sequence()).isEqualTo(told + part.reports().size());
      assertThat(part.reports().getFirst().copy().number()).isEqualTo(told + 1);
      told += part.reports().size();
      unheard = unheard.told(Duration.ZERO).heard(part.sequence());
      assertThat(unheard.isEmpty() || unheard.isDue(Duration.ZERO)).as("the next is due").isTrue();
    }
    assertThat(told).isEqualTo(1000);
  }

  @Test
  @DisplayName("[p] an exception's message that is long, or no text, is told as far as it can be")
  void anyReason() {
    var failed = new Seen.Failed(FailureKind.CRASHED, "\ud83d" + "x".repeat(3_000_000));
    assertThat(failed.reason()).startsWith("?xxx").endsWith("x...").hasSizeLessThan(2010);
    assertThat(new Seen.Failed(failed.kind(), failed.reason())).isEqualTo(failed);
  }
}
