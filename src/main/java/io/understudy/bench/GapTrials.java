package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.bench.CounterModule.Command;
import io.understudy.client.ModuleRef;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.Detection;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.state.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How long clients of a module wait when something fails: the longest time without an
 * acknowledgement, while they ask at a steady rate. And nothing that was acknowledged is lost.
 */
final class GapTrials {
  private static final int BYTES = 100;
  private static final int MOST_CALM = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(30);

  /** A while in which a host that starts again would take the processors from the others. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  /** The first is the primary; none of them manages at first. */
  private static final List<HostId> HOSTS =
      List.of(new HostId("N4"), new HostId("N5"), new HostId("N3"));

  static final Detection.Polling POLLING =
      new Detection.Polling(Duration.ofMillis(200), Duration.ofMillis(200), Optional.empty());

  private final BenchCluster cluster;
  private final Settings settings;
  private final ReplicationStyle style;
  private final ModuleSpec spec;
  private final ModuleRef<Command, Long> counter;
  private final SteadyLoad load;

  /**
   * How it is measured.
   *
   * @param rate requests in a second
   * @param trials of copies that fail
   * @param nodeTrials of hosts that fail
   * @param warmUps of copies that fail before those, which do not count
   * @param nodeWarmUps the same of hosts that fail
   */
  record Settings(int rate, int trials, int nodeTrials, int warmUps, int nodeWarmUps) {}

  /** What fails. */
  enum Fault {
    CALM("nothing fails, for 1 s"),
    CRASH("the primary crashes"),
    HANG("the primary hangs, polled every 200 ms"),
    NODE("kill -9 of the primary's node"),
    MANAGER("kill -9 of the manager's node");

    private final String words;

    Fault(String words) {
      this.words = words;
    }

    private Bar promised(ReplicationStyle style) {
      return switch (this) {
        case CRASH ->
            switch (style) {
              case HOT -> Bar.of(20);
              case WARM -> Bar.of(60);
              case COLD -> Bar.NONE;
            };
        case NODE -> style == ReplicationStyle.COLD ? Bar.NONE : Bar.of(500);
        case CALM, HANG, MANAGER -> Bar.NONE;
      };
    }
  }

  private GapTrials(
      BenchCluster cluster, Application application, Settings settings, ReplicationStyle style) {
    this.cluster = cluster;
    this.settings = settings;
    this.style = style;
    this.spec =
        Keeping.counter("gap-" + name(style), style, state(style), HOSTS).withDetection(POLLING);
    cluster.register(spec);
    cluster.awaitProtected(spec, it -> true);
    this.counter = application.counter(spec);
    var add = new Command.Add(Bytes.wrap(new byte[BYTES]));
    this.load = SteadyLoad.start(settings.rate(), () -> counter.ask(add));
  }

