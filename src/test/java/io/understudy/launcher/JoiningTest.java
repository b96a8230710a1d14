package io.understudy.launcher;

import static io.understudy.launcher.Joining.Seed.ABSENT;
import static io.understudy.launcher.Joining.Seed.ADMITS;
import static io.understudy.launcher.Joining.Seed.MUTE;
import static io.understudy.launcher.Joining.Seed.NO_MEMBER;
import static io.understudy.launcher.Joining.Seed.OUT_OF_TOUCH;
import static io.understudy.launcher.Joining.Seed.SILENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Quiet;
import io.understudy.launcher.Joining.Seed;
import io.understudy.manager.LastHosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Through whom a node joins; H2 is the first seed. */
class JoiningTest {
  private static final String H1 = "10.0.0.1:17355";
  private static final String H2 = "10.0.0.2:17355";
  private static final String H5 = "10.0.0.5:17355";
  private static final String H6 = "10.0.0.6:17355";
  private static final String H7 = "10.0.0.7:17355";

  private final Map<String, Seed> seeds = new HashMap<>();
  private final List<List<String>> joins = new ArrayList<>();
  private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final List<String> up = new ArrayList<>();
  private final Set<String> known = new HashSet<>();
  private boolean unreadable;
  private boolean joined;

  private void begin(String self) {
    var around =
        new Joining.Surroundings() {
          @Override
          public Seed ask(String address) {
            return Optional.ofNullable(seeds.get(address)).orElseThrow();
          }

          @Override
          public LastHosts last() throws IOException {
            if (unreadable) {
              throw new IOException("refused");
            }
            return new LastHosts(List.copyOf(up), Set.copyOf(known));
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
    new Joining(self, List.of(H2, H5, H6), around, work::add).begin();
  }

  /** Looks once, and then again as soon as it is due. */
  private void look() throws InterruptedException {
    Optional.ofNullable(work.poll(20, TimeUnit.SECONDS)).orElseThrow().run();
  }

  private void are(Seed two, Seed five, Seed six) {
    seeds.putAll(Map.of(H2, two, H5, five, H6, six));
  }

  @Test
  @DisplayName("no other seed runs => the first begins a cluster")
  void begins() throws InterruptedException {
    are(ABSENT, ABSENT, ABSENT);
    begin(H2);
    look();
    assertThat(joins).containsExactly(List.of(H2));
  }

  @Test
  @DisplayName("[j] the table has hosts that no seed names => the first joins them if they run")
  void thoseOfTheTable() throws InterruptedException {
    try (var quiet = new Quiet(Joining.class.getName())) {
      are(ABSENT, ABSENT, ABSENT);
      up.addAll(List.of(H1, H7));
      known.addAll(List.of(H1, H2, H7));
      seeds.putAll(Map.of(H1, OUT_OF_TOUCH, H7, SILENT));
      begin(H2);
      look();
      assertThat(joins).isEmpty();
      seeds.put(H1, ADMITS);
      look();
      assertThat(joins).as("without itself").containsExactly(List.of(H1));
    }
  }

  @Test
  @DisplayName(
      "hosts of the table leave it in doubt, for good => the first waits a while, and begins")
  void doubtfulOfTheTable() throws InterruptedException {
    are(ABSENT, ABSENT, ABSENT);
    up.addAll(List.of(H1, H7));
    seeds.putAll(Map.of(H1, OUT_OF_TOUCH, H7, SILENT));
    begin(H2);
    for (int i = 0; i < 13; i++) {
      look();
    }
    assertThat(joins).isEmpty();
    look();
    assertThat(joins).containsExactly(List.of(H2));
  }

  @Test
  @DisplayName("[j] it is not in the table itself, as with a copy of a journal => it joins nobody")
  void aCopyOfTheTable() throws InterruptedException {
    try (var quiet = new Quiet(Joining.class.getName())) {
      are(ABSENT, ABSENT, ABSENT);
      up.add(H1);
      known.add(H1);
      seeds.put(H1, ADMITS);
      begin(H2);
      for (int i = 0; i < 3; i++) {
        look();
      }
      assertThat(joins).isEmpty();
    }
  }

  @Test
  @DisplayName("[j] the journal cannot be read, a host of it does not answer => nothing is begun")
  void waitsForTheTable() throws InterruptedException {
    try (var quiet = new Quiet(Joining.class.getName())) {
      are(ABSENT, ABSENT, ABSENT);
      unreadable = true;
      begin(H2);
      for (int i = 0; i < 3; i++) {
        look();
      }
      assertThat(joins).isEmpty();
      unreadable = false;
      up.add(H1);
      seeds.put(H1, MUTE);
      for (int i = 0; i < 16; i++) {
        look();
      }
      assertThat(joins).isEmpty();
      seeds.put(H1, NO_MEMBER);
      look();
      assertThat(joins).containsExactly(List.of(H2));
    }
  }

  @Test
  @DisplayName("it is not the first seed => it waits until it is let in, whoever else runs")
  void waits() throws InterruptedException {
    are(ABSENT, NO_MEMBER, ABSENT);
    begin(H1);
    look();
    look();
    assertThat(joins).isEmpty();
    are(ADMITS, ADMITS, ABSENT);
    look();
    assertThat(joins).containsExactly(List.of(H2, H5));
  }

  @Test
  @DisplayName("others run in no cluster => the first asks them, and begins if they know of none")
  void asksThoseWhoRun() throws InterruptedException {
    are(ABSENT, NO_MEMBER, ABSENT);
    begin(H2);
    look();
    assertThat(joins).containsExactly(List.of(H2, H5));
  }

  @Test
  @DisplayName("[j] one is silent => the first begins nothing, until that one answers")
  void waitsForTheSilent() throws InterruptedException {
    try (var quiet = new Quiet(Joining.class.getName())) {
      are(ABSENT, SILENT, NO_MEMBER);
      begin(H2);
      look();
      look();
      assertThat(joins).isEmpty();
      seeds.put(H6, ADMITS);
      look();
      look();
      assertThat(joins).as("without itself").containsOnly(List.of(H6));
      are(ABSENT, NO_MEMBER, ABSENT);
      look();
      assertThat(joins).last().isEqualTo(List.of(H2, H5));
    }
  }

  @Test
  @DisplayName("[j] a seed is out of touch with the majority => nobody joins through it")
  void waitsForTouch() throws InterruptedException {
    try (var quiet = new Quiet(Joining.class.getName())) {
      are(ABSENT, OUT_OF_TOUCH, ABSENT);
      begin(H2);
      look();
      look();
      assertThat(joins).isEmpty();
      are(ABSENT, OUT_OF_TOUCH, ADMITS);
      look();
      assertThat(joins).as("the other side of a partition").containsExactly(List.of(H6));
      are(ABSENT, ABSENT, ABSENT);
      look();
      assertThat(joins).as("what was left has ended").last().isEqualTo(List.of(H2));
    }
  }

  @Test
  @DisplayName("it is let in => it asks no more")
  void isLetIn() throws InterruptedException {
    are(ADMITS, SILENT, ABSENT);
    begin(H5);
    look();
    assertThat(joins).containsExactly(List.of(H2));
    joined = true;
    look();
    assertThat(work).isEmpty();
  }
}
