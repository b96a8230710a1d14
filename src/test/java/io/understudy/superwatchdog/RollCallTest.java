package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.RollCall.Silence;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollCallTest {
  private static final HostId H1 = new HostId("H1");
  private static final HostId H2 = new HostId("H2");

  private static Heartbeat heartbeat(HostId host, String incarnation) {
    return new Heartbeat(host, incarnation, "10.0.0.%s:17355".formatted(host.value().charAt(1)));
  }

  private static long ms(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private static Map<HostId, Duration> silences(RollCall rollCall, long now) {
    return rollCall.silences(now).collect(Collectors.toMap(Silence::host, Silence::silent));
  }

  @Test
  @DisplayName("[49] heard at 0 and 100 ms => at 350 ms silent for 250 ms")
  void countsFromTheLastHeartbeat() {
    var rollCall =
        RollCall.EMPTY
            .expect(Map.of(H1, "i1"), ms(0))
            .hear(heartbeat(H1, "i1"), ms(0))
            .hear(heartbeat(H1, "i1"), ms(100));
    assertThat(silences(rollCall, ms(350))).isEqualTo(Map.of(H1, Duration.ofMillis(250)));
  }

  @Test
  @DisplayName("[47] a host that never sends counts as silent from when it was registered")
  void countsFromTheRegistration() {
    var rollCall = RollCall.EMPTY.expect(Map.of(H1, "i1"), ms(1000));
    assertThat(silences(rollCall, ms(1700))).isEqualTo(Map.of(H1, Duration.ofMillis(700)));
    var again = rollCall.expect(Map.of(H1, "i1", H2, "j1"), ms(1700));
    assertThat(silences(again, ms(1700)))
        .isEqualTo(Map.of(H1, Duration.ofMillis(700), H2, Duration.ZERO));
  }

  @Test
  @DisplayName("[48] the heartbeat of another incarnation does not keep this one alive")
  void anotherIncarnationDoesNotCount() {
    var rollCall =
        RollCall.EMPTY.expect(Map.of(H1, "i1"), ms(0)).hear(heartbeat(H1, "i2"), ms(900));
    assertThat(silences(rollCall, ms(1000))).isEqualTo(Map.of(H1, Duration.ofSeconds(1)));
  }

  @Test
  @DisplayName(
      "[48] heartbeats of a second node under the same name are not the silence of the first")
  void aNamesakeDoesNotSilence() {
    var rollCall = RollCall.EMPTY.expect(Map.of(H1, "i1"), ms(0));
    for (int at = 0; at < 60_000; at += 100) {
      rollCall = rollCall.hear(heartbeat(H1, "i1"), ms(at)).hear(heartbeat(H1, "n" + at), ms(at));
    }
    assertThat(silences(rollCall, ms(60_000))).isEqualTo(Map.of(H1, Duration.ofMillis(100)));
    assertThat(rollCall.heard()).as("past incarnations are forgotten").hasSize(2);
  }

  @Test
  @DisplayName("[49] a host that the ReplicaManager no longer believes alive is not waited for")
  void forgetsWhoIsNotExpected() {
    var rollCall = RollCall.EMPTY.expect(Map.of(H1, "i1"), ms(0)).expect(Map.of(), ms(10));
    assertThat(silences(rollCall, ms(9000))).isEmpty();
  }

  @Test
  @DisplayName(
      "[49] an observer paused for 60 s accuses nobody, and waits as long as ever after it")
  void aPauseIsNobodysSilence() {
    var before =
        RollCall.EMPTY
            .expect(Map.of(H1, "i1", H2, "j1"), ms(0))
            .hear(heartbeat(H1, "i1"), ms(100))
            .hear(heartbeat(H2, "j1"), ms(100));
    // of the heartbeats that waited for it, one is taken before the pause is noticed
    var after =
        before.hear(heartbeat(H1, "i1"), ms(60_200)).paused(Duration.ofSeconds(60), ms(60_200));
    assertThat(silences(after, ms(60_200)))
        .isEqualTo(Map.of(H1, Duration.ZERO, H2, Duration.ofMillis(100)));
    assertThat(silences(after, ms(60_700)))
        .isEqualTo(Map.of(H1, Duration.ofMillis(500), H2, Duration.ofMillis(600)));
  }

  @Test
  @DisplayName("[52] the last heard incarnation at an address is known, expected or not")
  void knowsWhoWasAtAnAddress() {
    var rollCall = RollCall.EMPTY.hear(heartbeat(H1, "i1"), 0).hear(heartbeat(H2, "j1"), 0);
    assertThat(rollCall.at("10.0.0.2:17355"::equals)).containsExactly("j1");
    assertThat(rollCall.at("10.0.0.3:17355"::equals)).isEmpty();
  }

  @ParameterizedTest(name = "[49] any history gives the silence of a plain count, seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyHistory(long seed) {
    var random = new Random(seed);
    var rollCall = RollCall.EMPTY;
    var expected = new HashMap<HostId, String>();
    var quiet = new HashMap<HostId, Long>(); // counted up, never read off a clock
    var now = random.nextLong();
    for (int step = 0; step < 2000; step++) {
      var host = new HostId("H" + (1 + random.nextInt(4)));
      var incarnation = host + "." + random.nextInt(2);
      switch (random.nextInt(5)) {
        case 0 -> {
          if (!incarnation.equals(expected.put(host, incarnation))) {
            quiet.put(host, 0L);
          }
          rollCall = rollCall.expect(expected, now);
        }
        case 1 -> {
          expected.remove(host);
          rollCall = rollCall.expect(expected, now);
        }
        case 2 -> {
          if (incarnation.equals(expected.get(host))) {
            quiet.put(host, 0L);
          }
          rollCall = rollCall.hear(heartbeat(host, incarnation), now);
        }
        case 3 -> {
          var passed = random.nextLong(1_000_000_000L);
          now += passed;
          expected.keySet().forEach(each -> quiet.merge(each, passed, Long::sum));
        }
        default -> {
          var pause = random.nextLong(60_000_000_000L);
          now += pause;
          rollCall = rollCall.paused(Duration.ofNanos(pause), now);
        }
      }
      var counted = new HashMap<HostId, Duration>();
      expected.keySet().forEach(each -> counted.put(each, Duration.ofNanos(quiet.get(each))));
      assertThat(silences(rollCall, now)).as("seed %d, step %d", seed, step).isEqualTo(counted);
    }
  }
}
