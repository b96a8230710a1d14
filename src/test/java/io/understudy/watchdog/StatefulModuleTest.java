package io.understudy.watchdog;

import static io.understudy.model.CopyStatus.BACKUP;
import static io.understudy.model.CopyStatus.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Launch;
import io.understudy.model.Location;
import io.understudy.model.Readiness;
import io.understudy.model.Replication;
import io.understudy.model.StateSpec;
import io.understudy.module.CallAnswer;
import io.understudy.module.Decision;
import io.understudy.module.JacksonCodec;
import io.understudy.module.ModuleCodec;
import io.understudy.module.StatefulModule;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A counter in Java, whose state goes on whatever happens to its copies. */
class StatefulModuleTest {
  @TempDir Path folder;
  private Group group;
  private long lastRequest;

  /** What is asked of the counter. */
  sealed interface Ask {
    record Add(int by) implements Ask {}

    record Read() implements Ask {}

    /** One is added so often. */
    record Ones(int times) implements Ask {}

    record Break() implements Ask {}
  }

  record Added(int by) {}

  record Count(long value) {}

  /** Counts. */
  public static final class Counter implements StatefulModule<Count, Ask, Added, Long> {
    static final JacksonCodec<Count, Ask, Added, Long> CODEC =
        JacksonCodec.of(Count.class, Ask.class, Added.class, Long.class);

    @Override
    public Count initialState() {
      return new Count(0);
    }

    @Override
    public Decision<Added, Long> decide(Count state, Ask command) {
      return switch (command) {
        case Ask.Add(var by) -> Decision.of(state.value() + by, new Added(by));
        case Ask.Read() -> Decision.reply(state.value());
        case Ask.Ones(var times) ->
            Decision.of(
                state.value() + times,
                Collections.nCopies(times, new Added(1)).toArray(Added[]::new));
        case Ask.Break() -> throw new IllegalStateException("it was told to break");
      };
    }

    @Override
    public Count evolve(Count state, Added event) {
      return new Count(state.value() + event.by());
    }

    @Override
    public ModuleCodec<Count, Ask, Added, Long> codec() {
      return CODEC;
    }
  }

  @AfterEach
  void stop() {
    group.close();
  }

  private void begin(boolean alone, StateSpec spec) {
    var launch =
        new Launch(
            new Location.ActorClass(Counter.class.getName()),
            List.of(),
            Optional.empty(),
            Rig.PATIENT,
            Readiness.DEFAULT,
            Duration.ofMillis(300),
            alone);
    group = new Group(folder, launch, spec);
    group.host(1).host(2).host(3);
  }

