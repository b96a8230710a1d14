package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.understudy.checkpoint.Checkpoints;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.checkpoint.Outcome;
import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.Readiness;
import io.understudy.model.StateGroup;
import io.understudy.model.StateSpec;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.Lineage;
import io.understudy.state.PeerMessage;
import io.understudy.state.RequestId;
import io.understudy.watchdog.WatchDogProtocol.Command;
import io.understudy.watchdog.WatchDogProtocol.Heard;
import io.understudy.watchdog.WatchDogProtocol.HostUp;
import io.understudy.watchdog.WatchDogProtocol.Observed;
import io.understudy.watchdog.WatchDogProtocol.Orders;
import io.understudy.watchdog.WatchDogProtocol.SyncChanged;
import io.understudy.watchdog.WatchDogProtocol.ToManager;
import io.understudy.watchdog.WatchDogProtocol.Welcome;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Three real WatchDogs in one JVM, with a manager that the test plays: it records who is in sync
 * and hands out groups, and the test says who is what.
 */
final class Group implements AutoCloseable {
  static final ModuleId A = new ModuleId("A");

  final ActorTestKit kit;
  private final Path folder;
  private final StateSpec spec;
  private Launch launch;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Checkpoints checkpoints;
  private final Map<Integer, Host> hosts = new TreeMap<>();
  private final Map<Integer, Row> rows = new TreeMap<>();
  private final TestProbe<CallAnswers> client;
  private final List<CallAnswer> early = new ArrayList<>();
  private long version;
  private long epoch;
  private Epoch predecessor = Epoch.NONE;
  private int sequencer;
  private long runs;
  private Optional<Random> wires = Optional.empty();

  /** One host. */
  private static final class Host {
    private final AtomicReference<Lease> lease = new AtomicReference<>(new Lease.Off());
    private ActorRef<Command> watchDog;
    private ActorRef<Object> states;
    private String incarnation = "";
    private boolean cutOff;
  }

  private record Row(long run, CopyStatus status, boolean inSync, Optional<CopyReport> seen) {}

  Group(Path folder, Launch launch, StateSpec spec) {
    this.folder = folder;
    this.launch = launch;
    this.spec = spec;
    var config =
        ConfigFactory.parseString(
                """
                understudy.data = "%s"
                understudy.watchdog.allowed-paths = ["%s", "/usr/bin", "/bin"]
                understudy.watchdog.shutdown-grace = 1s
                understudy.watchdog.api.answer-timeout = 1s
                pekko.actor.provider = local
                """
                    .formatted(folder, folder))
            .withFallback(ConfigFactory.parseResources("understudy-watchdog.conf"))
            .withFallback(ConfigFactory.load())
            .resolve();
    kit = ActorTestKit.create("group", config);
    client = kit.createTestProbe();
    var journal =
        new JournalSettings("jdbc:h2:" + folder.resolve("checkpoints").toAbsolutePath(), "sa", "");
    checkpoints = new Checkpoints(journal, threads);
  }

