package io.understudy.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.Epoch;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The log against a plain list: also logs that grew from one another keep apart. */
class StateLogTest {
  private record Pair(StateLog log, long base, List<Update> model) {}

  private static Update update(long epoch, long sequence) {
    var at = new Position(new Epoch(epoch), sequence);
    var payload = Bytes.utf8("x".repeat((int) (sequence % 7)));
    return new Update(at, Optional.empty(), Optional.empty(), payload, Bytes.EMPTY);
  }

  @Test
  @DisplayName("grown, cut at either end and forked at random: as a list would be")
  void asAList() {
    for (var seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var pairs = new ArrayList<Pair>();
      pairs.add(new Pair(StateLog.startingAt(Position.NONE), 0, List.of()));
      for (var step = 0; step < 150; step++) {
        var from = pairs.get(random.nextInt(pairs.size()));
        pairs.add(changed(from, random, step / 10 + 1));
      }
      pairs.forEach(StateLogTest::check);
    }
  }

  private static Pair changed(Pair pair, Random random, long epoch) {
    var log = pair.log();
    var model = new ArrayList<>(pair.model());
    switch (random.nextInt(6)) {
      case 0 -> {
        var to = pair.base() + random.nextInt(model.size() + 1);
        return new Pair(
            log.upTo(to), pair.base(), List.copyOf(model.subList(0, (int) (to - pair.base()))));
      }
      case 1 -> {
        var to = pair.base() + random.nextInt(model.size() + 1);
        var left = List.copyOf(model.subList((int) (to - pair.base()), model.size()));
        return new Pair(log.from(log.at(to)), to, left);
      }
      default -> {
        var highest = Math.max(epoch, log.end().epoch().value());
        for (var count = random.nextInt(120); count > 0; count--) {
          var next = update(highest, log.last() + 1);
          log = log.plus(next);
          model.add(next);
        }
        return new Pair(log, pair.base(), List.copyOf(model));
      }
    }
  }

  private static void check(Pair pair) {
    var log = pair.log();
    assertThat(log.base().sequence()).isEqualTo(pair.base());
    assertThat(log.slice(log.base().sequence(), log.last())).isEqualTo(pair.model());
    assertThat(log.bytes()).isEqualTo(pair.model().stream().mapToLong(Update::memory).sum());
    var marks = new ArrayList<Position>();
    marks.add(log.base());
    for (var update : pair.model()) {
      if (marks.getLast().epoch().equals(update.at().epoch())) {
        marks.removeLast();
      }
      marks.add(update.at());
    }
    assertThat(log.lineage().marks()).isEqualTo(marks);
  }

  @Test
  @DisplayName("what is cut off is held no longer, and what is left is all there")
  void givesMemoryBack() {
    var cutOff = new ArrayList<WeakReference<Update>>();
    var places = List.of(1, 100, 255, 256, 511, 599, 600);
    var logs = places.stream().map(at -> cut(600, at, cutOff)).toList();
    Await.within(
        Duration.ofSeconds(20),
        () -> {
          System.gc();
          assertThat(cutOff).allMatch(update -> update.refersTo(null));
        });
    for (var log : logs) {
      var left = 600 - log.base().sequence();
      assertThat(log.slice(log.base().sequence(), 600)).hasSize((int) left);
      assertThat(log.plus(update(1, 601)).last()).isEqualTo(601);
    }
  }

  /** The only one that knows its updates by then. */
  private static StateLog cut(int length, int at, List<WeakReference<Update>> cutOff) {
    var log =
        StateLog.startingAt(Position.NONE)
            .plus(LongStream.rangeClosed(1, length).mapToObj(next -> update(1, next)).toList());
    log.slice(0, at).forEach(update -> cutOff.add(new WeakReference<>(update)));
    return log.from(log.at(at));
  }

  @Test
  @DisplayName("1:1 1:2 2:3 | 1:1 1:2 1:3 1:4 => both have 1:2")
  void common() {
    var one = StateLog.startingAt(Position.NONE).plus(List.of(update(1, 1), update(1, 2)));
    var left = one.plus(update(2, 3)).lineage();
    var right = one.plus(update(1, 3)).plus(update(1, 4)).lineage();
    assertThat(left.common(right)).contains(update(1, 2).at());
    assertThat(right.common(left)).contains(update(1, 2).at());
  }

  @Test
  @DisplayName("the log begins after what the other one has => nothing in common, a snapshot it is")
  void nothingInCommon() {
    var short1 = StateLog.startingAt(Position.NONE).plus(update(1, 1));
    var cut = short1.plus(List.of(update(1, 2), update(1, 3))).from(update(1, 2).at());
    assertThat(cut.lineage().common(short1.lineage())).isEmpty();
  }
}
