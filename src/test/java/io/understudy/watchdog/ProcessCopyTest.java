package io.understudy.watchdog;

import static io.understudy.watchdog.Rig.A1;
import static io.understudy.watchdog.Rig.alive;
import static io.understudy.watchdog.Rig.eventually;
import static io.understudy.watchdog.Rig.kill;
import static io.understudy.watchdog.Rig.launch;
import static io.understudy.watchdog.Rig.order;
import static io.understudy.watchdog.Rig.primary;
import static io.understudy.watchdog.Rig.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Readiness;
import io.understudy.model.SanityCheck;
import io.understudy.watchdog.WatchDogProtocol.DeclaredDead;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.NameTaken;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.Done;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that are real processes. */
class ProcessCopyTest {
  @TempDir Path folder;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(folder);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Path sleeper() {
    var program = folder.resolve("sleeper.sh");
    return Files.exists(program) ? program : rig.script("sleeper.sh", "exec sleep 1000");
  }

  private static Detection.Polling polling(SanityCheck check) {
    return new Detection.Polling(Duration.ofMillis(50), Duration.ofMillis(300), Optional.of(check));
  }

  @Test
  @DisplayName("[36] ordered to execute a copy: the program at its location runs, with its role")
  void starts() throws IOException {
    var program = rig.script("a.sh", "env", "pwd", "echo $$ >pid", "exec sleep 1000");
    rig.order(order(7, CopyStatus.BACKUP, 3, 1, launch(program)));
    var report = rig.report(it -> it.seen() instanceof Seen.Running);
    assertThat(report.run()).isEqualTo(7);
    assertThat(report.status()).isEqualTo(CopyStatus.BACKUP);
    assertThat(report.epoch().value()).isEqualTo(3);
    assertThat(((Seen.Running) report.seen()).pid()).isEqualTo(rig.number("pid"));
    assertThat(rig.log())
        .contains(
            "UNDERSTUDY_MODULE=A\n",
            "UNDERSTUDY_COPY=A1\n",
            "UNDERSTUDY_HOST=H1\n",
            "UNDERSTUDY_STATUS=BACKUP\n",
            "UNDERSTUDY_EPOCH=3\n",
            "UNDERSTUDY_API=http://127.0.0.1:",
            "UNDERSTUDY_TOKEN=",
            folder.resolve("copies/A1/work") + "\n");
  }

  @Test
  @DisplayName("[30] a process is killed: its death is reported with the signal")
  void killed() {
    rig.order(primary(1, launch(sleeper())));
    var pid = rig.seen(1, Seen.Running.class).pid();
    kill(pid, "KILL");
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(
            new Seen.Failed(FailureKind.CRASHED, "process %d exited with signal 9".formatted(pid)));
  }

