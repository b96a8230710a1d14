package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
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
}
