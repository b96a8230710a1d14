package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.order;
import static io.understudy.watchdog.Rig.primary;
import static io.understudy.watchdog.Rig.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.Detection.Heartbeat.Source;
import io.understudy.model.Epoch;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness.When;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Runs of a copy on a clock that the test moves; times are in milliseconds. */
class CopyLifeTest {
  private static final Launch LAUNCH = launch(new Location.Executable("/bin/a"));
  private static final Duration READY_BY = Duration.ofSeconds(1);

  private CopyLife life = CopyLife.begin(primary(1, LAUNCH), false, Duration.ZERO);
  private final List<CopyAction> done = new ArrayList<>();

  private void begin(Launch launch) {
    life = CopyLife.begin(primary(1, launch), false, Duration.ZERO);
  }

  private void begin(CopyStatus status) {
    life = CopyLife.begin(order(1, status, 1, 1, LAUNCH), false, Duration.ZERO);
  }

  /** What is done about the news, in words. */
  private String at(long millis, CopyNews news) {
    var step = life.decide(news, Duration.ofMillis(millis));
    life = step.life();
    done.addAll(step.actions());
    return String.join(", ", step.actions().stream().map(CopyLifeTest::draw).toList());
  }

  private String tick(long millis) {
    assertThat(life.wakeAt()).as("wakes").hasValue(Duration.ofMillis(millis));
    return at(millis, new CopyNews.Tick(Duration.ZERO));
  }

  private static String draw(CopyAction action) {
    return switch (action) {
      case CopyAction.Report(var report) ->
          switch (report.seen()) {
            case Seen.Starting starting -> "starting";
            case Seen.Running running -> "running " + report.status() + report.epoch();
            case Seen.Failed(var kind, var reason) -> kind.name();
            case Seen.Stopped stopped -> "stopped";
          };
      case CopyAction.Tell(var standing) -> "tell " + standing.status() + standing.epoch();
      case CopyAction.Poll poll -> "poll";
      case CopyAction.Terminate(var hung) -> "terminate";
      case CopyAction.Kill() -> "kill";
    };
  }

  private static CopyNews spawned() {
    return new CopyNews.Spawned(4711);
  }

  private static CopyNews gone() {
    return new CopyNews.Gone(FailureKind.CRASHED, "process 4711 exited with signal 9");
  }

  private static CopyNews take(CopyStatus status, long epoch) {
    return new CopyNews.Take(new Standing(status, new Epoch(epoch)));
  }

  private static Launch beating(Source source) {
    return with(LAUNCH, new Detection.Heartbeat(Duration.ofMillis(200), source));
  }

  @Test
  @DisplayName("what keeps its state has heard late that it is a backup, when it is primary again")
  void demotedLate() {
    at(0, spawned());
    at(10, take(CopyStatus.PRIMARY, 3));
    var late = new CopyNews.Demoted(new Standing(CopyStatus.BACKUP, new Epoch(2)));
    assertThat(at(20, late)).isEmpty();
    assertThat(life.wanted()).isEqualTo(new Standing(CopyStatus.PRIMARY, new Epoch(3)));
    var next = new CopyNews.Demoted(new Standing(CopyStatus.BACKUP, new Epoch(4)));
    at(30, next);
    assertThat(life.wanted()).isEqualTo(next.standing());
  }

  @Test
  @DisplayName("[30] it dies: crashed, at once")
  void crash() {
    assertThat(at(0, spawned())).isEqualTo("running PRIMARY1");
    assertThat(at(10, gone())).isEqualTo("CRASHED");
    assertThat(life.dead()).isTrue();
    assertThat(at(11, gone())).isEmpty();
  }

  @Test
  @DisplayName("[30] it is polled at each interval, and the answer is awaited until the timeout")
  void polled() {
    at(0, spawned());
    assertThat(tick(100)).isEqualTo("poll");
    at(100, new CopyNews.PollBegun());
    at(130, new CopyNews.Polled(Optional.empty()));
    assertThat(tick(200)).isEqualTo("poll");
    at(200, new CopyNews.PollBegun());
    assertThat(tick(600)).isEqualTo("terminate");
    assertThat(tick(900)).isEqualTo("kill");
    assertThat(at(901, gone())).isEqualTo("HUNG");
  }

