package io.understudy.manager;

import static org.junit.jupiter.api.Assertions.fail;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.Quiet;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerProtocol.Accepted;
import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.ReplicationTable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** A ManagerKeeper on a journal, with probes for all that is around it. */
final class Rig implements AutoCloseable {
  static final HostId HOST = new HostId("H2");
  static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Long enough to see that nothing comes. */
  static final Duration QUIET = Duration.ofMillis(250);

  final ActorTestKit kit;
  final JournalSettings journal;
  final CountDownLatch gaveUp = new CountDownLatch(1);
  final Set<String> members = ConcurrentHashMap.newKeySet();

  /** The modules whose state is to be forgotten. */
  final BlockingQueue<String> forgotten = new LinkedBlockingQueue<>();

  /** Of the last manager that was started with one. */
  TestProbe<SuperWatchDogProtocol.Command> superWatchDog;

  private final TestProbe<Reply> replies;
  private Optional<ActorRef<Command>> keeper = Optional.empty();

  Rig(JournalSettings journal) {
    this(journal, ConfigFactory.empty());
  }

  Rig(JournalSettings journal, Config more) {
    this.journal = journal;
    kit =
        ActorTestKit.create(
            "understudy", ConfigFactory.load(more.withFallback(journal.pekkoConfig())));
    replies = kit.createTestProbe(Reply.class);
  }

  /** For a node that is a cluster by itself, on a port of its own. */
  static Config cluster(String... roles) {
    return ConfigFactory.parseMap(
            Map.of(
                "pekko.remote.artery.canonical.hostname",
                "127.0.0.1",
                "pekko.remote.artery.canonical.port",
                0,
                "pekko.cluster.roles",
                List.of(roles),
                "pekko.cluster.run-coordinated-shutdown-when-down",
                "off"))
        .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"));
  }

  static ManagerSettings settings(int snapshotEvery) {
    return new ManagerSettings(
        Duration.ofMillis(300), Duration.ofMillis(50), snapshotEvery, Duration.ofMillis(300));
  }

  /** For tests in which the journal or the manager fails. */
  static Quiet quiet() {
    return new Quiet(
        "io.understudy.manager",
        "slick.basic.BasicBackend.action",
        "com.zaxxer.hikari",
        "org.apache.pekko.actor.ActorSystemImpl");
  }

  /** A database of its own for each caller, in memory. */
  static JournalSettings memory(String name) {
    return new JournalSettings("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(name), "sa", "");
  }

  /** A registration on these hosts. */
  static ModuleSpec spec(String module, ReplicationStyle style, int degree, String... hosts) {
    var at = Location.parse("/home/chung/%s.exe".formatted(module));
    var copies = Arrays.stream(hosts).map(host -> new Copy(new HostId(host), at)).toList();
    return ModuleSpec.of(new ModuleId(module), style, degree, copies);
  }

  static ManagerProtocol.Register register(ModuleSpec spec, ActorRef<Reply> replyTo) {
    return new ManagerProtocol.Register(spec, Optional.empty(), replyTo);
  }

  ActorRef<Command> start() {
    return start(settings(5000), Clock.systemUTC());
  }

  ActorRef<Command> start(ManagerSettings settings, Clock clock) {
    superWatchDog = kit.createTestProbe(SuperWatchDogProtocol.Command.class);
    return start(settings, clock, superWatchDog.ref());
  }

  ActorRef<Command> start(
      ManagerSettings settings, Clock clock, ActorRef<SuperWatchDogProtocol.Command> watcher) {
    return start(ManagerKeeper.create(node(settings, clock, watcher)));
  }

  /** As a node does that knows this of the journal's tables. */
  ActorRef<Command> start(Schema schema) {
    superWatchDog = kit.createTestProbe(SuperWatchDogProtocol.Command.class);
    return start(ManagerKeeper.create(node(superWatchDog.ref()), schema));
  }

  private ActorRef<Command> start(Behavior<Command> behavior) {
    var spawned = kit.spawn(behavior);
    keeper = Optional.of(spawned);
    return spawned;
  }

  ManagerKeeper.Node node(ActorRef<SuperWatchDogProtocol.Command> watcher) {
    return node(settings(5000), Clock.systemUTC(), watcher);
  }

  private ManagerKeeper.Node node(
      ManagerSettings settings, Clock clock, ActorRef<SuperWatchDogProtocol.Command> watcher) {
    return new ManagerKeeper.Node(
        HOST,
        "http://127.0.0.1:7626",
        journal,
        settings,
        clock,
        members::contains,
        watcher,
        (module, last) -> forgotten.add(module + " up to " + last),
        reason -> gaveUp.countDown());
  }

  /** Ends the manager at once, as its node's death would. */
  void kill() {
    keeper.ifPresent(ref -> kit.stop(ref, PATIENCE));
    keeper = Optional.empty();
  }

  void tell(Command command) {
    keeper.orElseThrow().tell(command);
  }

  Reply ask(Function<ActorRef<Reply>, Command> request) {
    tell(request.apply(replies.ref()));
    return replies.receiveMessage(PATIENCE);
  }

  /** Asks again while the manager is away. */
  Accepted accepted(Function<ActorRef<Reply>, Command> request) {
    return replies.awaitAssert(
        PATIENCE,
        () -> ask(request) instanceof Accepted accepted ? accepted : fail("not accepted yet"));
  }

  Accepted register(ModuleSpec spec) {
    return accepted(replyTo -> register(spec, replyTo));
  }

  /** The table as the manager holds it, once it manages. */
  ReplicationTable table() {
    var probe = kit.createTestProbe(ManagerProtocol.Table.class);
    return probe.awaitAssert(
        PATIENCE,
        () -> {
          tell(new ManagerProtocol.GetTable(probe.ref()));
          var answer = probe.receiveMessage(PATIENCE);
          if (answer.unavailable().isPresent()) {
            throw new AssertionError(answer.unavailable().get());
          }
          return answer.table();
        });
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(journal.url(), journal.user(), journal.password());
  }

  /** The first number that a query gives. */
  long number(String sql) {
    try (var connection = connect();
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  void execute(String... all) {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      for (String sql : all) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(String.join("; ", all), e);
    }
  }

  /** A journal as before the first start, once the last manager's writes are through. */
  void dropTables() {
    start();
    table();
    kill();
    execute(
        "DROP TABLE IF EXISTS event_tag",
        "DROP TABLE IF EXISTS event_journal",
        "DROP TABLE IF EXISTS snapshot");
  }

  @Override
  public void close() {
    kill();
    kit.shutdownTestKit();
  }
}
