package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.bench.RegisterModule;
import io.understudy.client.ModuleRef;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.module.JacksonCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Modules with state on hosts that are processes, while clients go on asking: whatever dies, each
 * acknowledged increment is counted once. {@code -Dunderstudy.rounds=200} asks for more fail-overs.
 */
@Tag("slow")
@Order(7)
class StateOnRealHostsTest {
  private static final int ROUNDS = Integer.getInteger("understudy.rounds", 3);
  private static final ReplicationStyle STYLE =
      ReplicationStyle.valueOf(System.getProperty("understudy.style", "WARM"));

  private static final StateSpec EACH_UPDATE =
      StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate());

  @RegisterExtension private static final SharedHosts SHARED = new SharedHosts();

  private static RealHosts hosts;

  @BeforeAll
  static void start() throws Exception {
    hosts = SHARED.up();
  }

  private static ModuleRef<Tally.Command, Long> ref(ModuleSpec spec) {
    return hosts.client().module(spec.module(), Tally.CODEC);
  }

  private static ModuleSpec spec(String name, ReplicationStyle style, StateSpec state) {
    return hosts.spec(name, Tally.class, style, style == ReplicationStyle.COLD ? 4 : 3, state);
  }

  /** The copy that decides breaks; returns when another one has, or it again. */
  private static CompletableFuture<?> breaks(ModuleRef<Tally.Command, Long> ref, Tally.How how) {
    return ref.ask(new Tally.Command.Break(how, hosts.breaking())).toCompletableFuture();
  }

  @Test
  @DisplayName("[20][22][24][26][68] a copy throws, fails for good, hangs: the module counts on")
  void broken() throws Exception {
    var specs =
        List.of(
            spec("W", ReplicationStyle.WARM, StateSpec.DEFAULT),
            spec("H", ReplicationStyle.HOT, StateSpec.DEFAULT),
            spec("C", ReplicationStyle.COLD, EACH_UPDATE),
            spec("R", ReplicationStyle.COLD, EACH_UPDATE)
                .withFailover(new FailoverStrategy.OnOverThreshold(10)),
            spec("I", ReplicationStyle.WARM, StateSpec.DEFAULT)
                .withFailover(new FailoverStrategy.OnOverThreshold(10)));
    specs.forEach(hosts::register);
    var inPlace = List.of(hosts.sequencer("R"), hosts.sequencer("I"));
    var loads = new ArrayList<Load<Tally.Command>>();
    for (var spec : specs) {
      loads.add(Load.start(ref(spec), 100));
    }
    for (var how : Tally.How.values()) {
      for (var load : loads) {
        load.awaitMore(20);
      }
      var breaking = loads.stream().map(load -> breaks(load.module(), how)).toList();
      for (var one : breaking) {
        one.get(60, TimeUnit.SECONDS);
      }
      specs.forEach(hosts::awaitWhole);
      for (var load : loads) {
        Figures.say("%s %s: %s ms", load.module().module(), how, load.longestGap().toMillis());
      }
    }
    for (var load : loads) {
      assertThat(load.end()).as("%s", load).isEmpty();
    }
    assertThat(List.of(hosts.sequencer("R"), hosts.sequencer("I")))
        .as("restarted in place")
        .isEqualTo(inPlace);
  }

  @Test
  @DisplayName(
      "[24] one of a hot module's primaries is lost, its process or its node: its clients repeat"
          + " no request more than once")
  void repeats() throws Exception {
    var spec =
        RealHosts.spec(
            "P",
            Tally.class,
            List.of("H4", "H3", "H2"),
            ReplicationStyle.HOT,
            2,
            StateSpec.DEFAULT);
    hosts.register(spec);
    var one = Asking.start(hosts.client(), spec, 1);
    var several = Asking.start(hosts.client(), spec, 4);
    breaks(ref(spec), Tally.How.THROW).get(60, TimeUnit.SECONDS);
    awaitWholeAndAnswers(spec, one, several);
    Figures.say("repeats after a crash: %s, %s", one.repeatsSince(1), several.repeatsSince(4));
    var lost = otherThanTheManager(spec);
    hosts.host(lost).kill();
    awaitWholeAndAnswers(spec, one, several);
    Figures.say("and after a node's death: %s, %s", one.repeatsSince(1), several.repeatsSince(4));
    hosts.host(lost).startAgain();
    hosts.awaitUp(lost);
    hosts.awaitRing();
    for (var client : List.of(one, several)) {
      assertThat(client.end()).isEmpty();
    }
  }

  private static String otherThanTheManager(ModuleSpec spec) {
    var manager = hosts.manager();
    return RealHosts.rows(hosts.module(spec.module().value())).stream()
        .filter(row -> row.running() && !row.host().equals(manager))
        .map(RealHosts.Row::host)
        .findFirst()
        .orElseThrow();
  }

  private static void awaitWholeAndAnswers(ModuleSpec spec, Asking... clients) throws Exception {
    hosts.awaitWhole(spec);
    for (var client : clients) {
      client.awaitMore(50);
    }
  }

  /** What fails in a round. */
  private enum Fault {
    COPY,
    ITS_NODE,
    MANAGERS_NODE,
    /** Stopped (SIGSTOP) until another is the primary; killed by its guard, or as a late one. */
    ITS_NODE_PAUSES
  }

  @Test
  @DisplayName(
      "[22][23] fail-overs at 1,000 requests per second: nothing is lost, nothing is done twice,"
          + " and what clients of registers saw is linearizable, warm and hot")
  void again() throws Exception {
    var seed = Long.getLong("understudy.seed", System.nanoTime());
    System.out.println("-Dunderstudy.seed=" + seed);
    var random = new SplittableRandom(seed);
    var spec = spec("A", STYLE, STYLE == ReplicationStyle.COLD ? EACH_UPDATE : StateSpec.DEFAULT);
    hosts.register(spec);
    var warm = hosts.spec("X", RegisterModule.class, ReplicationStyle.WARM, 3, StateSpec.DEFAULT);
    var hot = hosts.spec("Y", RegisterModule.class, ReplicationStyle.HOT, 2, StateSpec.DEFAULT);
    hosts.register(warm);
    hosts.register(hot);
    var scribes = List.of(scribes(warm, seed), scribes(hot, seed));
    var load = Load.start(ref(spec), 1_000);
    var gaps = new Gaps();
    for (int round = 0; round < ROUNDS; round++) {
      load.awaitMore(500);
      load.longestGap();
      var fault = Fault.values()[round % Fault.values().length];
      switch (fault) {
        case COPY ->
            breaks(load.module(), random.nextBoolean() ? Tally.How.THROW : Tally.How.OVERFLOW)
                .get(60, TimeUnit.SECONDS);
        case ITS_NODE -> dies(hosts.sequencer("A"), load);
        case MANAGERS_NODE -> dies(hosts.manager(), load);
        case ITS_NODE_PAUSES -> pauses(hosts.sequencer("A"), load);
      }
      List.of(spec, warm, hot).forEach(hosts::awaitWhole);
      gaps.add(fault.toString(), load.longestGap());
    }
    assertThat(load.end()).as("%s", load).isEmpty();
    for (var one : scribes) {
      assertThat(one.end()).isEmpty();
      Figures.say("%s, and all of it is linearizable", one);
    }
    Figures.say("%d fail-overs of %s: %s; without an answer: %s", ROUNDS, STYLE, load, gaps);
  }

  private static Scribes scribes(ModuleSpec spec, long seed) {
    var codec = JacksonCodec.calls(RegisterModule.Command.class, RegisterModule.Answer.class);
    return Scribes.start(hosts.client().module(spec.module(), codec), seed);
  }

  private static void pauses(String host, Load<?> load) throws Exception {
    hosts.host(host).signal("STOP");
    load.awaitMore(500);
    dies(host, load);
  }

  private static void dies(String host, Load<?> load) throws Exception {
    hosts.host(host).kill();
    load.awaitMore(500);
    hosts.host(host).startAgain();
    hosts.awaitUp(host);
    hosts.awaitRing();
  }
}
