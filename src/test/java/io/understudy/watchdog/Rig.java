package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Detection;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.Heard;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A real WatchDog on this host, with a manager that the test plays. */
final class Rig implements AutoCloseable {
  static final CopyId A1 = CopyId.parse("A1");
  static final Duration LONG = Duration.ofSeconds(20);

  /** For tests in which no copy hangs, and a busy machine is not to make it look so. */
  static final Detection.Polling PATIENT =
      new Detection.Polling(Duration.ofMillis(100), Duration.ofSeconds(10), Optional.empty());

  static final Detection.Polling POLLING =
      new Detection.Polling(Duration.ofMillis(100), Duration.ofMillis(400), Optional.empty());

  final Path folder;
  final ActorTestKit kit;
  final ActorRef<Command> watchDog;
  final LinkedBlockingQueue<ToManager> told = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Heartbeat> heartbeats = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<String> nameTaken = new LinkedBlockingQueue<>();
  final AtomicInteger cutOff = new AtomicInteger();
  volatile SelfRegistration registration =
      (token, pid, file) ->
          CompletableFuture.completedFuture(new SelfRegistration.Answer(503, "{}"));
  volatile boolean hears = true;
  volatile boolean breaks;
  String incarnation;

  Rig(Path folder) {
    this(folder, "");
  }

  Rig(Path folder, String settings) {
    this.folder = folder;
    var config =
        ConfigFactory.parseString(settings)
            .withFallback(
                ConfigFactory.parseString(
                    """
                    understudy.data = "%s"
                    understudy.watchdog.allowed-paths = ["%s", "/usr/bin", "/bin"]
                    understudy.watchdog.shutdown-grace = 1s
                    pekko.actor.provider = local
                    """
                        .formatted(folder, folder)))
            .withFallback(ConfigFactory.parseResources("understudy-watchdog.conf"))
            .withFallback(ConfigFactory.load())
            .resolve();
    kit = ActorTestKit.create("rig", config);
    watchDog =
        kit.spawn(
            Behaviors.supervise(
                    WatchDog.create(
                        new HostIdentity(
                            new HostId("H1"),
                            "127.0.0.1:17355#1",
                            "127.0.0.1:17355",
                            ProcessHandle.current().pid()),
                        WatchDogSettings.from(config),
                        new WatchDog.Links(
                            this::tell,
                            heartbeats::add,
                            lease::get,
                            nameTaken::add,
                            (token, pid, file) -> registration.register(token, pid, file),
                            Ties.NONE),
                        cutOff))
                .onFailure(SupervisorStrategy.restart()),
            "watchdog",
            DispatcherSelector.fromConfig("understudy.watchdog.dispatcher"));
    welcome(await(HostUp.class, up -> true));
  }

  /** What the WatchDog is told of its lease. */
  final AtomicReference<Lease> lease = new AtomicReference<>(new Lease.Off());

  private void tell(ToManager message) {
    if (breaks) {
      breaks = false;
      throw new IllegalStateException("the WatchDog is to fail");
    }
    told.add(message);
  }

  void welcome(HostUp up) {
    incarnation = up.incarnation();
    watchDog.tell(new Welcome(incarnation));
  }

  /** Waits for what the manager is told, and hears every report that comes by. */
  <T extends ToManager> T await(Class<T> type, Predicate<T> wanted) {
    var deadline = System.nanoTime() + LONG.toNanos();
    try {
      while (true) {
        var message = told.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(message).as("what the manager is told of within %s", LONG).isNotNull();
        if (message instanceof Observed observed && hears) {
          watchDog.tell(new Heard(observed.incarnation(), observed.sequence()));
        }
        if (type.isInstance(message) && wanted.test(type.cast(message))) {
          return type.cast(message);
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  CopyReport report(Predicate<CopyReport> wanted) {
    return await(Observed.class, observed -> observed.reports().stream().anyMatch(wanted))
        .reports()
        .stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow();
  }

  <S extends Seen> S seen(long run, Class<S> type) {
    return type.cast(
        report(report -> report.run() == run && type.isInstance(report.seen())).seen());
  }

  void order(CopyOrder... orders) {
    watchDog.tell(new Orders(incarnation, List.of(orders)));
  }

  /** A program of the test: lines of sh. */
  Path script(String name, String... lines) {
    try {
      var path = folder.resolve(name);
      Files.writeString(path, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Launch launch(Path program) {
    return launch(new Location.Executable(program.toString()));
  }

  static Launch launch(Location location) {
    return new Launch(
        location,
        List.of(),
        Optional.empty(),
        POLLING,
        Readiness.DEFAULT,
        Duration.ofMillis(300),
        true);
  }

  static Launch with(Launch launch, Detection detection) {
    return new Launch(
        launch.location(),
        launch.arguments(),
        launch.adopt(),
        detection,
        launch.readiness(),
        launch.stopGrace(),
        launch.alone());
  }

  static Launch with(Launch launch, Readiness.When when, Duration deadline) {
    return new Launch(
        launch.location(),
        launch.arguments(),
        launch.adopt(),
        launch.detection(),
        new Readiness(when, deadline),
        launch.stopGrace(),
        launch.alone());
  }

  static Launch alone(Launch launch, boolean alone) {
    return new Launch(
        launch.location(),
        launch.arguments(),
        launch.adopt(),
        launch.detection(),
        launch.readiness(),
        launch.stopGrace(),
        alone);
  }

  static Launch adopting(Launch launch, long pid) {
    return new Launch(
        launch.location(),
        launch.arguments(),
        Optional.of(pid),
        launch.detection(),
        launch.readiness(),
        launch.stopGrace(),
        launch.alone());
  }

  static CopyOrder order(long run, CopyStatus status, long epoch, long version, Launch launch) {
    return new CopyOrder(A1, run, status, new Epoch(epoch), version, launch);
  }

  static CopyOrder primary(long run, Launch launch) {
    return order(run, CopyStatus.PRIMARY, run, run, launch);
  }

  static boolean alive(long pid) {
    return ProcessId.of(pid).isPresent();
  }

  static void kill(long pid, String signal) {
    try {
      var code = new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor();
      assertThat(code).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for something that no message announces. */
  static void eventually(String what, BooleanSupplier condition) {
    var deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s within %s", what, LONG).isLessThan(deadline);
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** The number that a script wrote into a file of its working directory. */
  long number(String file) {
    var path = folder.resolve("copies/A1/work").resolve(file);
    eventually(
        file + " is written",
        () -> {
          try {
            return Files.exists(path) && Files.readString(path).endsWith("\n");
          } catch (IOException e) {
            return false;
          }
        });
    try {
      return Long.parseLong(Files.readString(path).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String log() throws IOException {
    return Files.readString(folder.resolve("copies/A1/copy.log"));
  }

  @Override
  public void close() {
    var answer = kit.<Done>createTestProbe();
    watchDog.tell(new WatchDogProtocol.Stop(answer.getRef()));
    answer.receiveMessage(LONG);
    kit.shutdownTestKit();
  }
}
