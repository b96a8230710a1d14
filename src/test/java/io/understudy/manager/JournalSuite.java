package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.QUIET;
import static io.understudy.manager.Rig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.Quiet;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.manager.ManagerProtocol.Accepted;
import io.understudy.manager.ManagerProtocol.Refused;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.manager.ManagerProtocol.Unavailable;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the ReplicaManager and its journal promise on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JournalSuite {
  private static final int SNAPSHOT_EVERY = 10;

  private final Quiet quiet = Rig.quiet();

  Rig rig;

  /** What lies between the manager and a database that is not in its process. */
  Wire wire;

  /** A database that is running and empty. */
  abstract JournalSettings startDatabase() throws Exception;

  abstract void stopDatabase() throws Exception;

  boolean canTakeAway() {
    return true;
  }

  /** Takes the database away from those who use it. */
  void takeAway() throws Exception {}

  /** Gives it back if it was taken away, with all that was committed. */
  void giveBack() throws Exception {}

  @BeforeAll
  final void begin() throws Exception {
    rig = new Rig(startDatabase());
  }

  @AfterAll
  final void end() throws Exception {
    rig.close();
    stopDatabase();
    quiet.close();
  }

  @BeforeEach
  final void fresh() throws Exception {
    giveBack();
    rig.dropTables();
    start();
  }

  @AfterEach
  final void kill() {
    rig.kill();
  }

  final void start() {
    rig.start(Rig.settings(SNAPSHOT_EVERY), Clock.systemUTC());
  }

  private static ModuleSpec module(int number) {
    return spec("M%da".formatted(number), ReplicationStyle.WARM, 2, "H1", "H3", "H4");
  }

  private List<Journal.Recorded> history(long after, int limit) throws Exception {
    return new Journal(rig.kit.system())
        .events(after, limit)
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("[1] nothing in the database - register => tables are made, accepted at version 1")
  void createsItsSchema() {
    var accepted = rig.register(module(1));
    assertThat(accepted).isEqualTo(new Accepted(1, true, Optional.empty()));
    assertThat(rig.number("SELECT COUNT(*) FROM event_journal")).isEqualTo(1);
    var again = rig.register(module(1));
    assertThat(again).as("registered twice").isEqualTo(new Accepted(1, false, Optional.empty()));
    assertThat(rig.number("SELECT COUNT(*) FROM event_journal")).isEqualTo(1);
  }

  @Test
  @DisplayName("[59] the manager is killed => the next one has the same table")
  void theNextManagerHasTheSameTable() {
    var h1 = new FakeWatchDog(rig, "H1", "i1").joined();
    rig.register(module(1));
    h1.order("M1a1");
    h1.runs("M1a1", 4711);
    var before = rig.table();
    rig.kill();
    start();
    assertThat(rig.table()).isEqualTo(before);
    assertThat(before.version()).isGreaterThan(3);
  }

  @Test
  @DisplayName(
      "[14] 45 events, a snapshot every 10 => two snapshots are kept, the history is whole")
  void keepsTwoSnapshotsAndAllEvents() throws Exception {
    for (int number = 1; number <= 45; number++) {
      rig.register(module(number));
    }
    var table = rig.table();
    TestProbe<Object> probe = rig.kit.createTestProbe();
    probe.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(rig.number("SELECT COUNT(*) FROM snapshot")).isEqualTo(2);
          assertThat(rig.number("SELECT MAX(sequence_number) FROM snapshot")).isEqualTo(40);
          return true;
        });
    var history = history(0, 1000);
    assertThat(history.stream().map(Journal.Recorded::sequence))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 45).mapToObj(i -> (long) i).toList());
    assertThat(replayed(history)).isEqualTo(table);
    assertThat(history(43, 1000)).isEqualTo(history.subList(43, 45));
    assertThat(history(10, 5)).isEqualTo(history.subList(10, 15));
    rig.kill();
    // what the snapshot holds is not read from the events again
    rig.execute("DELETE FROM event_journal WHERE sequence_number <= 40");
    start();
    assertThat(rig.table()).isEqualTo(table);
  }

  @Test
  @DisplayName("[59] 200 events of a small table => saved, though a snapshot is due after 5000")
  void savesASmallTableSooner() {
    rig.kill();
    rig.start();
    for (int number = 1; number <= 100; number++) {
      rig.register(spec("Aa", ReplicationStyle.WARM, 1, "H1", "H3"));
      rig.register(spec("Aa", ReplicationStyle.WARM, 2, "H1", "H3"));
    }
    var table = rig.table();
    assertThat(table.version()).isGreaterThanOrEqualTo(200);
    TestProbe<Object> probe = rig.kit.createTestProbe();
    probe.awaitAssert(
        PATIENCE,
        () -> {
          assertThat(rig.number("SELECT COUNT(*) FROM snapshot")).isPositive();
          return true;
        });
    rig.kill();
    rig.execute(
        "DELETE FROM event_journal WHERE sequence_number <="
            + " (SELECT MAX(sequence_number) FROM snapshot)");
    start();
    assertThat(rig.table()).isEqualTo(table);
  }

  private static ReplicationTable replayed(List<Journal.Recorded> history) {
    return ReplicationTable.EMPTY.evolve(history.stream().map(Journal.Recorded::event).toList());
  }

  @Test
  @DisplayName("[4] degree 3 on 2 hosts => refused with the remedy, and nothing is written")
  void aRefusedChangeWritesNothing() {
    rig.register(module(1));
    var wrong = spec("M2", ReplicationStyle.WARM, 3, "H1", "H3");
    var reply = rig.ask(replyTo -> Rig.register(wrong, replyTo));
    assertThat(reply)
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).contains("list 1 more host"));
    var unknown = rig.ask(to -> new ManagerProtocol.Deregister(new ModuleId("Z"), to));
    assertThat(unknown).isInstanceOf(Refused.class);
    assertThat(rig.number("SELECT COUNT(*) FROM event_journal")).isEqualTo(1);
    assertThat(rig.table().version()).isEqualTo(1);
  }

  @Test
  @DisplayName("[36] no order leaves before the event that justifies it is in the journal (I2)")
  void persistsThenOrders() throws Exception {
    var h1 = new FakeWatchDog(rig, "H1", "i1").joined();
    var before = rig.table().version();
    try (var connection = rig.connect()) {
      connection.setAutoCommit(false);
      occupy(connection, before + 1, joined("H9"));
      rig.tell(Rig.register(module(1), rig.kit.createTestProbe(Reply.class).ref()));
      h1.probe.expectNoMessage(QUIET); // the journal holds the writer up
      connection.rollback();
    }
    assertThat(h1.order("M1a1").run()).isEqualTo(1);
    var ordered =
        history(before, 100).stream()
            .filter(recorded -> recorded.event() instanceof TableEvent.CopyOrdered);
    assertThat(ordered).isNotEmpty();
  }

  @Test
  @DisplayName("[62] another writer was first => the loser writes nothing, reloads, goes on (I1)")
  void theLoserOfARaceReloads() throws Exception {
    var h1 = new FakeWatchDog(rig, "H1", "i1").joined();
    rig.register(module(1));
    h1.order("M1a1");
    var next = rig.table().version() + 1;
    try (var connection = rig.connect()) {
      occupy(connection, next, joined("H9"));
    }
    h1.drain();
    var reply = rig.ask(replyTo -> Rig.register(module(2), replyTo));
    assertThat(reply)
        .isInstanceOfSatisfying(
            Unavailable.class, it -> assertThat(it.reason()).contains("may or may not hold"));
    assertThat(rig.table().host(new HostId("H9"))).isPresent();
    assertThat(rig.table().module(new ModuleId("M2a"))).isEmpty();
    assertThat(rig.register(module(2)).version()).isGreaterThan(next);
    h1.order("M2a1");
    var history = history(0, 1000);
    assertThat(replayed(history)).isEqualTo(rig.table());
    assertThat(history.get((int) next - 1).event()).isEqualTo(joined("H9"));
  }

  static TableEvent joined(String host) {
    var row = new HostRow(new HostId(host), "x", "127.0.0.9:17355", 9, "pekko://u/x", true);
    return new TableEvent.HostJoined(row, "it registered elsewhere", Instant.EPOCH);
  }

  /** Writes an event as another manager would. */
  static void occupy(Connection connection, long sequence, TableEvent event) throws SQLException {
    var serializer = new TableSerializer();
    var sql =
        "INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp,"
            + " adapter_manifest, event_payload, event_ser_id, event_ser_manifest)"
            + " VALUES (?, ?, 'another', 0, '', ?, ?, ?)";
    try (var insert = connection.prepareStatement(sql)) {
      insert.setString(1, Journal.PERSISTENCE_ID);
      insert.setLong(2, sequence);
      insert.setBytes(3, serializer.toBinary(event));
      insert.setInt(4, serializer.identifier());
      insert.setString(5, serializer.manifest(event));
      insert.executeUpdate();
    }
  }

  @Test
  @DisplayName("[14] the journal fails => nothing is promised or ordered; it is back => goes on")
  void survivesTheLossOfTheDatabase() throws Exception {
    var h1 = new FakeWatchDog(rig, "H1", "i1").joined();
    rig.register(module(1));
    h1.order("M1a1");
    h1.runs("M1a1", 4711);
    h1.drain();
    var before = rig.table();
    assumeTrue(canTakeAway(), "this database lives in the manager's own process");
    takeAway();
    TestProbe<Reply> replies = rig.kit.createTestProbe(Reply.class);
    for (int number = 2; number <= 6; number++) { // the first is being written, the others wait
      rig.tell(Rig.register(module(number), replies.ref()));
    }
    for (int number = 2; number <= 6; number++) {
      assertThat(replies.receiveMessage(PATIENCE)).isInstanceOf(Unavailable.class);
    }
    var reply = (Unavailable) rig.ask(replyTo -> Rig.register(module(7), replyTo));
    assertThat(reply.reason())
        .contains("the ReplicaManager on H2", rig.journal.shown(), "copies keep running");
    assertThat(rig.ask(to -> new ManagerProtocol.Deregister(new ModuleId("M1a"), to)))
        .isInstanceOf(Unavailable.class);
    h1.probe.expectNoMessage(QUIET);
    giveBack();
    assertThat(rig.table()).as("nothing that was refused was kept").isEqualTo(before);
    assertThat(rig.register(module(7)).created()).isTrue();
    assertThat(h1.order("M7a1").run()).isEqualTo(1);
  }

  @Test
  @Tag("slow")
  @DisplayName(
      "[14] the journal falls silent => as when it fails, and it goes on with new connections")
  void survivesASilentDatabase() throws Exception {
    assumeTrue(canTakeAway(), "this database lives in the manager's own process");
    rig.register(module(1));
    wire.cut();
    var reply = rig.ask(replyTo -> Rig.register(module(2), replyTo));
    assertThat(reply).isInstanceOf(Unavailable.class);
    wire.mend();
    var accepted = rig.register(module(3));
    assertThat(accepted.created()).isTrue();
    assertThat(replayed(history(0, 1000))).isEqualTo(rig.table());
  }
}
