package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.superwatchdog.Resolver.Other;
import io.understudy.superwatchdog.Resolver.Patience;
import io.understudy.superwatchdog.Resolver.Sight;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a node does about those who cannot be reached. */
class ResolverTest {
  private static final long SECOND = 1_000_000_000;
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(3));
  private static final Other FINE = new Other(true, true);
  private static final Other STALLED = new Other(false, true);
  private static final Other MISSING = new Other(false, false);
  private static final List<String> MANAGERS = List.of("H2", "H5", "H6");

  private long now;
  private Resolver resolver = Resolver.begin(PATIENCE, now);

  private static Sight sight(String self, Map<String, Other> others, Touch touch) {
    return new Sight(self, MANAGERS, others, touch);
  }

  /** It sees this for so long, and looks every second. */
  private void sees(Sight sight, int seconds) {
    for (int i = 0; i < seconds; i++) {
      resolver = resolver.look(sight, now);
      now += SECOND;
    }
    resolver = resolver.look(sight, now);
  }

  @Test
  @DisplayName(
      "an application is out of reach => the oldest manager puts it out after its patience")
  void theMissing() {
    var sight = sight("H2", Map.of("H1", MISSING, "H5", FINE), Touch.MAJORITY);
    sees(sight, 14);
    assertThat(resolver.out(sight)).isEmpty();
    sees(sight, 1);
    assertThat(resolver.out(sight)).containsExactly("H1");
  }

  @Test
  @DisplayName("a jury listens for H1, which is out of reach => nobody else puts it out")
  void theJudged() {
    var sight = sight("H2", Map.of("H1", STALLED), Touch.MAJORITY);
    sees(sight, 1000);
    assertThat(resolver.out(sight)).isEmpty();
  }

  @Test
  @DisplayName("H1 is reached again now and then => nobody puts it out")
  void theFlapping() {
    var missing = sight("H2", Map.of("H1", MISSING), Touch.MAJORITY);
    for (int i = 0; i < 10; i++) {
      sees(missing, 10);
      assertThat(resolver.out(missing)).isEmpty();
      sees(sight("H2", Map.of("H1", FINE), Touch.MAJORITY), 1);
    }
  }

  @Test
  @DisplayName("the next manager takes twice as long, and who does not manage puts nobody out")
  void oneAtATime() {
    var next = sight("H5", Map.of("H2", MISSING), Touch.MAJORITY);
    sees(next, 29);
    assertThat(resolver.out(next)).isEmpty();
    sees(next, 1);
    assertThat(resolver.out(next)).containsExactly("H2");
    assertThat(resolver.out(sight("H1", Map.of("H2", MISSING), Touch.MAJORITY))).isEmpty();
  }

  @Test
  @DisplayName("[j] a manager on the smaller side puts nobody out, and ends after its patience")
  void theSmallerSide() {
    sees(sight("H2", Map.of(), Touch.MAJORITY), 1);
    var cut = sight("H2", Map.of("H5", MISSING, "H6", MISSING), Touch.NONE);
    sees(cut, 14);
    assertThat(resolver.end()).isEmpty();
    sees(cut, 1);
    assertThat(resolver.out(cut)).isEmpty();
    assertThat(resolver.end()).get().asString().contains("out of touch");
  }

  @Test
  @DisplayName("there were never any managers => it waits for them, and lets them in")
  void notYetInTouch() {
    var alone = new Sight("H1", List.of(), Map.of(), Touch.NONE);
    sees(alone, 100);
    assertThat(resolver.end()).isEmpty();
    assertThat(resolver.admits(alone)).isTrue();
  }

  @Test
  @DisplayName(
      "it never was in touch with the managers that it knows => it ends after its patience")
  void neverInTouch() {
    var cut = sight("H1", Map.of("H2", MISSING), Touch.NONE);
    sees(cut, 14);
    assertThat(resolver.end()).isEmpty();
    sees(cut, 1);
    assertThat(resolver.end()).get().asString().contains("out of touch");
  }

  @Test
  @DisplayName("[j] nobody joins through a node that is out of touch, or a stranger")
  void admission() {
    var well = sight("H1", Map.of("H2", FINE), Touch.MAJORITY);
    assertThat(resolver.admits(well)).isTrue();
    sees(well, 1);
    assertThat(resolver.admits(sight("H1", Map.of("H2", FINE), Touch.NONE))).isFalse();
    assertThat(resolver.admits(sight("H1", Map.of("H2", FINE), Touch.STRANGER))).isFalse();
    assertThat(resolver.admits(new Sight("H1", List.of(), Map.of(), Touch.NONE)))
        .as("the managers that it knew are gone")
        .isFalse();
  }

  @Test
  @DisplayName(
      "[d] it was put out without hearing of it, and is told so by the majority => it ends")
  void aStranger() {
    var stranger = sight("H1", Map.of("H2", FINE), Touch.STRANGER);
    sees(stranger, 1);
    assertThat(resolver.end()).isEmpty();
    sees(stranger, 1);
    assertThat(resolver.end()).get().asString().contains("not in their cluster");
  }

  @Test
  @DisplayName("it was itself stopped for a minute => that counts for nobody, itself included")
  void itSlept() {
    sees(sight("H2", Map.of("H1", FINE), Touch.MAJORITY), 1);
    var missing = sight("H2", Map.of("H1", MISSING), Touch.NONE);
    sees(missing, 5);
    now += 60 * SECOND;
    var after = sight("H2", Map.of("H1", MISSING), Touch.MAJORITY);
    resolver = resolver.look(missing, now);
    assertThat(resolver.end()).isEmpty();
    sees(after, 1);
    assertThat(resolver.out(after)).isEmpty();
  }
}
