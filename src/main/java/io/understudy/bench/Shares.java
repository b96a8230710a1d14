package io.understudy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long each step of a recovery took, from the end of the one before it. */
final class Shares {
  private final String id;
  private final Map<String, List<Long>> nanos = new LinkedHashMap<>();

  /** One recovery, whose steps are told in their order. */
  final class Path {
    private long last;

    private Path(long start) {
      last = start;
    }

    /**
     * The step ended at this reading of {@link System#nanoTime}. Steps of several processes overlap
     * at times: one that had ended before the step before it did took no time of its own.
     */
    Path to(String step, long at) {
      var ended = Math.max(at, last);
      nanos.computeIfAbsent(step, key -> new ArrayList<>()).add(ended - last);
      last = ended;
      return this;
    }
  }

  Shares(String id) {
    this.id = id;
  }

  Path from(Moment failure) {
    return new Path(failure.nanos());
  }

  List<Measurement> measurements() {
    return nanos.entrySet().stream()
        .map(
            step ->
                Measurement.millis(
                    "%s.%s".formatted(id, step.getKey()),
                    "  of that: " + step.getKey(),
                    step.getValue(),
                    Bar.NONE))
        .toList();
  }
}
