package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.e2e.Witness.Handover;
import io.understudy.e2e.Witness.Reign;
import io.understudy.e2e.Witness.Who;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness sees what it is there to see. A history is drawn as beats "time status epoch". */
class WitnessTest {
  private static final Who A1 = new Who("A", "A1", "H1", 11);
  private static final Who A2 = new Who("A", "A2", "H2", 12);
  private static final Who C1 = new Who("C", "C1", "H1", 13);

  private static List<Reign> reigns(Who who, String... beats) {
    var lines =
        Stream.of(beats)
            .map(beat -> beat.split(" ", 3))
            .map(it -> "%s %s %s %s%n".formatted(it[0], who.copy(), it[1], it[2]));
    return Witness.reigns(who, String.join("", lines.toList()));
  }

  private static Witness witness(List<Reign> one, List<Reign> other) {
    return new Witness(Stream.of(one, other).flatMap(List::stream).toList());
  }

  @Test
  @DisplayName("A1 PPP. , A2 ..BP: a reign is from the first beat as primary to the last")
  void reign() {
    var history = reigns(A1, "10 BACKUP 1", "20 PRIMARY 2", "30 PRIMARY 2", "40 PRIMARY 3");
    assertThat(history).containsExactly(new Reign(A1, 20, 40, 2));
  }

  @Test
  @DisplayName("A1 P B P: demoted and promoted again are two reigns")
  void twoReigns() {
    var history = reigns(A1, "10 PRIMARY 1", "20 BACKUP 2", "30 PRIMARY 3");
    assertThat(history).containsExactly(new Reign(A1, 10, 10, 1), new Reign(A1, 30, 30, 3));
  }

  @Test
  @DisplayName("A1 PP.. then A2 ..PP: no overlap, and the gap is told")
  void oneAfterTheOther() {
    var witness =
        witness(
            reigns(A2, "25 BACKUP 1", "30 PRIMARY 2", "40 PRIMARY 2"),
            reigns(A1, "10 PRIMARY 1", "20 PRIMARY 1"));
    assertThat(witness.overlaps()).isEmpty();
    assertThat(witness.epochsThatDidNotRise()).isEmpty();
    assertThat(witness.handoverSince("A", 15).map(Handover::nanosBetween)).contains(10L);
    assertThat(witness.handoverSince("A", 30)).isEmpty();
  }

  @Test
  @DisplayName("A1 PPP. and A2 ..PP: two primaries at one time are seen, by how much, too")
  void overlap() {
    var witness =
        witness(
            reigns(A1, "10 PRIMARY 1", "20 PRIMARY 1", "32 PRIMARY 1"),
            reigns(A2, "30 PRIMARY 2", "40 PRIMARY 2"));
    assertThat(witness.overlaps()).extracting(Handover::nanosBetween).containsExactly(-2L);
  }

  @Test
  @DisplayName("A1 P...P and A2 .PP.: one within the silence of another is seen")
  void within() {
    var witness =
        witness(
            reigns(A1, "10 PRIMARY 1", "90 PRIMARY 1"), reigns(A2, "30 PRIMARY 2", "40 PRIMARY 2"));
    assertThat(witness.overlaps()).hasSize(1);
  }

  @Test
  @DisplayName("A1 P.....P , A2 .P... , A1' ...P.: not only neighbours are compared")
  void notOnlyNeighbours() {
    var restarted = new Who("A", "A1", "H1", 14);
    var witness =
        witness(
            reigns(A1, "10 PRIMARY 1", "90 PRIMARY 1"),
            Stream.of(reigns(A2, "30 PRIMARY 2"), reigns(restarted, "50 PRIMARY 3"))
                .flatMap(List::stream)
                .toList());
    assertThat(witness.overlaps()).hasSize(2);
  }

  @Test
  @DisplayName("at the very same time is two at one time")
  void touching() {
    assertThat(witness(reigns(A1, "10 PRIMARY 1"), reigns(A2, "10 PRIMARY 2")).overlaps())
        .hasSize(1);
  }

  @Test
  @DisplayName("primaries of different modules do not disturb each other")
  void otherModules() {
    var witness = witness(reigns(A1, "10 PRIMARY 1", "30 PRIMARY 1"), reigns(C1, "20 PRIMARY 1"));
    assertThat(witness.overlaps()).isEmpty();
    assertThat(witness.handovers()).isEmpty();
    assertThat(witness.of("C").reigns()).containsExactly(new Reign(C1, 20, 20, 1));
  }

  @Test
  @DisplayName("[I4] an epoch that does not rise is seen")
  void epochs() {
    var witness = witness(reigns(A1, "10 PRIMARY 2"), reigns(A2, "20 PRIMARY 2"));
    assertThat(witness.epochsThatDidNotRise()).hasSize(1);
  }

  @Test
  @DisplayName("files are read as copies write them, but for a line that is not ended")
  void files(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("A.A1.H1.11"), "10 A1 PRIMARY 1\n20 A1 PRIMARY 1\n30 A1 PRI");
    assertThat(Witness.in(folder).reigns()).containsExactly(new Reign(A1, 10, 20, 1));
    assertThat(Witness.in(folder).since(21).reigns()).isEmpty();
  }
}