  @Test
  @DisplayName("[30] a poll that a busy host has not begun accuses nobody; its time runs from then")
  void pollNotBegun() {
    at(0, spawned());
    assertThat(tick(100)).isEqualTo("poll");
    assertThat(life.wakeAt()).isEmpty();
    assertThat(at(2_000, new CopyNews.Tick(Duration.ZERO))).isEmpty();
    at(3_000, new CopyNews.PollBegun());
    assertThat(at(3_399, new CopyNews.Tick(Duration.ZERO))).isEmpty();
    assertThat(tick(3_400)).isEqualTo("terminate");
  }

  @Test
  @DisplayName("[30] a poll that was answered late is followed by the next after an interval")
  void pollBegunLate() {
    at(0, spawned());
    assertThat(tick(100)).isEqualTo("poll");
    at(3_000, new CopyNews.PollBegun());
    at(3_010, new CopyNews.Polled(Optional.empty()));
    assertThat(life.wakeAt()).hasValue(Duration.ofMillis(3_100));
  }

  @Test
  @DisplayName("[31] a sanity check that finds a problem: killed before it is reported")
  void insane() {
    at(0, spawned());
    tick(100);
    assertThat(at(130, new CopyNews.Polled(Optional.of("no rows")))).isEqualTo("terminate");
    assertThat(at(140, gone())).isEqualTo("HUNG");
    assertThat(((CopyAction.Report) done.getLast()).report().seen())
        .isEqualTo(new Seen.Failed(FailureKind.HUNG, "its sanity check failed: no rows"));
  }

  @Test
  @DisplayName("[33] no heartbeat within the duration after the last one: hung")
  void silent() {
    begin(beating(Source.PERIOD));
    at(0, spawned());
    at(150, new CopyNews.Beat(OptionalInt.empty()));
    assertThat(tick(350)).isEqualTo("terminate");
  }

  @Test
  @DisplayName(
      "[32] per request: the clock stands still before the first and while none is in hand")
  void idle() {
    begin(beating(Source.REQUEST));
    at(0, spawned());
    assertThat(life.wakeAt()).isEmpty();
    at(1000, new CopyNews.Beat(OptionalInt.of(1)));
    at(1100, new CopyNews.Beat(OptionalInt.of(0)));
    assertThat(life.wakeAt()).isEmpty();
    at(5000, new CopyNews.Beat(OptionalInt.of(2)));
    assertThat(tick(5200)).isEqualTo("terminate");
  }

  @Test
  @DisplayName("[33] a WatchDog that was itself paused accuses nobody")
  void paused() {
    begin(beating(Source.PERIOD));
    at(0, spawned());
    assertThat(at(5000, new CopyNews.Tick(Duration.ofMillis(4800)))).isEmpty();
    assertThat(tick(5200)).isEqualTo("terminate");
  }

  @Test
  @DisplayName(
      "[33] a poll or a deadline came due while the WatchDog was paused => it goes on after")
  void pausedOverAPoll() {
    begin(LAUNCH);
    at(0, spawned());
    var due = life.wakeAt().orElseThrow().toMillis();
    assertThat(at(due + 4000, new CopyNews.Tick(Duration.ofSeconds(4)))).isEmpty();
    assertThat(tick(due + 4000)).isEqualTo("poll");
  }

  @Test
  @DisplayName("[q] it was to be ready while the WatchDog was paused => it has as long again")
  void pausedOverReadiness() {
    begin(with(beating(Source.REQUEST), When.MODULE_API, READY_BY));
    at(0, spawned());
    assertThat(at(1500, new CopyNews.Tick(Duration.ofMillis(500)))).isEmpty();
    assertThat(tick(2000)).isEqualTo("terminate");
  }

  @Test
  @DisplayName("[q] ready when it says so, watched from then on")
  void saysReady() {
    begin(with(beating(Source.PERIOD), When.MODULE_API, READY_BY));
    assertThat(at(0, spawned())).isEqualTo("starting");
    assertThat(at(500, new CopyNews.SaidReady())).isEqualTo("running PRIMARY1");
    assertThat(tick(700)).isEqualTo("terminate");
  }

  @Test
  @DisplayName("[q] not ready by its deadline: killed, then reported not ready")
  void notReady() {
    begin(with(LAUNCH, When.MODULE_API, READY_BY));
    at(0, spawned());
    assertThat(tick(1000)).isEqualTo("terminate");
    assertThat(at(1001, gone())).isEqualTo("NOT_READY");
  }

