package io.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModuleSpecTest {
  private static final ModuleSpec GOOD = spec(ReplicationStyle.WARM, 2, "H1", "H2");

  private static ModuleSpec spec(ReplicationStyle style, int degree, String... hosts) {
    var copies =
        Stream.of(hosts).map(h -> new Copy(new HostId(h), Location.parse("/opt/a"))).toList();
    return ModuleSpec.of(new ModuleId("A"), style, degree, copies);
  }

  private static ModuleSpec withArguments(String... arguments) {
    var copy = new Copy(new HostId("H1"), Location.parse("/opt/a"), List.of(arguments));
    return ModuleSpec.of(new ModuleId("A"), ReplicationStyle.WARM, 1, List.of(copy));
  }

  @Test
  @DisplayName("[n] a command line may have as much as goes into a message")
  void longCommandLines() {
    var text = "x".repeat(130_000);
    assertThat(withArguments(text, text, "x".repeat(2_138)).refusal()).isEmpty();
  }

  @Test
  @DisplayName("[n] what is in order is not refused and warns of nothing")
  void whatIsInOrderIsNotRefused() {
    assertThat(GOOD.refusal()).isEmpty();
    assertThat(GOOD.warning()).isEmpty();
    assertThat(spec(ReplicationStyle.COLD, 1, "H1").warning()).isEmpty();
  }

  @Test
  @DisplayName("[15] [16] running copies: the degree if warm or hot, one if cold")
  void runningCopies() {
    assertThat(spec(ReplicationStyle.WARM, 2, "H1", "H2", "H3").runningCopies()).isEqualTo(2);
    assertThat(spec(ReplicationStyle.HOT, 3, "H1", "H2", "H3").runningCopies()).isEqualTo(3);
    assertThat(spec(ReplicationStyle.COLD, 3, "H1", "H2", "H3").runningCopies()).isEqualTo(1);
  }

  @ParameterizedTest(name = "[n] {1}")
  @MethodSource("refused")
  void isRefusedWithTheReasonAndTheRemedy(ModuleSpec spec, String refusal) {
    assertThat(spec.refusal()).contains("module A: " + refusal);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        refused(
            spec(ReplicationStyle.WARM, 3, "H1", "H2"),
            "degree 3 needs 3 hosts, 2 are listed (H1, H2); list 1 more host or lower the degree"),
        refused(
            withArguments("a", "b\0c"),
            "the command line of host H1 holds the character U+0000, which ends a text; leave it"
                + " out"),
        refused(
            withArguments("\ud800"),
            "the command line of host H1 holds half a surrogate pair, which is no character; leave"
                + " it out"),
        refused(
            withArguments("x".repeat(131_072)),
            "the command line of host H1 has a text of 131072 bytes, and 131071 is the most; hand"
                + " it over in a file"),
        refused(
            withArguments("x".repeat(130_000), "x".repeat(130_000), "x".repeat(2_139)),
            "its command lines have 262145 bytes together, and 262144 is the most; hand over long"
                + " arguments in a file"),
        refused(
            GOOD.withDetection(
                new Detection.Polling(
                    time(1),
                    time(1),
                    Optional.of(new SanityCheck.Command(List.of("/opt/check", "\udc00"))))),
            "the sanity check holds half a surrogate pair, which is no character; leave it out"),
        refused(
            spec(ReplicationStyle.HOT, 1, "H1", "H1"),
            "host H1 is listed twice; list each host once, copies of a module live on different"
                + " hosts"),
        refused(
            spec(ReplicationStyle.HOT, 1),
            "no copies are listed; list at least 1 host with the module's location"),
        refused(
            spec(ReplicationStyle.COLD, 1, "H1", "H2"),
            "cold, the degree is the number of hosts it can run from: degree 1, 2 are listed (H1,"
                + " H2); set degree = 2 or list 1"),
        refused(
            GOOD.withFailover(new FailoverStrategy.OnOverThreshold(0)),
            "threshold 0 is not possible; give the number of the failure that migrates, 1 or more"),
        refused(
            GOOD.withRestart(new RestartPolicy(time(-1), time(1), time(1), time(1), time(1))),
            "failure window of -1ms is not possible; give a time from 1ms to 200d"),
        refused(
            GOOD.withRestart(new RestartPolicy(time(1), time(1), time(9), time(8), time(1))),
            "greatest back-off of 8ms is not possible; give a time from 9ms to 200d"),
        refused(
            GOOD.withRestart(new RestartPolicy(time(1), time(1), time(1), time(1), time(-1500))),
            "time after which a run is stable of -1.5s is not possible; give a time from 0ms to"
                + " 200d"),
        refused(
            GOOD.withRestart(
                new RestartPolicy(
                    Duration.ofSeconds(Long.MAX_VALUE), time(1), time(1), time(1), time(1))),
            "failure window of 2562047788015215h30m7s is not possible; give a time from 1ms to"
                + " 200d"),
        refused(
            GOOD.withReadiness(new Readiness(Readiness.When.SANITY_CHECK, time(1))),
            "ready = sanity needs a sanity check; add detection.polling.sanity, or use ready ="
                + " api or ready = started"),
        refused(
            GOOD.withState(StateSpec.DEFAULT.withInterval(time(0))),
            "state interval of 0ms is not possible; give a time from 1ms to 200d"),
        refused(
            GOOD.withState(StateSpec.DEFAULT.withInSyncTimeout(Duration.ofNanos(1))),
            "in-sync timeout of 1ns is not possible; give a time from 200ms to 200d"),
        refused(
            GOOD.withState(StateSpec.DEFAULT.withInSyncTimeout(time(199))),
            "in-sync timeout of 199ms is not possible; give a time from 200ms to 200d"),
        refused(
            GOOD.withState(checkpoint(new CheckpointPolicy.Periodic(0, time(1)))),
            "a checkpoint every 0 updates is not possible; give 1 or more"),
        refused(
            GOOD.withState(checkpoint(new CheckpointPolicy.Periodic(1, time(0)))),
            "checkpoint interval of 0ms is not possible; give a time from 1ms to 200d"),
        refused(
            spec(ReplicationStyle.COLD, 1, "H1").withState(checkpoint(new CheckpointPolicy.None())),
            "cold, the next copy has the state from the Checkpoint Server alone; let"
                + " state.checkpoint be each-update or { every-updates = N, interval = T }"));
  }

  private static StateSpec checkpoint(CheckpointPolicy policy) {
    return StateSpec.DEFAULT.withCheckpoint(policy);
  }

  @Test
  @DisplayName("[3] [25] each style may keep state")
  void stateOfEachStyle() {
    for (ReplicationStyle style : ReplicationStyle.values()) {
      assertThat(spec(style, 2, "H1", "H2").withState(StateSpec.DEFAULT).refusal()).isEmpty();
    }
    assertThat(GOOD.withState(checkpoint(new CheckpointPolicy.None())).refusal()).isEmpty();
  }

  private static Arguments refused(ModuleSpec spec, String refusal) {
    return Arguments.of(spec, refusal);
  }

  private static Duration time(long millis) {
    return Duration.ofMillis(millis);
  }

  @Test
  @DisplayName(
      "[31] ready by sanity check: a polled program with one, or actors, which have their own")
  void readyBySanityCheck() {
    var ready = new Readiness(Readiness.When.SANITY_CHECK, Duration.ofSeconds(1));
    var polled =
        new Detection.Polling(time(10), time(10), Optional.of(new SanityCheck.TcpConnect(80)));
    var actor = new Copy(new HostId("H1"), Location.parse("actor:org.example.A"));

    assertThat(GOOD.withReadiness(ready).withDetection(polled).refusal()).isEmpty();
    assertThat(
            ModuleSpec.of(new ModuleId("A"), ReplicationStyle.WARM, 1, List.of(actor))
                .withReadiness(ready)
                .refusal())
        .isEmpty();
  }

  @Test
  @DisplayName("[n] warm or hot of degree 1 is accepted with a warning")
  void degreeOneWarns() {
    assertThat(spec(ReplicationStyle.HOT, 1, "H1", "H2").refusal()).isEmpty();
    assertThat(spec(ReplicationStyle.HOT, 1, "H1", "H2").warning())
        .contains(
            "module A: degree 1 runs a single copy, so each failure interrupts it; raise the degree"
                + " to 2 or more, or register it cold with a degree of 2");
  }
}
