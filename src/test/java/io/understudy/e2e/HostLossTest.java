package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The example of [0024], on a fresh FIG. 1. */
@Tag("slow")
class HostLossTest {
  private final Path data = Fig1.folder("hostlosstest");

  @Test
  @DisplayName("[51][50][52] H1's node is killed: as 46, and B3 is primary; H1 returns empty (d)")
  void killH1() {
    try (var fig1 = Fig1.up(data)) {
      var own = data.resolve("H1");
      Fig1Test.kill(fig1.pid("H1"));
      Await.until(
          () -> {
            assertThat(fig1.statuses("A"))
                .isEqualTo("A1 IDLE, A2 PRIMARY*, A3 BACKUP*, A4 BACKUP*");
            assertThat(fig1.statuses("B")).isEqualTo("B1 PRIMARY*, B2 IDLE, B3 PRIMARY*");
            assertThat(fig1.statuses("C")).isEqualTo("C1 PRIMARY*, C2 IDLE");
          });
      Await.until(() -> assertThat(Fig1Test.processesOn(own)).as("processes of H1").isEmpty());

      var before = fig1.table().get("modules");
      fig1.script("start", "H1").ok();
      Await.until(
          () ->
              assertThat(fig1.get("/understudy/hosts").get("hosts").findValuesAsText("state"))
                  .hasSize(6)
                  .containsOnly("UP"));
      assertThat(fig1.table().get("modules")).isEqualTo(before);
    }
  }
}
