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
import io.understudy.model.FailureKind;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness.When;
import io.understudy.module.CopyContext;
import io.understudy.module.ModuleActor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that are actors in the WatchDog's own JVM. */
class ActorCopyTest {
  private static final LinkedBlockingQueue<CopyContext> CREATED = new LinkedBlockingQueue<>();
  private static volatile CountDownLatch stuck = new CountDownLatch(0);

  @TempDir Path folder;
  private Rig rig;

  /** Sane, and confirms what it is told. */
  public static class Good implements ModuleActor {
    @Override
    public Behavior<Message> create(CopyContext copy) {
      CREATED.add(copy);
      return Behaviors.receive(Message.class)
          .onMessage(StatusChanged.class, this::changed)
          .onMessage(CheckSanity.class, this::check)
          .build();
    }

    Behavior<Message> changed(StatusChanged change) {
      change.replyTo().tell(change.confirmed());
      return Behaviors.same();
    }

    Behavior<Message> check(CheckSanity check) {
      check.replyTo().tell(new Sanity.Sane());
      return Behaviors.same();
    }
  }

  /** Throws when its sanity is checked. */
  public static class Throwing extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      throw new IllegalArgumentException("no more paper");
    }
  }

  /** Throws what would end the node's JVM. */
  public static class Fatal extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      throw new NoClassDefFoundError("gone");
    }
  }

  /** Ends. */
  public static class Ending extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      return Behaviors.stopped();
    }
  }

  /** Knows that it is not well. */
  public static class Insane extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      check.replyTo().tell(new Sanity.Insane("rows are missing"));
      return Behaviors.same();
    }
  }

  /** Waits where it can be interrupted. */
  public static class Blocked extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      try {
        stuck.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return Behaviors.same();
    }
  }

  /** Computes for ever, and does not hear interrupts. */
  public static class Spinning extends Good {
    @Override
    Behavior<Message> check(CheckSanity check) {
      while (stuck.getCount() > 0) {
        Thread.onSpinWait();
      }
      return Behaviors.same();
    }
  }

  /** Has no public constructor without parameters. */
  public static final class Closed extends Good {
    private Closed() {}
  }

  @BeforeEach
  void start() {
    CREATED.clear();
    rig = new Rig(folder);
  }

  @AfterEach
  void stop() {
    stuck.countDown();
    rig.close();
  }

  private static Launch actor(Class<?> type) {
    return launch(new Location.ActorClass(type.getName()));
  }

  private Seen.Failed failure(Class<?> type) {
    stuck = new CountDownLatch(1);
    rig.order(primary(1, actor(type)));
    rig.seen(1, Seen.Running.class);
    return rig.seen(1, Seen.Failed.class);
  }

  @Test
  @DisplayName("[36] an actor is executed by its class name, and knows its role")
  void starts() throws InterruptedException {
    rig.order(order(1, CopyStatus.BACKUP, 3, 1, actor(Good.class)));
    assertThat(rig.seen(1, Seen.Running.class).pid()).isEqualTo(ProcessHandle.current().pid());
    var copy = CREATED.take();
    assertThat(copy.copy()).isEqualTo(Rig.A1);
    assertThat(copy.host().value()).isEqualTo("H1");
    assertThat(copy.status()).isEqualTo(CopyStatus.BACKUP);
    assertThat(copy.epoch().value()).isEqualTo(3);
    rig.order(order(1, CopyStatus.IDLE, 3, 2, actor(Good.class)));
    rig.seen(1, Seen.Stopped.class);
  }

  @Test
  @DisplayName("[41] an actor is told its promotion, which counts when it has confirmed it")
  void promotion() {
    rig.order(order(1, CopyStatus.BACKUP, 1, 1, actor(Good.class)));
    rig.order(order(1, CopyStatus.PRIMARY, 2, 2, actor(Good.class)));
    var report = rig.report(it -> it.epoch().value() == 2);
    assertThat(report.status()).isEqualTo(CopyStatus.PRIMARY);
  }

  @Test
  @DisplayName("[30] an actor throws: crashed, with the exception")
  void throwing() {
    assertThat(failure(Throwing.class))
        .isEqualTo(
            new Seen.Failed(
                FailureKind.CRASHED,
                "the actor threw java.lang.IllegalArgumentException: no more paper"));
  }

  @Test
  @DisplayName("[30] an error that would end the JVM is the failure of that copy alone")
  void fatal() {
    assertThat(failure(Fatal.class).reason())
        .isEqualTo("the actor threw java.lang.NoClassDefFoundError: gone");
  }

  @Test
  @DisplayName("[30] an actor that stops by itself has failed")
  void ending() {
    assertThat(failure(Ending.class).reason()).isEqualTo("the actor stopped by itself");
  }

  @Test
  @DisplayName("[31] the sanity check inside an actor finds a problem: hung")
  void insane() {
    assertThat(failure(Insane.class))
        .isEqualTo(new Seen.Failed(FailureKind.HUNG, "its sanity check failed: rows are missing"));
  }

  @Test
  @DisplayName("[m] a blocked actor misses its poll: interrupted, dead, then reported hung")
  void blocked() {
    assertThat(failure(Blocked.class))
        .isEqualTo(new Seen.Failed(FailureKind.HUNG, "no answer to a poll for 400 ms"));
    assertThat(rig.cutOff).hasValue(0);
  }

  @Test
  @DisplayName("[45] a spinning actor is cut off and counted; the next run is not disturbed")
  void spinning() throws InterruptedException {
    assertThat(failure(Spinning.class).kind()).isEqualTo(FailureKind.HUNG);
    assertThat(rig.cutOff).hasValue(1);
    var old = CREATED.take();
    org.assertj.core.api.Assertions.assertThatThrownBy(old::heartbeat)
        .hasMessageContaining("copy A1 was cut off");
    rig.order(primary(2, actor(Good.class)));
    rig.seen(2, Seen.Running.class);
    rig.heartbeats.clear();
    assertThat(rig.heartbeats.poll(2, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  @DisplayName("[33] an actor sends no heartbeat within the duration: hung; with one it is not")
  void heartbeat() throws InterruptedException {
    var detection = new Detection.Heartbeat(Duration.ofMillis(500), Source.PERIOD);
    rig.order(primary(1, with(actor(Good.class), detection)));
    rig.seen(1, Seen.Running.class);
    var copy = CREATED.take();
    var begun = System.nanoTime();
    rig.kit
        .scheduler()
        .scheduleOnce(Duration.ofMillis(300), copy::heartbeat, rig.kit.system().executionContext());
    assertThat(rig.seen(1, Seen.Failed.class).reason()).isEqualTo("no heartbeat for 500 ms");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(700));
  }

  @Test
  @DisplayName("[q] an actor is ready when it says so, or at its first sanity check")
  void ready() throws InterruptedException {
    rig.order(primary(1, with(actor(Good.class), When.MODULE_API, Duration.ofSeconds(20))));
    rig.seen(1, Seen.Starting.class);
    CREATED.take().ready();
    rig.seen(1, Seen.Running.class);
    rig.order(primary(2, with(actor(Good.class), When.SANITY_CHECK, Duration.ofSeconds(20))));
    rig.seen(2, Seen.Running.class);
  }

  @Test
  @DisplayName("[40] a class that is missing, no module, or closed cannot start")
  void cannotStart() {
    rig.order(primary(1, launch(new Location.ActorClass("no.such.Class"))));
    var missing = rig.seen(1, Seen.Failed.class);
    assertThat(missing.kind()).isEqualTo(FailureKind.CANNOT_START);
    assertThat(missing.reason()).contains("class no.such.Class is not on the class path of H1");
    rig.order(primary(2, actor(String.class)));
    assertThat(rig.seen(2, Seen.Failed.class).reason()).contains("is not a module");
    rig.order(primary(3, actor(Closed.class)));
    assertThat(rig.seen(3, Seen.Failed.class).reason()).contains("public constructor");
  }

  @Test
  @DisplayName("[40] that a class is missing is one line of the log, without a stack trace")
  void cannotStartIsSaidOnce() {
    var said =
        "copy A1 cannot be started: class no.such.Class is not on the class path of H1: add its jar"
            + " there, or correct the location";
    var traces = new AtomicInteger();
    LoggingTestKit.warn(said)
        .expect(
            rig.kit.system(),
            () ->
                LoggingTestKit.empty()
                    .withCustom(
                        event -> event.getThrowable().isPresent() && traces.incrementAndGet() > 0)
                    .withOccurrences(0)
                    .expect(
                        rig.kit.system(),
                        () -> {
                          rig.order(primary(1, launch(new Location.ActorClass("no.such.Class"))));
                          return rig.seen(1, Seen.Failed.class);
                        }));
    assertThat(traces).hasValue(0);
  }
}