  @Test
  @DisplayName("[q] ready at the first sanity check that passes; those before count for nothing")
  void firstSanity() {
    begin(with(LAUNCH, When.SANITY_CHECK, READY_BY));
    assertThat(at(0, spawned())).isEqualTo("starting");
    assertThat(tick(0)).isEqualTo("poll");
    assertThat(at(10, new CopyNews.Polled(Optional.of("not yet")))).isEmpty();
    assertThat(tick(100)).isEqualTo("poll");
    assertThat(at(110, new CopyNews.Polled(Optional.empty()))).isEqualTo("running PRIMARY1");
  }

  @Test
  @DisplayName("[q] a start that comes to nothing by the deadline has failed")
  void neverSpawned() {
    begin(with(LAUNCH, When.STARTED, READY_BY));
    assertThat(tick(1000)).isEqualTo("kill");
    assertThat(at(1100, spawned())).isEqualTo("kill");
    assertThat(at(1101, gone())).isEqualTo("NOT_READY");
  }

  @Test
  @DisplayName("[28] stopped: asked, then killed after its grace")
  void stops() {
    at(0, spawned());
    assertThat(at(10, new CopyNews.Stop())).isEqualTo("terminate");
    assertThat(at(20, new CopyNews.Stop())).isEmpty();
    assertThat(tick(310)).isEqualTo("kill");
    assertThat(at(311, gone())).isEqualTo("stopped");
  }

  @Test
  @DisplayName("[28] stopped while it starts: killed as soon as it is there")
  void stopsEarly() {
    assertThat(at(0, new CopyNews.Stop())).isEqualTo("kill");
    assertThat(at(5, spawned())).isEqualTo("kill");
    assertThat(at(6, gone())).isEqualTo("stopped");
  }

  @Test
  @DisplayName("[41] a copy that does not listen takes a status at once")
  void takes() {
    begin(CopyStatus.BACKUP);
    at(0, spawned());
    assertThat(at(10, take(CopyStatus.PRIMARY, 2))).isEqualTo("tell PRIMARY2, running PRIMARY2");
    assertThat(at(11, take(CopyStatus.PRIMARY, 2))).isEmpty();
    assertThat(at(12, take(CopyStatus.PRIMARY, 3))).isEqualTo("tell PRIMARY3, running PRIMARY3");
  }

  @Test
  @DisplayName("[I5] a primary that does not listen cannot hear that it is a backup: it is stopped")
  void cannotCease() {
    at(0, spawned());
    assertThat(at(10, take(CopyStatus.BACKUP, 2))).isEqualTo("terminate");
    assertThat(at(11, take(CopyStatus.BACKUP, 3))).isEmpty();
    assertThat(at(12, gone())).isEqualTo("stopped");
  }

  @Test
  @DisplayName("[I5] the same of one that is only starting")
  void cannotCeaseEarly() {
    assertThat(at(0, take(CopyStatus.BACKUP, 2))).isEmpty();
    assertThat(at(5, spawned())).isEqualTo("terminate");
    assertThat(at(6, gone())).isEqualTo("stopped");
  }

  @Test
  @DisplayName("[41] a copy that listens takes a status when it confirms that epoch")
  void confirms() {
    at(0, spawned());
    at(1, new CopyNews.Listens());
    assertThat(at(10, take(CopyStatus.BACKUP, 2))).isEqualTo("tell BACKUP2");
    assertThat(at(12, take(CopyStatus.PRIMARY, 3))).isEqualTo("tell PRIMARY3");
    assertThat(at(20, new CopyNews.Confirmed(new Epoch(2)))).isEmpty();
    assertThat(at(30, new CopyNews.Confirmed(new Epoch(3)))).isEqualTo("running PRIMARY3");
    assertThat(at(31, new CopyNews.Confirmed(new Epoch(3)))).isEmpty();
  }

  @Test
  @DisplayName("[33] a status that is not confirmed by the readiness deadline: hung")
  void unconfirmed() {
    begin(with(beating(Source.REQUEST), When.STARTED, READY_BY));
    at(0, spawned());
    at(1, new CopyNews.Listens());
    at(10, take(CopyStatus.BACKUP, 2));
    assertThat(tick(1010)).isEqualTo("terminate");
  }

  @Test
  @DisplayName("[41] a status that changes while it starts is taken when it has started")
  void takesEarly() {
    begin(CopyStatus.BACKUP);
    assertThat(at(0, take(CopyStatus.PRIMARY, 2))).isEmpty();
    assertThat(at(5, spawned())).isEqualTo("tell PRIMARY2, running PRIMARY2");
  }
}