  private static final StateSpec UNSTORED =
      StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());

  private RequestId next() {
    return new RequestId("client", ++lastRequest);
  }

  private static Bytes add(int by) {
    return Counter.CODEC.encodeCommand(new Ask.Add(by));
  }

  private long adds(int copy, int by) {
    return Counter.CODEC.decodeReply(group.reply(copy, next(), add(by)));
  }

  private long reads(int copy) {
    var read = Counter.CODEC.encodeCommand(new Ask.Read());
    return Counter.CODEC.decodeReply(group.reply(copy, next(), read));
  }

  private void trio() {
    group.start(1, PRIMARY);
    group.acts(1);
    group.start(2, BACKUP);
    group.start(3, BACKUP);
    group.inSync(1);
    group.inSync(2);
    group.inSync(3);
  }

  private void breaks(int copy) {
    group.send(copy, next(), Counter.CODEC.encodeCommand(new Ask.Break()));
    assertThat(group.fails(copy).reason()).contains("it was told to break");
  }

  @Test
  @DisplayName("[22] warm: the primary throws, the backup goes on with all that was acknowledged")
  void warm() {
    begin(true, UNSTORED);
    trio();
    assertThat(adds(1, 2)).isEqualTo(2);
    assertThat(adds(1, 3)).isEqualTo(5);
    assertThat(reads(1)).isEqualTo(5);
    assertThat(group.ask(2, next(), add(1))).isInstanceOf(CallAnswer.NotPrimary.class);
    breaks(1);
    group.promote(2);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(5);
    assertThat(adds(2, 1)).isEqualTo(6);
  }

  @Test
  @DisplayName("[s] warm: its work is moved to and fro amid requests; each takes effect once")
  void moved() {
    begin(true, UNSTORED);
    trio();
    movesAmidRequests();
  }

  @Test
  @DisplayName("[s] warm, asynchronous: what was acknowledged goes with the work that is moved")
  void movedAsync() {
    var rarely = Duration.ofSeconds(20);
    begin(true, UNSTORED.withReplication(Replication.ASYNC).withInterval(rarely));
    trio();
    movesAmidRequests();
  }

  private void movesAmidRequests() {
    var expected = 0;
    for (int move = 0; move < 6; move++) {
      var from = 1 + move % 2;
      var to = 3 - from;
      var under = new ArrayList<RequestId>();
      for (int i = 0; i < 100; i++) {
        under.add(new RequestId("client-" + ++lastRequest, 1));
        group.send(from, under.getLast(), add(1));
        if (i == 50) {
          group.demote(from);
        }
      }
      group.acts(from);
      assertThat(group.ask(from, next(), add(1000))).isInstanceOf(CallAnswer.NotPrimary.class);
      group.promote(to);
      group.acts(to);
      for (var id : under) {
        if (!(group.answer(id) instanceof CallAnswer.Replied)) {
          group.reply(to, id, add(1));
        }
      }
      expected += under.size();
      assertThat(reads(to)).isEqualTo(expected);
      group.inSync(from);
    }
  }

  @Test
  @DisplayName("[22] a request that is repeated after a fail-over takes effect once")
  void repeated() {
    begin(true, UNSTORED);
    trio();
    var id = next();
    var first = group.reply(1, id, add(2));
    breaks(1);
    group.promote(3);
    group.acts(3);
    assertThat(group.reply(3, id, add(2))).isEqualTo(first);
    assertThat(reads(3)).isEqualTo(2);
  }

  @Test
  @DisplayName("[21] a copy that joins late has what happened before it came")
  void joins() {
    begin(true, UNSTORED);
    group.start(1, PRIMARY);
    group.acts(1);
    for (var i = 0; i < 100; i++) {
      adds(1, 1);
    }
    group.start(2, BACKUP);
    group.inSync(2);
    breaks(1);
    group.promote(2);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(100);
  }

  @Test
  @DisplayName("[23][24] hot: all serve, in one order; the survivors go on")
  void hot() {
    begin(false, UNSTORED);
    group.start(1, PRIMARY);
    group.acts(1);
    group.startHot(2);
    group.startHot(3);
    group.inSync(2);
    group.inSync(3);
    group.acts(2);
    group.acts(3);
    assertThat(adds(1, 1)).isEqualTo(1);
    assertThat(adds(2, 1)).isEqualTo(2);
    assertThat(adds(3, 1)).isEqualTo(3);
    assertThat(reads(2)).isEqualTo(3);
    group.send(1, next(), Counter.CODEC.encodeCommand(new Ask.Break()));
    group.fails(1);
    group.promote(2);
    assertThat(adds(3, 1)).isEqualTo(4);
    assertThat(adds(2, 1)).isEqualTo(5);
  }

  @Test
  @DisplayName("[22][24] warm becomes hot and warm again: who serves does so in the style of now")
  void restyled() {
    begin(true, UNSTORED);
    trio();
    assertThat(adds(1, 1)).isEqualTo(1);
    group.restyle(false, 2, 3);
    group.acts(2);
    group.acts(3);
    assertThat(adds(2, 1)).isEqualTo(2);
    assertThat(reads(3)).isEqualTo(2);
    assertThat(adds(1, 1)).isEqualTo(3);
    group.restyle(true);
    group.acts(2);
    assertThat(group.ask(2, next(), add(1))).isInstanceOf(CallAnswer.NotPrimary.class);
    assertThat(adds(1, 1)).isEqualTo(4);
  }

  @Test
  @DisplayName("[20][26][27][68] cold, each update stored: another copy, or the same one again")
  void cold() {
    begin(true, StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate()));
    group.start(1, PRIMARY);
    group.acts(1);
    assertThat(adds(1, 4)).isEqualTo(4);
    breaks(1);
    group.lose(1);
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(4);
    assertThat(adds(2, 1)).isEqualTo(5);
    breaks(2);
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(5);
  }

  @Test
  @DisplayName(
      "[25] registered anew before its state is forgotten => it begins with none, and keeps")
  void registeredAnew() {
    begin(true, StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate()));
    group.start(1, PRIMARY);
    group.acts(1);
    assertThat(adds(1, 4)).isEqualTo(4);
    group.stop(1);
    group.registeredAnew();
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(adds(2, 1)).isEqualTo(1);
    breaks(2);
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(1);
  }

  @Test
  @DisplayName("[20] cold, stored now and then: it continues from the last checkpoint")
  void periodic() {
    var policy = new CheckpointPolicy.Periodic(50, Duration.ofMillis(200));
    begin(true, StateSpec.DEFAULT.withCheckpoint(policy));
    group.start(1, PRIMARY);
    group.acts(1);
    for (var i = 0; i < 100; i++) {
      adds(1, 1);
    }
    group.stored(100);
    breaks(1);
    group.lose(1);
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(100);
  }

  @Test
  @DisplayName("[20][s] cold, stored now and then: moved as planned, it loses nothing")
  void coldMoved() {
    begin(true, StateSpec.DEFAULT);
    group.start(1, PRIMARY);
    group.acts(1);
    assertThat(adds(1, 4)).isEqualTo(4);
    group.stop(1);
    group.lose(1);
    group.start(2, PRIMARY);
    group.acts(2);
    assertThat(reads(2)).isEqualTo(4);
  }

  @Test
  @DisplayName("[20][s] cold, the Checkpoint Server is away: it is stopped when its time is over")
  void coldStopsAllTheSame() {
    begin(true, StateSpec.DEFAULT);
    group.start(1, PRIMARY);
    group.acts(1);
    assertThat(adds(1, 4)).isEqualTo(4);
    group.silence();
    group.stop(1);
  }

  @Test
  @DisplayName("[21] warm, asynchronous: backups are sent what is new")
  void async() {
    begin(true, UNSTORED.withReplication(Replication.ASYNC).withInterval(Duration.ofMillis(20)));
    trio();
    assertThat(adds(1, 7)).isEqualTo(7);
    breaks(1);
    group.promote(2);
    group.acts(2);
    assertThat(reads(2)).isIn(0L, 7L);
  }

  @Test
  @DisplayName("[I5] a primary without a lease answers nobody as primary")
  void lease() {
    begin(true, UNSTORED);
    trio();
    assertThat(adds(1, 1)).isEqualTo(1);
    group.lease(1, new Lease.Until(System.nanoTime() - 1));
    assertThat(group.ask(1, next(), add(1))).isInstanceOf(CallAnswer.NotPrimary.class);
  }

  @Test
  @DisplayName("[I4] a stale primary that hears nothing commits nothing once another one has begun")
  void stale() {
    begin(true, UNSTORED);
    trio();
    group.cutOff(1);
    group.promote(2);
    group.acts(2);
    group.send(1, next(), add(100));
    assertThat(adds(2, 1)).isEqualTo(1);
    assertThat(reads(2)).isEqualTo(1);
  }

  @Test
  void whatIsNoCommandIsRefused() {
    begin(true, UNSTORED);
    group.start(1, PRIMARY);
    group.acts(1);
    var refused = group.ask(1, next(), Bytes.utf8("{"));
    assertThat(refused).isInstanceOf(CallAnswer.CallRefused.class);
    assertThat(adds(1, 1)).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "[21] an update that is too long for the other copies is refused and changes nothing")
  void tooLong() {
    begin(true, UNSTORED);
    trio();
    var ones = group.ask(1, next(), Counter.CODEC.encodeCommand(new Ask.Ones(100_000)));
    assertThat(ones)
        .isInstanceOfSatisfying(
            CallAnswer.CallRefused.class,
            refused -> assertThat(refused.reason()).contains("1000000 is the most"));
    assertThat(reads(1)).isZero();
    assertThat(adds(1, 1)).isEqualTo(1);
    var fewer = group.ask(1, next(), Counter.CODEC.encodeCommand(new Ask.Ones(50_000)));
    assertThat(fewer).isInstanceOf(CallAnswer.Replied.class);
    assertThat(reads(1)).isEqualTo(50_001);
  }
}
