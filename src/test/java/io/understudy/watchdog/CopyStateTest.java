package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.Detection.Heartbeat.Source;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.StateGroup;
import io.understudy.model.StateSpec;
import io.understudy.watchdog.CopyState.Effect;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a WatchDog does about orders. A case is drawn as {@code orders and sights => last effects}:
 * {@code 3P4v9} orders run 3 as primary of epoch 4 in version 9, {@code 3I4v9} orders it idle,
 * {@code 3run}, {@code 3fail} and {@code 3stop} are what is seen of run 3.
 */
class CopyStateTest {
  private static final Launch LAUNCH = Rig.launch(new Location.Executable("/bin/a"));

  @DisplayName("[36] orders against what runs")
  @ParameterizedTest(name = "[{0}] {1} => {2}")
  @CsvSource({
    "36, 1P1v1, start 1",
    "36, 1P1v1 1run, tell 1:Running",
    "36, 1P1v1 1run 1P1v1, tell 1:Running",
    "41, 1P1v1 1run 1P2v2, take P2",
    "41, 1P1v1 1run 1B2v2, take B2",
    "28, 1P1v1 1run 1I1v2, stop 1",
    "28, 1P1v1 1run 1I1v2 1I1v2, tell 1:Running",
    "28, 1P1v1 1run 1I1v2 1stop, tell 1:Stopped",
    "36, 1P1v1 1fail, tell 1:Failed",
    "36, 1P1v1 1fail 1P1v1, tell 1:Failed",
    "36, 1P1v1 1fail 1B2v2, tell 1:Failed",
    "36, 1P1v1 1fail 2P2v2, start 2",
    "36, 1P1v1 2P2v2, stop 1",
    "36, 1P1v1 1run 2P2v2, stop 1",
    "36, 1P1v1 1run 2P2v2 2P2v2, tell 1:Running",
    "36, 1P1v1 1run 2P2v2 3P3v3 1stop, start 3",
    "36, 1P1v1 1run 2P2v2 1stop, start 2",
    "36, 1P1v1 1run 2P2v2 1stop 1fail, -",
    "36, 1P1v1 1run 2P2v2 2I2v3 1stop, tell 2:Stopped",
    "36, 1P1v1 1run 2P2v2 1stop 2run, tell 2:Running",
    "29, 4I2v2, tell 4:Stopped",
    "29, 4I2v2 5P3v3, start 5",
    "35, 2P2v5 2run 2I2v4, tell 2:Running",
    "35, 2P2v5 2run 2I1v6, tell 2:Running",
    "35, 2P2v5 2run 1I2v6, tell 2:Running",
    "35, 2P2v5 2run 3P2v4, tell 2:Running",
    "35, 2P2v5 1fail, -"
  })
  void decides(String row, String news, String effects) {
    CopyState state = null;
    List<Effect> last = List.of();
    for (var text : news.split(" ", -1)) {
      var decision = step(state, text);
      state = decision.state();
      last = decision.effects();
    }
    assertThat(last.isEmpty() ? "-" : draw(last)).isEqualTo(effects);
  }

  @Test
  @DisplayName("[7] 1P1v1 1run, ordered again to be watched by heartbeat => watch, tell 1:Running")
  void watchedInAnotherWay() {
    var running = step(CopyState.first(order(1, "1P1v1")).state(), "1run").state();
    var beating = Rig.with(LAUNCH, new Detection.Heartbeat(Duration.ofSeconds(2), Source.PERIOD));
    var decision = running.decide(order(1, "1P1v2").watched(beating));
    assertThat(draw(decision.effects())).isEqualTo("watch tell 1:Running");
    assertThat(draw(decision.state().decide(order(1, "1P1v2").watched(beating)).effects()))
        .isEqualTo("tell 1:Running");
  }

  @Test
  @DisplayName("[24] 1P1v1 1run, ordered again to serve beside others => watch, its group's state")
  void servesInAnotherWay() {
    var running = step(CopyState.first(grouped("1P1v1", true)).state(), "1run").state();
    assertThat(draw(running.decide(grouped("1P1v2", false)).effects()))
        .isEqualTo("watch group 1 tell 1:Running");
  }

  private static CopyOrder grouped(String text, boolean alone) {
    var plain = order(1, text);
    var group = new StateGroup(1, StateSpec.DEFAULT, plain.copy(), List.of());
    return new CopyOrder(
        plain.copy(),
        plain.run(),
        plain.status(),
        plain.epoch(),
        plain.version(),
        Rig.alone(LAUNCH, alone),
        Optional.of(group));
  }

  private static CopyState.Decision step(CopyState state, String text) {
    var run = Character.digit(text.charAt(0), 10);
    var seen =
        switch (text.substring(1)) {
          case "run" -> new Seen.Running(4711);
          case "fail" -> new Seen.Failed(FailureKind.CRASHED, "it broke");
          case "stop" -> new Seen.Stopped();
          case String order -> new Seen.Starting(OptionalLong.empty());
        };
    if (!(seen instanceof Seen.Starting)) {
      var status = CopyStatus.PRIMARY;
      return state.seen(new CopyReport(Rig.A1, run, status, new Epoch(run), seen));
    }
    var order = order(run, text);
    return state == null ? CopyState.first(order) : state.decide(order);
  }

  private static CopyOrder order(int run, String text) {
    var status =
        Arrays.stream(CopyStatus.values())
            .filter(it -> it.name().charAt(0) == text.charAt(1))
            .findFirst()
            .orElseThrow();
    return Rig.order(
        run,
        status,
        Character.digit(text.charAt(2), 10),
        Character.digit(text.charAt(4), 10),
        LAUNCH);
  }

  private static String draw(List<Effect> effects) {
    return effects.stream()
        .map(
            effect ->
                switch (effect) {
                  case Effect.Start(var order) -> "start " + order.run();
                  case Effect.Take(var order) ->
                      "take " + order.status().name().charAt(0) + order.epoch();
                  case Effect.Watch(var order) -> "watch";
                  case Effect.Regroup(var order) -> "group " + order.configuration();
                  case Effect.Stop(var report) -> "stop " + report.run();
                  case Effect.Tell(var report) ->
                      "tell %d:%s"
                          .formatted(report.run(), report.seen().getClass().getSimpleName());
                })
        .collect(Collectors.joining(" "));
  }
}
