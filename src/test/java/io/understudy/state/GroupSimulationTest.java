package io.understudy.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Groups in trouble, by seed. {@code -Dunderstudy.state.seed=N} plays one again and tells what
 * happens; {@code -Dunderstudy.state.seeds=N} plays so many.
 */
@Execution(ExecutionMode.CONCURRENT)
class GroupSimulationTest {
  private static final long SEEDS = Long.getLong("understudy.state.seeds", 8_000);
  private static final long SABOTAGED = 3_000;

  @Test
  @DisplayName(
      "whatever goes wrong: nothing committed is lost, all agree, and nothing happens twice")
  void seeds() {
    var one = Optional.ofNullable(Long.getLong("understudy.state.seed"));
    if (one.isPresent()) {
      new GroupSimulation(one.get(), Sabotage.NONE, true).run();
      return;
    }
    var events = new LongAdder();
    var failed =
        LongStream.range(0, SEEDS)
            .parallel()
            .mapToObj(seed -> failure(seed, Sabotage.NONE, events))
            .flatMap(Optional::stream)
            .findFirst();
    assertThat(failed).isEmpty();
    assertThat(events.sum()).isGreaterThan(SEEDS * 100);
  }

  @Test
  @DisplayName("a seed does the same again")
  void replays() {
    var events = new GroupSimulation(7, Sabotage.NONE, false).run();
    assertThat(new GroupSimulation(7, Sabotage.NONE, false).run()).isEqualTo(events);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  @DisplayName("a rule is broken: it is noticed")
  void noticed(Sabotage sabotage) {
    var caught =
        LongStream.range(0, SABOTAGED)
            .parallel()
            .mapToObj(seed -> failure(seed, sabotage, new LongAdder()))
            .flatMap(Optional::stream)
            .findAny();
    assertThat(caught).isPresent();
  }

  private static Optional<Throwable> failure(long seed, Sabotage sabotage, LongAdder events) {
    try {
      events.add(new GroupSimulation(seed, sabotage, false).run());
      return Optional.empty();
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(
          e instanceof AssertionError ? e : new AssertionError("seed " + seed + ": " + e, e));
    }
  }
}
