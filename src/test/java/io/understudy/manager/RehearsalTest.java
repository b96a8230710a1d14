package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Quiet;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.TableEvent;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A standby prepares for a take-over. */
class RehearsalTest {
  private static final Quiet QUIET = Rig.quiet();
  private static final Rig RIG = new Rig(Rig.memory("rehearsal"));
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** A play's least: two hosts, a module, two orders, two starts, a failure, a promotion. */
  private static final int EVENTS_OF_PLAYS = 3 * 8;

  @BeforeEach
  void fresh() {
    RIG.dropTables();
  }

  @AfterEach
  void kill() {
    RIG.kill();
  }

  @AfterAll
  static void end() {
    RIG.close();
    QUIET.close();
  }

  @Test
  @DisplayName("[63] a standby rehearses, again and again => the table's journal is as it was")
  void leavesNoTrace() throws Exception {
    RIG.start();
    var h1 = new FakeWatchDog(RIG, "H1", "i1").joined();
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    h1.order("A1");
    h1.says("A1", new Seen.Running(4711));
    h1.clear();
    var before = RIG.table();
    var ordered = RIG.number("SELECT MAX(ordering) FROM event_journal");
    rehearse(3);
    assertThat(RIG.number("SELECT COUNT(*) FROM event_journal WHERE persistence_id LIKE 're%'"))
        .isZero();
    assertThat(RIG.number("SELECT COUNT(*) FROM snapshot")).isZero();
    assertThat(RIG.number("SELECT MAX(ordering) FROM event_journal")).isEqualTo(ordered);
    assertThat(RIG.table()).isEqualTo(before);
    RIG.register(spec("B", ReplicationStyle.WARM, 1, "H1"));
    assertThat(RIG.number("SELECT MAX(ordering) FROM event_journal"))
        .as("what was played was persisted in between")
        .isGreaterThan(ordered + EVENTS_OF_PLAYS);
  }

  @Test
  @DisplayName("[63] a standby rehearses => nobody who counts failures hears of the played ones")
  void isNotCounted() throws Exception {
    var counting = RIG.kit.createTestProbe(TableEvent.class);
    var subscribe = new EventStream.Subscribe<>(TableEvent.class, counting.ref());
    RIG.kit.system().eventStream().tell(subscribe);
    rehearse(1);
    RIG.start();
    RIG.register(spec("A", ReplicationStyle.WARM, 1, "H1"));
    assertThat(counting.receiveMessage(PATIENCE).module())
        .contains(spec("A", ReplicationStyle.WARM, 1, "H1").module());
  }

  private static void rehearse(int times) throws InterruptedException {
    var rehearsed = new Semaphore(0);
    var schema = new Schema(RIG.journal);
    var rehearsal =
        RIG.kit.spawn(
            Rehearsal.create(RIG.node(RIG.superWatchDog.ref()), schema, PAUSE, rehearsed::release));
    rehearsal.tell(Rehearsal.Cue.BEGIN);
    assertThat(rehearsed.tryAcquire(times, PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(schema.isReady()).isTrue();
    RIG.kit.stop(rehearsal, PATIENCE);
  }

  @Test
  @DisplayName(
      "[63] the standby has seen the tables => it takes over without looking at them again")
  void doesNotLookTwice() throws Exception {
    var schema = new Schema(RIG.journal);
    var blocking = RIG.kit.system().dispatchers().lookup(DispatcherSelector.blocking());
    schema.see(blocking).toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    RIG.execute("DROP TABLE event_tag", "DROP TABLE event_journal", "DROP TABLE snapshot");
    RIG.start(schema);
    var module = spec("A", ReplicationStyle.WARM, 1, "H1").module();
    assertThat(RIG.ask(replyTo -> new ManagerProtocol.Deregister(module, replyTo)))
        .as("had it looked, the tables would be there")
        .isInstanceOfSatisfying(
            ManagerProtocol.Unavailable.class,
            it -> assertThat(it.reason()).contains("failed with its journal"));
    assertThat(RIG.table().version()).isZero(); // but when in doubt it looks
    assertThat(schema.isReady()).isTrue();
  }
}