  /** Of copies that are programs, which leave their environment to {@link #speaker} and sleep. */
  static Group ofPrograms(Path folder, boolean alone, StateSpec spec) throws IOException {
    var program = folder.resolve("a.sh");
    Files.writeString(program, "#!/bin/sh\n" + String.join("\n", Speaker.SCRIPT) + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    var launch =
        new Launch(
            new Location.Executable(program.toString()),
            List.of(),
            Optional.empty(),
            Rig.PATIENT,
            Readiness.DEFAULT,
            Duration.ofMillis(300),
            alone);
    return new Group(folder, launch, spec);
  }

  /** For the program that this copy's latest run has started. */
  Speaker speaker(HttpClient http, int number) {
    var environment = environment(number);
    Rig.eventually("copy " + number + " runs", () -> Files.exists(environment));
    return Speaker.of(http, environment);
  }

  private Path environment(int number) {
    return folder.resolve("H%d/copies/A%d/work/env".formatted(number, number));
  }

  /** Waits until this host is up. */
  Group host(int number) {
    var host = new Host();
    hosts.put(number, host);
    var name = new HostId("H" + number);
    host.states = kit.spawn(StateHost.create(name), "states-" + number);
    var settings = WatchDogSettings.from(kit.system().settings().config());
    var own =
        new WatchDogSettings(
            folder.resolve("H" + number),
            settings.allowedPaths(),
            settings.heartbeatInterval(),
            settings.reportRepeat(),
            settings.shutdownGrace(),
            settings.shell(),
            settings.log(),
            settings.api());
    host.watchDog =
        kit.spawn(
            WatchDog.create(
                new HostIdentity(name, name + ":1#1", name + ":1", ProcessHandle.current().pid()),
                own,
                new WatchDog.Links(
                    message -> told(number, message),
                    beat -> {},
                    host.lease::get,
                    reason -> {},
                    (token, pid, file) ->
                        CompletableFuture.completedFuture(new SelfRegistration.Answer(503, "{}")),
                    Ties.NONE),
                new AtomicInteger(),
                new StateResources(host.states, this::peer, Optional.of(checkpoints))),
            "watchdog-" + number,
            DispatcherSelector.fromConfig("understudy.watchdog.dispatcher"));
    Rig.eventually("host " + number + " is up", () -> incarnation(number).length() > 0);
    return this;
  }

  private synchronized String incarnation(int number) {
    return hosts.get(number).incarnation;
  }

  private ActorRef<Object> peer(String address) {
    var to = hosts.get(Character.digit(address.charAt(1), 10)).states;
    return wires.map(random -> kit.spawn(wire(to, random))).orElse(to);
  }

  /** From now on some of what copies say to each other is lost, and some comes late. */
  Group bad(long seed) {
    wires = Optional.of(new Random(seed));
    return this;
  }

  private static Behavior<Object> wire(ActorRef<Object> to, Random random) {
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                message -> {
                  var luck = random.nextInt(100);
                  if (luck < 10) {
                    var late = Duration.ofMillis(random.nextInt(60));
                    context.scheduleOnce(late, to, message);
                  } else if (luck < 97) {
                    to.tell(message);
                  }
                  return Behaviors.same();
                }));
  }

  private synchronized void told(int number, ToManager message) {
    var host = hosts.get(number);
    switch (message) {
      case HostUp up -> {
        host.incarnation = up.incarnation();
        up.watchDog().tell(new Welcome(up.incarnation()));
      }
      case Observed observed -> {
        observed.watchDog().tell(new Heard(observed.incarnation(), observed.sequence()));
        observed.reports().forEach(report -> seen(report));
      }
      case SyncChanged sync -> synced(sync);
    }
  }

  private void seen(CopyReport report) {
    var number = report.copy().number();
    var row = rows.get(number);
    if (row != null && row.run() == report.run()) {
      var dead = report.seen() instanceof Seen.Failed || report.seen() instanceof Seen.Stopped;
      rows.put(
          number, new Row(row.run(), row.status(), row.inSync() && !dead, Optional.of(report)));
    }
  }

  private void synced(SyncChanged sync) {
    var number = sync.member().number();
    var row = rows.get(number);
    if (sync.epoch().value() == epoch && row.run() == sync.memberRun()) {
      rows.put(number, new Row(row.run(), row.status(), sync.inSync(), row.seen()));
      order();
    }
  }

  /** A new run of this copy. */
  synchronized void start(int number, CopyStatus status) {
    rows.put(number, new Row(++runs, status, false, Optional.empty()));
    if (status == CopyStatus.PRIMARY) {
      become(number);
    } else {
      order();
    }
  }

  /** It is to be stopped as planned, and only that: waits until it is. */
  void stop(int number) {
    synchronized (this) {
      version++;
      var host = hosts.get(number);
      var order =
          new CopyOrder(
              new CopyId(A, number),
              rows.get(number).run(),
              CopyStatus.IDLE,
              new Epoch(epoch),
              version,
              launch,
              Optional.empty());
      host.watchDog.tell(new Orders(host.incarnation, List.of(order)));
    }
    Rig.eventually(
        "copy " + number + " is stopped",
        () ->
            is(
                number,
                row -> row.seen().filter(it -> it.seen() instanceof Seen.Stopped).isPresent()));
  }

  /** The Checkpoint Server answers nobody any more. */
  void silence() {
    checkpoints.close();
  }

  /** A new run of a copy of a hot module that has a sequencer. */
  synchronized void startHot(int number) {
    rows.put(number, new Row(++runs, CopyStatus.PRIMARY, false, Optional.empty()));
    order();
  }

  /** Waits until the Checkpoint Server has this. */
  void stored(long sequence) {
    Rig.eventually("update " + sequence + " is stored", () -> checkpointed() >= sequence);
  }

  private long checkpointed() {
    var claimed = checkpoints.claim(A, new Epoch(epoch)).toCompletableFuture().join();
    return claimed instanceof Outcome.Done<Lineage>(var stored) ? stored.end().sequence() : 0;
  }

  /** This copy numbers from now on, in an epoch of its own. */
  synchronized void promote(int number) {
    var row = rows.get(number);
    rows.put(number, new Row(row.run(), CopyStatus.PRIMARY, row.inSync(), row.seen()));
    become(number);
  }

  /** It numbers still, as a backup, in an epoch of its own. */
  synchronized void demote(int number) {
    var row = rows.get(number);
    rows.put(number, new Row(row.run(), CopyStatus.BACKUP, row.inSync(), row.seen()));
    become(number);
  }

  private void become(int number) {
    sequencer = number;
    epoch++;
    order();
  }

  /** The module is registered in another style: these are primaries now, beside the sequencer. */
  synchronized void restyle(boolean alone, Integer... beside) {
    launch = Rig.alone(launch, alone);
    rows.replaceAll(
        (number, row) -> {
          var serves = number == sequencer || List.of(beside).contains(number);
          var status = serves ? CopyStatus.PRIMARY : CopyStatus.BACKUP;
          return new Row(row.run(), status, row.inSync(), row.seen());
        });
    order();
  }

  /** The module is deregistered and gone; what starts from now on is of another of its name. */
  synchronized void registeredAnew() {
    rows.clear();
    predecessor = new Epoch(epoch);
  }

  /** It is dead, and known to be. */
  synchronized void lose(int number) {
    var unused = environment(number).toFile().delete(); // of the run that is lost
    rows.remove(number);
    order();
  }

  synchronized void order() {
    version++;
    var members =
        rows.entrySet().stream()
            .filter(row -> !failed(row.getValue()))
            .map(
                row ->
                    new StateGroup.Member(
                        new CopyId(A, row.getKey()),
                        row.getValue().run(),
                        new HostId("H" + row.getKey()),
                        "H" + row.getKey() + ":1",
                        row.getValue().inSync()))
            .toList();
    var group = new StateGroup(version, spec, new CopyId(A, sequencer), members, predecessor);
    rows.forEach(
        (number, row) -> {
          if (!failed(row)) {
            var host = hosts.get(number);
            var order =
                new CopyOrder(
                    new CopyId(A, number),
                    row.run(),
                    row.status(),
                    new Epoch(epoch),
                    version,
                    launch,
                    Optional.of(group));
            if (!host.cutOff) {
              host.watchDog.tell(new Orders(host.incarnation, List.of(order)));
            }
          }
        });
  }

  private static boolean failed(Row row) {
    return row.seen()
        .filter(it -> it.seen() instanceof Seen.Failed || it.seen() instanceof Seen.Stopped)
        .isPresent();
  }

  private synchronized boolean is(int number, Predicate<Row> wanted) {
    return rows.containsKey(number) && wanted.test(rows.get(number));
  }

  synchronized int sequencer() {
    return sequencer;
  }

  /** Those that may take over. */
  synchronized List<Integer> inSyncBut(int number) {
    return rows.keySet().stream()
        .filter(other -> other != number && rows.get(other).inSync() && !failed(rows.get(other)))
        .toList();
  }

  void inSync(int number) {
    Rig.eventually("copy " + number + " is in sync", () -> is(number, Row::inSync));
  }

  /** It acts on its status in the present epoch. */
  void acts(int number) {
    Rig.eventually(
        "copy " + number + " acts",
        () ->
            is(
                number,
                row ->
                    row.seen()
                        .filter(it -> it.seen() instanceof Seen.Running)
                        .filter(it -> it.status() == row.status() && it.epoch().value() == epoch)
                        .isPresent()));
  }

  Seen.Failed fails(int number) {
    Rig.eventually("copy " + number + " fails", () -> is(number, Group::failed));
    synchronized (this) {
      return (Seen.Failed) rows.get(number).seen().orElseThrow().seen();
    }
  }

  void lease(int number, Lease lease) {
    hosts.get(number).lease.set(lease);
  }

  /** From now on it hears nothing of the manager. */
  synchronized void cutOff(int number) {
    hosts.get(number).cutOff = true;
  }

  /** From now on its copies hear nothing of the others. */
  void deafen(int number) {
    kit.stop(hosts.get(number).states);
  }

  /** It hears of the manager again. */
  synchronized void back(int number) {
    hosts.get(number).cutOff = false;
  }

  /** Another copy says this to it. */
  void say(int number, PeerMessage message) {
    var run = rows.get(number).run();
    hosts.get(number).states.tell(new StateHost.Peer(new CopyId(A, number), run, message));
  }

  void send(int number, RequestId id, Bytes command) {
    hosts
        .get(number)
        .states
        .tell(ModuleCall.of(new CopyId(A, number), id, command, client.getRef()));
  }

  void send(int number, RequestId id, Bytes command, ActorRef<CallAnswers> replyTo) {
    hosts.get(number).states.tell(ModuleCall.of(new CopyId(A, number), id, command, replyTo));
  }

  CallAnswer answer(RequestId id) {
    while (true) {
      for (var answer : early) {
        if (answer.request().equals(id)) {
          early.remove(answer);
          return answer;
        }
      }
      early.addAll(client.receiveMessage(Duration.ofSeconds(20)).answers());
    }
  }

  CallAnswer ask(int number, RequestId id, Bytes command) {
    send(number, id, command);
    return answer(id);
  }

  Bytes reply(int number, RequestId id, Bytes command) {
    var answer = ask(number, id, command);
    assertThat(answer).isInstanceOf(CallAnswer.Replied.class);
    return ((CallAnswer.Replied) answer).reply();
  }

  @Override
  public void close() {
    var answer = kit.<Done>createTestProbe();
    hosts.values().forEach(host -> host.watchDog.tell(new WatchDogProtocol.Stop(answer.getRef())));
    hosts.values().forEach(host -> answer.receiveMessage(Rig.LONG));
    kit.shutdownTestKit();
    threads.close(); // the database's files are not touched any more
    checkpoints.close();
  }
}
