package io.understudy.bench;

import java.util.List;

/**
 * One thing measured a number of times.
 *
 * @param id for programs that read the JSON
 * @param what was measured, in words
 * @param values at least one, in the order in which they were taken
 */
record Measurement(String id, String what, String unit, List<Double> values, Bar bar) {
  private static final double NANOS_PER_MILLI = 1e6;

  Measurement {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("%s: nothing was measured".formatted(id));
    }
    values = List.copyOf(values);
  }

  static Measurement millis(String id, String what, List<Long> nanos, Bar bar) {
    return new Measurement(
        id, what, "ms", nanos.stream().map(n -> n / NANOS_PER_MILLI).toList(), bar);
  }

  static Measurement once(String id, String what, long nanos, Bar bar) {
    return millis(id, what, List.of(nanos), bar);
  }

  static Measurement count(String id, String what, String unit, long value) {
    return new Measurement(id, what, unit, List.of((double) value), Bar.NONE);
  }

  int n() {
    return values.size();
  }

  /** The middle value, or the mean of the two in the middle. */
  double median() {
    var sorted = sorted();
    var middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The least value that 99 of 100 do not exceed; with fewer than 100 it is the greatest. */
  double p99() {
    return sorted().get((int) Math.ceil(0.99 * n()) - 1);
  }

  double min() {
    return sorted().getFirst();
  }

  double max() {
    return sorted().getLast();
  }

  private List<Double> sorted() {
    return values.stream().sorted().toList();
  }
}
