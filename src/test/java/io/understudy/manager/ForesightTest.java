package io.understudy.manager;

import static io.understudy.manager.Rig.PATIENCE;
import static io.understudy.manager.Rig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.Quiet;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HungUp;
import io.understudy.table.ReplicationTable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The table is read before it is known that it will be needed. */
class ForesightTest {
  private static final Quiet QUIET = Rig.quiet();
  private static final Rig RIG = new Rig(Rig.memory("foresight"));
  private static final String NODE = "127.0.0.1:17355#x";
  private static final String OTHER = "127.0.0.1:17355#y";

  private Optional<ActorRef<Standby.Message>> standby = Optional.empty();

  @BeforeEach
  void fresh() {
    RIG.dropTables();
  }

  @AfterEach
  void kill() {
    RIG.kill();
    standby.ifPresent(it -> RIG.kit.stop(it, PATIENCE));
    standby = Optional.empty();
    foresight().begin().complete(Optional.empty());
  }

  @AfterAll
  static void end() {
    RIG.close();
    QUIET.close();
  }

  private static Foresight foresight() {
    return Foresight.of(RIG.kit.system());
  }

  private static void hangsUp(String node) {
    RIG.kit.system().eventStream().tell(new EventStream.Publish<>(new HungUp(node)));
  }

  private static ReplicationTable registered(String... modules) {
    RIG.start();
    for (String module : modules) {
      RIG.register(spec(module, ReplicationStyle.WARM, 1, "H1"));
    }
    var table = RIG.table();
    RIG.kill();
    return table;
  }

  /** Stands by for {@link #NODE}, and has heard of another. */
  private void standBy(Supplier<CompletableFuture<Optional<ReplicationTable>>> begin) {
    var hears = new CompletableFuture<String>();
    standby =
        Optional.of(
            RIG.kit.spawn(
                Standby.create(
                    node -> {
                      hears.complete(node);
                      return node.equals(NODE);
                    },
                    begin)));
    Await.until(
        () -> {
          hangsUp(OTHER);
          assertThat(hears).isDone();
        });
  }

  /** Until it has been read. */
  private void foresee(ReplicationTable table) {
    var begun = new CompletableFuture<CompletableFuture<Optional<ReplicationTable>>>();
    standBy(
        () -> {
          var reading = foresight().begin();
          begun.complete(reading);
          return reading;
        });
    hangsUp(NODE);
    assertThat(begun.thenCompose(reading -> reading))
        .succeedsWithin(PATIENCE)
        .isEqualTo(Optional.of(table));
  }

  @Test
  @DisplayName("[59] the manager's node hangs up => what was read then is not read again")
  void isNotReadTwice() {
    var table = registered("A", "B");
    foresee(table);
    RIG.execute("DELETE FROM event_journal WHERE sequence_number < " + table.version());
    RIG.start();
    assertThat(RIG.table()).isEqualTo(table);
    RIG.register(spec("C", ReplicationStyle.WARM, 1, "H1"));
    assertThat(RIG.table().version()).isGreaterThan(table.version());
  }

  @Test
  @DisplayName("[59][I7] it managed on after it was taken for dead => what it did is read too")
  void theRestIsRead() {
    var early = registered("A", "B");
    var table = registered("C");
    foresight().begin().complete(Optional.of(early));
    RIG.execute("DELETE FROM event_journal WHERE sequence_number < " + early.version());
    RIG.start();
    assertThat(RIG.table()).isEqualTo(table);
    assertThat(table.modules()).containsKeys(new ModuleId("A"), new ModuleId("C"));
  }

  @Test
  @DisplayName("a table without events is foreseen => the manager reads as ever")
  void nothingToForesee() {
    foresee(registered());
    var table = registered("B");
    RIG.start();
    assertThat(RIG.table()).isEqualTo(table);
  }

  @Test
  @DisplayName("the journal is away when the node hangs up => nobody waits for what is not read")
  void theJournalIsAway() {
    var table = registered("A");
    var result = new CompletableFuture<Optional<ReplicationTable>>();
    standBy(() -> result);
    RIG.execute("ALTER TABLE event_journal RENAME TO elsewhere");
    hangsUp(NODE);
    assertThat(result).succeedsWithin(PATIENCE).isEqualTo(Optional.empty());
    RIG.execute("ALTER TABLE elsewhere RENAME TO event_journal");
    RIG.start();
    assertThat(RIG.table()).isEqualTo(table);
  }

  @Test
  @DisplayName("only the next candidate foresees, and only that the one before it is gone")
  void whoForesees() {
    var candidates = new LinkedHashMap<HostId, Address>();
    var h2 = new HostId("H2");
    var h5 = new HostId("H5");
    var h6 = new HostId("H6");
    for (HostId host : List.of(h5, h2, h6)) { // by age
      var ip = "10.0.0." + host.value().charAt(1);
      candidates.put(host, new Address("pekko", "understudy", ip, 17355));
    }
    assertThat(ManagerSingleton.isNext(candidates, h2, "10.0.0.5:17355#x")).isTrue();
    assertThat(ManagerSingleton.isNext(candidates, h6, "10.0.0.5:17355#x")).isFalse();
    assertThat(ManagerSingleton.isNext(candidates, h5, "10.0.0.5:17355#x")).isFalse();
    assertThat(ManagerSingleton.isNext(candidates, h2, "10.0.0.6:17355#x")).isFalse();
    assertThat(ManagerSingleton.isNext(candidates, h2, "110.0.0.5:17355#x")).isFalse();
    assertThat(ManagerSingleton.isNext(Map.of(), h2, "10.0.0.5:17355#x")).isFalse();
  }

  @Test
  @DisplayName("what was read long ago, came to no end, or was handed over before is of no use")
  void ofNoUse() throws Exception {
    var clock = new AtomicLong();
    var foresight = new Foresight(clock::get, Duration.ofMillis(50));
    assertThat(foresight.take().get()).isEmpty();
    var table = registered("A");
    foresight.begin().complete(Optional.of(table));
    assertThat(foresight.take().get()).contains(table);
    assertThat(foresight.take().get()).isEmpty();
    foresight.begin().complete(Optional.of(table));
    clock.set(Duration.ofSeconds(31).toNanos());
    assertThat(foresight.take().get()).isEmpty();
    var reading = foresight.begin();
    assertThat(foresight.take()).succeedsWithin(PATIENCE).isEqualTo(Optional.empty());
    assertThat(reading).isNotDone();
    foresight.begin().completeExceptionally(new IllegalStateException("the journal is away"));
    assertThat(foresight.take().get()).isEmpty();
  }
}
