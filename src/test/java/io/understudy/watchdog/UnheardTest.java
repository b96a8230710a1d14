package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnheardTest {
  private static CopyReport report(String copy, long run) {
    return new CopyReport(
        CopyId.parse(copy), run, CopyStatus.PRIMARY, new Epoch(1), new Seen.Stopped());
  }

  @Test
  @DisplayName("[35] only the newest report of each copy is kept")
  void newest() {
    var unheard = Unheard.NOTHING.add(report("A1", 1)).add(report("B1", 1)).add(report("A1", 2));
    assertThat(unheard.reports()).containsExactly(report("A1", 2), report("B1", 1));
    assertThat(unheard.sequence()).isEqualTo(3);
  }

  @Test
  @DisplayName("[p] hearing an older number leaves what came after it")
  void heard() {
    var unheard = Unheard.NOTHING.add(report("A1", 1)).add(report("B1", 1)).add(report("A1", 2));
    assertThat(unheard.heard(2).reports()).containsExactly(report("A1", 2));
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
    assertThat(more.heard(1).reports()).containsExactly(report("B1", 1), report("C1", 1));
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
}
