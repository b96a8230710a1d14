package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.HostId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingTest {
  private static final HostId H2 = new HostId("H2");
  private static final HostId H5 = new HostId("H5");
  private static final HostId H6 = new HostId("H6");

  private static Ring ring(String hosts) {
    return new Ring(Arrays.stream(hosts.split(" ", -1)).map(HostId::new).toList());
  }

  @Test
  @DisplayName("[55] H2 -> H5 -> H6 -> H2")
  void sendsRoundTheRing() {
    var ring = ring("H2 H5 H6");
    assertThat(ring.successor(H2)).contains(H5);
    assertThat(ring.successor(H5)).contains(H6);
    assertThat(ring.successor(H6)).contains(H2);
    assertThat(ring.predecessor(H2)).contains(H6);
  }

  @Test
  @DisplayName("[56] H2 -> H5 -> H6 - H5 dies => H2 -> H6, and H2 stays the primary")
  void closesOverADeadBackup() {
    var ring = ring("H2 H6");
    assertThat(ring.successor(H2)).contains(H6);
    assertThat(ring.isPrimary(H2)).isTrue();
  }

  @Test
  @DisplayName("[58] H2 -> H5 -> H6 - H2 dies => its successor H5 is the primary")
  void theSuccessorOfADeadPrimaryIsPrimary() {
    assertThat(ring("H2 H5 H6").successor(H2)).isEqualTo(ring("H5 H6").primary());
  }

  @Test
  @DisplayName("[55] alone on the ring, or not on it: there is no neighbour")
  void hasNoNeighbourAlone() {
    assertThat(ring("H2").successor(H2)).isEmpty();
    assertThat(ring("H2").predecessor(H2)).isEmpty();
    assertThat(ring("H2").isPrimary(H2)).isTrue();
    assertThat(ring("H2 H5").successor(H6)).isEmpty();
    assertThat(new Ring(List.of()).primary()).isEmpty();
  }

  @ParameterizedTest(name = "[55] rings of any size and order, seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyRing(long seed) {
    var random = new Random(seed);
    for (int trial = 0; trial < 100; trial++) {
      var hosts = new ArrayList<>(hosts(2 + random.nextInt(9)));
      Collections.shuffle(hosts, random);
      var ring = new Ring(hosts);
      var seen = new HashSet<HostId>();
      var at = hosts.get(random.nextInt(hosts.size()));
      while (seen.add(at)) {
        var next = ring.successor(at).orElseThrow();
        assertThat(ring.predecessor(next)).as("seed %d: %s", seed, ring).contains(at);
        at = next;
      }
      assertThat(seen).as("seed %d: one round meets all of %s", seed, ring).hasSameSizeAs(hosts);
      assertThat(hosts.stream().filter(ring::isPrimary)).hasSize(1);
      losing(ring, hosts.get(random.nextInt(hosts.size())));
    }
  }

  /** [57]: the predecessor of a dead one sends to the one after it; nobody else changes. */
  private static void losing(Ring ring, HostId dead) {
    var left = ring.byAge().stream().filter(host -> !host.equals(dead)).toList();
    var closed = new Ring(left);
    for (HostId host : left) {
      var before = ring.successor(host);
      var expected = before.equals(Optional.of(dead)) ? ring.successor(dead) : before;
      assertThat(closed.successor(host)).isEqualTo(left.size() < 2 ? Optional.empty() : expected);
    }
    var heir = ring.isPrimary(dead) ? ring.successor(dead) : ring.primary();
    assertThat(closed.primary()).isEqualTo(heir);
  }

  private static List<HostId> hosts(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> new HostId("H" + i)).toList();
  }
}