  /** Nothing is lost in any of them: cold, each update is stored before it is acknowledged. */
  private static StateSpec state(ReplicationStyle style) {
    return style == ReplicationStyle.COLD
        ? StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.EachUpdate())
        : StateSpec.DEFAULT;
  }

  private static String name(ReplicationStyle style) {
    return style.name().toLowerCase(Locale.ROOT);
  }

  /** Of one style, one fault after the other. */
  static void run(
      BenchCluster cluster,
      Application application,
      Settings settings,
      ReplicationStyle style,
      List<Fault> faults,
      Consumer<Measurement> say)
      throws IOException {
    var trials = new GapTrials(cluster, application, settings, style);
    for (var fault : faults) {
      say.accept(trials.measure(fault));
    }
    say.accept(trials.end());
  }

  private Measurement measure(Fault fault) throws IOException {
    var gaps = new ArrayList<Long>();
    for (int i = -warmUps(fault); i < times(fault); i++) {
      var gap = trial(fault);
      if (i >= 0) {
        gaps.add(gap);
      }
    }
    return Measurement.millis(
        "gap.%s.%s".formatted(name(style), fault.name().toLowerCase(Locale.ROOT)),
        "%s: %s".formatted(name(style), fault.words),
        gaps,
        fault.promised(style));
  }

  private int warmUps(Fault fault) {
    return switch (fault) {
      case CALM, CRASH, HANG -> settings.warmUps();
      case NODE, MANAGER -> settings.nodeWarmUps();
    };
  }

  private int times(Fault fault) {
    return switch (fault) {
      case CALM -> Math.min(settings.trials(), MOST_CALM);
      case CRASH, HANG -> settings.trials();
      case NODE, MANAGER -> settings.nodeTrials();
    };
  }

  private long trial(Fault fault) throws IOException {
    var before = cluster.awaitProtected(spec, it -> true);
    LockSupport.parkNanos(Trials.REST.toNanos());
    var epoch = PromotionTrials.epoch(before);
    return switch (fault) {
      case CALM -> gap(System.nanoTime(), () -> LockSupport.parkNanos(AFTERMATH.toNanos()));
      case CRASH -> gap(ask(new Command.Crash(new Epoch(epoch))), () -> promoted(epoch));
      case HANG -> gap(ask(new Command.Hang(new Epoch(epoch))), () -> promoted(epoch));
      case NODE -> gap(cluster.node(sequencersHost(before)), () -> moved(epoch));
      case MANAGER -> {
        cluster.awaitRing();
        var manager = manager().orElseThrow(() -> new BenchException("nobody manages"));
        yield gap(cluster.node(manager), () -> managedByAnother(manager));
      }
    };
  }

  private static String sequencersHost(JsonNode module) {
    var sequencer = module.path("sequencer").asText();
    return Trials.copies(module)
        .filter(copy -> copy.path("id").asText().equals(sequencer))
        .map(copy -> copy.path("host").asText())
        .findFirst()
        .orElseThrow(() -> new BenchException("there is no sequencer: " + module));
  }

  private long ask(Command fault) {
    var at = System.nanoTime();
    var unused = counter.ask(fault);
    return at;
  }

  /** From a moment on, until it is over and clients are answered again. */
  private long gap(long from, Runnable over) {
    over.run();
    var seen = System.nanoTime();
    Until.seen(
        "acknowledgements of " + spec.module(),
        PATIENCE,
        PAUSE,
        () -> Optional.of(load.answers().last()).filter(last -> last > seen));
    return load.answers().longestGap(from, seen);
  }

  private long gap(BenchNode node, Runnable over) throws IOException {
    LockSupport.parkNanos(Trials.HOST_REST.toNanos());
    var from = System.nanoTime();
    node.kill();
    var gap =
        gap(
            from,
            () -> {
              over.run();
              LockSupport.parkNanos(AFTERMATH.toNanos());
            });
    node.startAgain();
    cluster.awaitUp(node);
    return gap;
  }

  private void promoted(long epoch) {
    cluster.awaitProtected(spec, module -> PromotionTrials.epoch(module) > epoch);
  }

  private void moved(long epoch) {
    await(
        "%s to have another primary".formatted(spec.module()),
        () ->
            cluster
                .table()
                .flatMap(table -> BenchCluster.module(table, spec.module().value()))
                .map(PromotionTrials::epoch)
                .filter(now -> now > epoch));
  }

  private void managedByAnother(String lost) {
    await("another manager", () -> manager().filter(now -> !now.equals(lost)));
  }

  private static <T> void await(String what, Supplier<Optional<T>> question) {
    Until.seen(what, PATIENCE, PAUSE, question);
  }

  private Optional<String> manager() {
    return cluster.table().map(table -> table.path("manager").asText());
  }

  /** Everything that was acknowledged has been counted once. */
  private Measurement end() {
    load.stop(PATIENCE);
    var count = counter.ask(new Command.Read()).toCompletableFuture().join();
    var answers = load.answers();
    var most = answers.count() + answers.unanswered();
    if (count < answers.count() || count > most) {
      throw new BenchException(
          "%s: %d updates were acknowledged and %d got no answer, but %d are counted"
              .formatted(spec.module(), answers.count(), answers.unanswered(), count));
    }
    counter.close();
    cluster.deregister(spec);
    return Measurement.count(
        "gap.%s.unanswered".formatted(name(style)),
        "%s: requests without an answer, of %d".formatted(name(style), most),
        "requests",
        answers.unanswered());
  }
}
