package io.understudy.table;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Invariants I1 to I6, I8 and I9 over random sequences.
 *
 * <p>A failure prints its seed and the shortest sequence found that still fails; {@code
 * -Dunderstudy.seed=N} plays that seed alone, {@code -Dunderstudy.sequences=N} plays N of them.
 */
@Execution(ExecutionMode.CONCURRENT)
class SimulationTest {
  private static final long SEQUENCES = Long.getLong("understudy.sequences", 5_000);

  @Test
  @DisplayName("[17] whatever fails, is lost or arrives late: the invariants hold after every step")
  void randomSequencesKeepTheInvariants() {
    var only = Optional.ofNullable(Long.getLong("understudy.seed"));
    LongStream.rangeClosed(only.orElse(1L), only.orElse(SEQUENCES))
        .parallel()
        .filter(seed -> failure(seed, Step.of(seed), Optional.empty()).isPresent())
        .findFirst()
        .ifPresent(seed -> report(seed, Step.of(seed)));
  }

  private static Optional<Throwable> failure(
      long seed, List<Step> steps, Optional<List<String>> trace) {
    try {
      Simulation.play(seed, steps, trace);
      return Optional.empty();
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(e);
    }
  }

  private static void report(long seed, List<Step> steps) {
    var trace = new ArrayList<String>();
    var shrunk = shrink(seed, steps);
    var failure = failure(seed, shrunk, Optional.of(trace)).orElseThrow();
    fail(
        "-Dunderstudy.seed=%d, %d of %d steps:%n%s%n%s"
            .formatted(seed, shrunk.size(), steps.size(), String.join("\n", trace), failure),
        failure);
  }

  /** Leaves out halves, quarters and at last single steps, as long as it still fails. */
  private static List<Step> shrink(long seed, List<Step> steps) {
    var kept = new ArrayList<>(steps);
    for (int size = Math.max(1, kept.size() / 2); size >= 1; size /= 2) {
      for (int at = 0; at + size <= kept.size(); ) {
        var without = new ArrayList<>(kept.subList(0, at));
        without.addAll(kept.subList(at + size, kept.size()));
        if (failure(seed, without, Optional.empty()).isPresent()) {
          kept = without;
        } else {
          at += size;
        }
      }
    }
    return kept;
  }
}
