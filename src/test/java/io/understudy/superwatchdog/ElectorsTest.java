package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.Electors.Outlook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of the death of SuperWatchDogs is what their juries then do. */
class ElectorsTest {
  private static final LeaseTerms TERMS =
      new LeaseTerms(Duration.ofMillis(2500), Duration.ofMillis(200), 0.02);

  @ParameterizedTest(name = "of {0}")
  @ValueSource(ints = {1, 2, 3, 4, 5})
  @DisplayName("any of them die at once, silently or for certain => judged as foreseen")
  void asTheJuriesJudge(int count) {
    var nodes = new LinkedHashMap<HostId, String>();
    IntStream.rangeClosed(1, count)
        .forEach(n -> nodes.put(new HostId("H" + n), "10.0.0.%d:17355#x".formatted(n)));
    var electors = new Electors(nodes, count);
    for (int bits = 1; bits < 1 << count; bits++) {
      var dead = new HashSet<HostId>();
      for (HostId host : nodes.keySet()) {
        if ((bits >> (host.value().charAt(1) - '1') & 1) == 1) {
          dead.add(host);
        }
      }
      var outlook = electors.without(dead);
      assertThat(judged(nodes, dead, false))
          .as("%s of %d are silent: %s", dead, count, outlook)
          .isEqualTo(outlook == Outlook.JUDGES);
      assertThat(judged(nodes, dead, true))
          .as("%s of %d have refused: %s", dead, count, outlook)
          .isEqualTo(outlook != Outlook.NOBODY);
    }
  }

  /** Whether those who are left come to a verdict on all of the dead. */
  private static boolean judged(Map<HostId, String> nodes, Set<HostId> dead, boolean certain) {
    var juries = new HashMap<HostId, Jury>();
    nodes.forEach(
        (host, node) ->
            juries.put(host, Jury.begin(Seat.of(host, node, 1, 1), TERMS, 0).electors(nodes, 0)));
    var all = new ArrayList<>(nodes.keySet());
    talk(juries, all, 0);
    talk(juries, all, 0);
    var left = new ArrayList<>(all);
    left.removeAll(dead);
    long now = 1_000_000;
    if (certain) {
      for (HostId victim : dead) {
        for (HostId host : left) {
          var node = nodes.getOrDefault(victim, "");
          long at = now;
          juries.computeIfPresent(host, (key, jury) -> jury.proved(node, "refuses", at));
        }
      }
    }
    var end = 5 * TERMS.waitNanos();
    for (; now < end; now += 100_000_000) {
      long at = now;
      talk(juries, left, at);
      left.forEach(
          host -> juries.computeIfPresent(host, (key, jury) -> jury.look(at, subject -> true)));
    }
    talk(juries, left, now);
    return left.stream()
        .flatMap(host -> Optional.ofNullable(juries.get(host)).stream())
        .anyMatch(jury -> dead.stream().allMatch(it -> isDead(jury, nodes.getOrDefault(it, ""))));
  }

  private static boolean isDead(Jury jury, String node) {
    return jury.death(node).isPresent();
  }

  private static void talk(Map<HostId, Jury> juries, List<HostId> hosts, long now) {
    for (HostId from : hosts) {
      juries.computeIfPresent(from, (key, jury) -> jury.spoken(now));
      var beat = Optional.ofNullable(juries.get(from)).orElseThrow().beat();
      hosts.forEach(to -> juries.computeIfPresent(to, (key, jury) -> jury.heard(beat, now)));
    }
  }
}