  @Test
  @DisplayName("[I5] a process is killed, and polled while what it did is undone: dead after that")
  void undone() {
    var undo = "exec 9<>\"$UNDERSTUDY_HOLD\"; echo $$ >holds; sleep 0.6; echo 1 >undone";
    var program =
        rig.script("a.sh", "setsid sh -c '" + undo + "' &", "echo $$ >pid", "exec sleep 1000");
    var often =
        new Detection.Polling(Duration.ofMillis(50), Duration.ofMillis(50), Optional.empty());
    rig.order(primary(1, with(launch(program), often)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    rig.number("holds");
    kill(pid, "KILL");
    assertThat(rig.seen(1, Seen.Failed.class).reason())
        .isEqualTo("process %d exited with signal 9".formatted(pid));
    assertThat(folder.resolve("copies/A1/work/undone")).exists();
  }

  @Test
  @DisplayName("[35] a process ends: reported with its code and last words, and not restarted")
  void ends() {
    rig.order(primary(1, launch(rig.script("a.sh", "echo out of paper; exit 3"))));
    var failed = rig.seen(1, Seen.Failed.class);
    assertThat(failed.kind()).isEqualTo(FailureKind.CRASHED);
    assertThat(failed.reason()).matches("process \\d+ exited with code 3: out of paper");
    rig.order(primary(1, launch(sleeper())));
    assertThat(rig.seen(1, Seen.Failed.class)).isEqualTo(failed);
  }

  @Test
  @DisplayName("[36] a failed copy is executed again in place by the next run")
  void restarts() {
    var program = sleeper();
    rig.order(primary(1, launch(program)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    kill(pid, "KILL");
    rig.seen(1, Seen.Failed.class);
    rig.order(primary(2, launch(program)));
    assertThat(rig.seen(2, Seen.Running.class).pid()).isNotEqualTo(pid);
  }

  @Test
  @DisplayName("[7] a copy that runs is watched in another way from when that is registered")
  void watchedInAnotherWay() {
    var polled = with(launch(sleeper()), Rig.PATIENT);
    rig.order(primary(1, polled));
    rig.seen(1, Seen.Running.class);
    var beat = new Detection.Heartbeat(Duration.ofMillis(200), Detection.Heartbeat.Source.PERIOD);
    rig.order(order(1, CopyStatus.PRIMARY, 1, 2, with(polled, beat)));
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(new Seen.Failed(FailureKind.HUNG, "no heartbeat for 200 ms"));
  }

  @Test
  @DisplayName("[7] a sanity check that is registered while a copy runs is checked, and refused")
  void anotherSanityCheck() {
    var polled = with(launch(sleeper()), Rig.PATIENT);
    rig.order(primary(1, polled));
    rig.seen(1, Seen.Running.class);
    var check = new SanityCheck.Command(List.of("/etc/hostname"));
    rig.order(order(1, CopyStatus.PRIMARY, 1, 2, with(polled, polling(check))));
    assertThat(rig.seen(1, Seen.Failed.class).reason())
        .contains("its sanity check failed: /etc/hostname is not under the allowed paths");
  }

  @Test
  @DisplayName("[I5] a primary that is being replaced on its host is not when the lease ends first")
  void noPrimaryFollowsWithoutLease() {
    rig.lease.set(new Lease.Until(System.nanoTime() + Rig.LONG.toNanos()));
    var stubborn =
        rig.script(
            "a.sh",
            "trap 'echo 1 >asked' TERM",
            "echo $$ >pid",
            "while :; do sleep 1000 & wait; done"); // a shell that waits hears signals at once
    rig.order(primary(1, patiently(launch(stubborn))));
    rig.number("pid"); // it hears them by now
    rig.seen(1, Seen.Running.class);
    rig.order(primary(2, launch(sleeper())));
    rig.number("asked"); // to end
    rig.lease.set(new Lease.Until(System.nanoTime()));
    rig.seen(1, Seen.Stopped.class); // killed, and that is the end of it
    rig.lease.set(new Lease.Until(System.nanoTime() + Rig.LONG.toNanos()));
    rig.await(HostUp.class, up -> true);
    rig.order(primary(2, launch(sleeper())));
    rig.seen(2, Seen.Running.class);
  }

  @Test
  @DisplayName("[I5] a hot primary without a lease stops when it is to be the only primary")
  void noOnlyPrimaryWithoutLease() {
    rig.lease.set(new Lease.Until(System.nanoTime()));
    var launch = launch(sleeper());
    rig.order(primary(1, Rig.alone(launch, false)));
    rig.seen(1, Seen.Running.class); // among others it needs none
    rig.order(order(1, CopyStatus.PRIMARY, 1, 2, launch));
    assertThat(rig.seen(1, Seen.Failed.class).kind()).isEqualTo(FailureKind.FENCED);
  }

  private static Launch patiently(Launch launch) {
    return new Launch(
        launch.location(),
        launch.arguments(),
        launch.adopt(),
        launch.detection(),
        launch.readiness(),
        Rig.LONG,
        launch.alone());
  }

  @Test
  @DisplayName("[28] a copy ordered idle is stopped and watched no more; its children go with it")
  void stops() {
    var program =
        rig.script("a.sh", "sleep 1000 &", "echo $! >child", "trap 'exit 0' TERM", "wait");
    rig.order(primary(1, launch(program)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    var child = rig.number("child");
    rig.order(order(1, CopyStatus.IDLE, 1, 2, launch(program)));
    rig.seen(1, Seen.Stopped.class);
    assertThat(alive(pid)).isFalse();
    eventually("the child is dead", () -> !alive(child));
  }

  @Test
  @DisplayName("[28] a copy that ignores SIGTERM is killed after its grace, with its whole group")
  void stopsTheStubborn() {
    var program =
        rig.script("a.sh", "trap '' TERM", "sh -c 'sleep 1000 & wait' &", "echo $! >child", "wait");
    rig.order(primary(1, launch(program)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    var child = rig.number("child");
    rig.order(order(1, CopyStatus.IDLE, 1, 2, launch(program)));
    rig.seen(1, Seen.Stopped.class);
    assertThat(alive(pid)).isFalse();
    eventually("the grandchildren are dead", () -> !alive(child));
  }

  @Test
  @DisplayName("[30] a process that dies leaves nothing of its group behind")
  void leftoversDie() {
    var program = rig.script("a.sh", "sleep 1000 &", "echo $! >child", "exit 0");
    rig.order(primary(1, launch(program)));
    rig.seen(1, Seen.Failed.class);
    var child = rig.number("child");
    eventually("the child is dead", () -> !alive(child));
  }

  @Test
  @DisplayName("[k] a copy whose guard is killed dies too, and counts as failed")
  void guardKilled() {
    var program = rig.script("a.sh", "sleep 1000 &", "echo $! >child", "wait");
    rig.order(primary(1, launch(program)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    var child = rig.number("child");
    var guard = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow();
    kill(guard.pid(), "KILL");
    rig.seen(1, Seen.Failed.class);
    eventually("all are dead", () -> !alive(pid) && !alive(child));
  }

  @Test
  @DisplayName("[k] a copy dies when the half of its guard that watches the WatchDog is killed")
  void watchingHalfKilled() {
    rig.order(primary(1, launch(sleeper())));
    var pid = rig.seen(1, Seen.Running.class).pid();
    var guard = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow();
    var half = guard.children().filter(it -> it.pid() != pid).findFirst().orElseThrow();
    kill(half.pid(), "KILL");
    assertThat(rig.seen(1, Seen.Failed.class).reason()).contains("its guard had been killed");
    assertThat(alive(pid)).isFalse();
  }

  @Test
  @DisplayName(
      "[40] a program that is not there cannot start: the reason says where and what to do")
  void missing() {
    var program = folder.resolve("none.sh");
    rig.order(primary(1, launch(program)));
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(
            new Seen.Failed(
                FailureKind.CANNOT_START,
                "%s does not exist on H1: install it there, or correct the location"
                    .formatted(program)));
  }

  @Test
  @DisplayName("[40] a program outside the allowed paths cannot start, not even through a link")
  void notAllowed() throws IOException {
    var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/usr/sbin/nologin"));
    rig.order(primary(1, launch(link)));
    var failed = rig.seen(1, Seen.Failed.class);
    assertThat(failed.kind()).isEqualTo(FailureKind.CANNOT_START);
    assertThat(failed.reason())
        .contains("is not under the allowed paths of H1 (", "understudy.watchdog.allowed-paths");
  }

  @Test
  @DisplayName("[40] a script whose interpreter is missing cannot start")
  void noInterpreter() throws IOException {
    var program = rig.script("a.sh");
    Files.writeString(program, "#!/no/such/interpreter\n");
    rig.order(primary(1, launch(program)));
    var failed = rig.seen(1, Seen.Failed.class);
    assertThat(failed.kind()).isEqualTo(FailureKind.CANNOT_START);
    assertThat(failed.reason()).contains(program + ": ", "not found", "interpreter");
  }

  @Test
  @DisplayName("[31] the sanity check of a module is called; what it finds insane is hung")
  void insane() {
    var check = rig.script("check.sh", "test ! -e \"$PWD/sick\"");
    var program = rig.script("a.sh", "sleep 0.3", "touch sick", "exec sleep 1000");
    var launch = with(launch(program), polling(new SanityCheck.Command(List.of(check.toString()))));
    rig.order(primary(1, launch));
    var pid = rig.seen(1, Seen.Running.class).pid();
    var failed = rig.seen(1, Seen.Failed.class);
    assertThat(failed.kind()).isEqualTo(FailureKind.HUNG);
    assertThat(failed.reason()).contains("sanity check failed", "exited with code 1");
    assertThat(alive(pid)).isFalse();
  }

  @Test
  @DisplayName("[m] a sanity check that does not answer in time is a failure; it is killed first")
  void slowCheck() {
    var check = rig.script("check.sh", "exec sleep 1000");
    var launch =
        with(launch(sleeper()), polling(new SanityCheck.Command(List.of(check.toString()))));
    rig.order(primary(1, launch));
    var pid = rig.seen(1, Seen.Running.class).pid();
    assertThat(rig.seen(1, Seen.Failed.class).kind()).isEqualTo(FailureKind.HUNG);
    assertThat(alive(pid)).isFalse();
  }

  @Test
  @DisplayName("[31] sanity by TCP connect: nobody listens, so it is hung")
  void tcp() throws IOException {
    try (var server = new java.net.ServerSocket(0)) {
      var launch =
          with(launch(sleeper()), polling(new SanityCheck.TcpConnect(server.getLocalPort())));
      rig.order(primary(1, with(launch, Readiness.When.SANITY_CHECK, Duration.ofSeconds(10))));
      rig.seen(1, Seen.Running.class);
    }
    assertThat(rig.seen(1, Seen.Failed.class).reason()).contains("no connection to 127.0.0.1");
  }

  @Test
  @DisplayName("[34] polling alone does not see a hang: a stopped process answers its ping")
  void stoppedProcessAnswersPing() {
    rig.order(primary(1, launch(sleeper())));
    var pid = rig.seen(1, Seen.Running.class).pid();
    kill(pid, "STOP");
    rig.order(order(1, CopyStatus.PRIMARY, 2, 2, launch(sleeper())));
    assertThat(rig.report(it -> it.epoch().value() == 2).seen()).isInstanceOf(Seen.Running.class);
    assertThat(alive(pid)).isTrue();
  }

  @Test
  @DisplayName("[33] no heartbeat within the duration: the copy is hung, killed, then reported")
  void noHeartbeat() {
    var heartbeat =
        new Detection.Heartbeat(Duration.ofMillis(300), Detection.Heartbeat.Source.PERIOD);
    rig.order(primary(1, with(launch(sleeper()), heartbeat)));
    var pid = rig.seen(1, Seen.Running.class).pid();
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(new Seen.Failed(FailureKind.HUNG, "no heartbeat for 300 ms"));
    assertThat(alive(pid)).isFalse();
  }

  @Test
  @DisplayName("[q] a copy that does not become ready in time has failed")
  void neverReady() {
    var launch = with(launch(sleeper()), Readiness.When.MODULE_API, Duration.ofMillis(200));
    rig.order(primary(1, launch));
    rig.seen(1, Seen.Starting.class);
    assertThat(rig.seen(1, Seen.Failed.class))
        .isEqualTo(
            new Seen.Failed(
                FailureKind.NOT_READY, "it had not said that it is ready 200 ms after its start"));
  }

  @Test
  @DisplayName(
      "[36] a higher run replaces a lower one: the old process is dead before the new runs")
  void replaces() {
    var program = rig.script("a.sh", "echo $$ >>runs", "exec sleep 1000");
    rig.order(primary(1, launch(program)));
    var old = rig.seen(1, Seen.Running.class).pid();
    rig.order(primary(2, launch(program)));
    rig.seen(2, Seen.Running.class);
    assertThat(alive(old)).isFalse();
  }

  @Test
  @DisplayName(
      "[35] orders that are late or of another life are refused, duplicates change nothing")
  void refuses() {
    rig.order(primary(5, launch(sleeper())));
    var pid = rig.seen(5, Seen.Running.class).pid();
    rig.order(order(5, CopyStatus.IDLE, 5, 4, launch(sleeper()))); // lower version
    rig.order(order(5, CopyStatus.IDLE, 4, 9, launch(sleeper()))); // lower epoch
    rig.order(order(4, CopyStatus.PRIMARY, 5, 9, launch(sleeper()))); // lower run
    rig.watchDog.tell(
        new Orders("another", List.of(order(5, CopyStatus.IDLE, 9, 9, launch(sleeper())))));
    rig.order(primary(5, launch(sleeper())), primary(5, launch(sleeper())));
    var last = rig.await(HostUp.class, up -> up.incarnation().equals(rig.incarnation));
    assertThat(last.host().value()).isEqualTo("H1");
    assertThat(rig.seen(5, Seen.Running.class).pid()).isEqualTo(pid);
    assertThat(alive(pid)).isTrue();
  }

  @Test
  @DisplayName("[35] a report is repeated until it is heard, all unheard ones together")
  void repeats() {
    rig.hears = false;
    rig.order(primary(1, launch(rig.script("a.sh", "exit 1"))));
    rig.seen(1, Seen.Failed.class);
    rig.seen(1, Seen.Failed.class);
    rig.hears = true;
    var heard = rig.await(Observed.class, observed -> true);
    assertThat(heard.reports()).hasSize(1);
    assertThat(heard.reports().getFirst().copy()).isEqualTo(A1);
  }

  @Test
  @DisplayName("[d] declared dead: what is left is killed, then the host comes back empty")
  void declaredDead() {
    rig.order(primary(1, launch(sleeper())));
    var pid = rig.seen(1, Seen.Running.class).pid();
    rig.watchDog.tell(new DeclaredDead(rig.incarnation, "no heartbeat for 2 s"));
    var up = rig.await(HostUp.class, it -> !it.incarnation().equals(rig.incarnation));
    assertThat(alive(pid)).isFalse();
    rig.order(primary(2, launch(sleeper()))); // for the life that ended
    rig.welcome(up);
    rig.order(primary(3, launch(sleeper())));
    assertThat(rig.report(it -> it.seen() instanceof Seen.Running).run()).isEqualTo(3);
  }

  @Test
  @DisplayName("[k] the WatchDog alone fails: its copies are dead before it is up again, empty")
  void watchDogFails() {
    rig.order(primary(1, launch(sleeper())));
    var pid = rig.seen(1, Seen.Running.class).pid();
    rig.breaks = true;
    rig.watchDog.tell(new Orders("another", List.of()));
    var up = rig.await(HostUp.class, it -> !it.incarnation().equals(rig.incarnation));
    assertThat(alive(pid)).isFalse();
    rig.welcome(up);
    rig.order(primary(2, launch(sleeper())));
    rig.seen(2, Seen.Running.class);
  }

  @Test
  @DisplayName("[28] the node ends: all copies are stopped, at the latest when its grace is over")
  void nodeEnds() {
    var stubborn = rig.script("a.sh", "trap '' TERM", "echo $$ >pid", "while :; do sleep 1; done");
    var launch = launch(stubborn);
    var patient =
        new Launch(
            launch.location(),
            launch.arguments(),
            launch.adopt(),
            launch.detection(),
            launch.readiness(),
            Duration.ofMinutes(10),
            true);
    rig.order(primary(1, patient));
    var pid = rig.number("pid");
    var done = rig.kit.<Done>createTestProbe();
    rig.watchDog.tell(new WatchDogProtocol.Stop(done.getRef()));
    done.receiveMessage(Rig.LONG);
    assertThat(alive(pid)).isFalse();
    rig.kit.shutdownTestKit();
    rig = new Rig(folder);
  }

  @Test
  @DisplayName("[48] heartbeats are sent all the time, and the node ends when its name is taken")
  void heartbeats() throws InterruptedException {
    rig.heartbeats.clear();
    assertThat(rig.heartbeats.take().incarnation()).isEqualTo(rig.incarnation);
    assertThat(rig.heartbeats.take().host().value()).isEqualTo("H1");
    rig.watchDog.tell(new NameTaken(rig.incarnation, "another H1 lives"));
    assertThat(rig.nameTaken.take()).isEqualTo("another H1 lives");
  }
}
