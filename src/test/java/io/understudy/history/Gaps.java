package io.understudy.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Times without an answer, by what had failed. */
final class Gaps {
  private final Map<String, List<Duration>> all = new TreeMap<>();

  void add(String fault, Duration gap) {
    all.computeIfAbsent(fault, first -> new ArrayList<>()).add(gap);
  }

  @Override
  public String toString() {
    return String.join(", ", all.entrySet().stream().map(Gaps::shown).toList());
  }

  private static String shown(Map.Entry<String, List<Duration>> entry) {
    var sorted = entry.getValue().stream().sorted().toList();
    return "%s (%d times) median %d, longest %d ms"
        .formatted(
            entry.getKey(),
            sorted.size(),
            sorted.get(sorted.size() / 2).toMillis(),
            sorted.getLast().toMillis());
  }
}
