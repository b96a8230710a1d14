package io.understudy.bench;

import io.understudy.bench.CounterModule.Command;
import io.understudy.client.ModuleRef;
import io.understudy.state.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** How many updates a second are acknowledged, and after how long each. */
record SpeedTrial(BenchCluster cluster, Application application, Duration time) {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final double NANOS_PER_MICRO = 1e3;

  /**
   * What is asked of how many modules.
   *
   * @param inFlight requests that wait for an answer, at each module
   * @param bytes of each update
   */
  record Load(Keeping keeping, int modules, int inFlight, int bytes) {
    String id() {
      return "%s.%d.%d.%d".formatted(keeping, modules, inFlight, bytes);
    }

    private String words() {
      return "%s, %s, %d in flight%s"
          .formatted(
              keeping, size(), inFlight, modules == 1 ? "" : " at each of %d".formatted(modules));
    }

    private String size() {
      return bytes % 1024 == 0 ? bytes / 1024 + " KiB" : bytes + " bytes";
    }

    /** 20,000 updates of 100 bytes, and hot half of them. */
    private Bar fast() {
      if (modules > 1 || inFlight != 64 || bytes != 100) {
        return Bar.NONE;
      }
      return switch (keeping) {
        case SYNC -> Bar.atLeast(20_000);
        case HOT -> Bar.atLeast(10_000);
        case ASYNC, EACH_UPDATE -> Bar.NONE;
      };
    }

    private Bar soon() {
      var promised = keeping == Keeping.SYNC && modules == 1 && inFlight == 1 && bytes == 100;
      return promised ? Bar.of(1) : Bar.NONE;
    }
  }

  /** A fresh JVM's code is still being compiled. */
  void warmUp(Duration time) {
    if (time.isPositive()) {
      // A run is as long again before it counts.
      var half = new SpeedTrial(cluster, application, time.dividedBy(2));
      half.run(new Load(Keeping.SYNC, 1, 64, 100));
    }
  }

  List<Measurement> run(Load load) {
    var specs =
        IntStream.range(0, load.modules())
            .mapToObj(i -> load.keeping().counter("speed" + i, hosts(i)))
            .toList();
    specs.forEach(cluster::register);
    specs.forEach(spec -> cluster.awaitProtected(spec, it -> true));
    var refs = specs.stream().map(application::counter).toList();
    var measured = measure(load, refs);
    refs.forEach(ModuleRef::close);
    specs.forEach(cluster::deregister);
    return measured;
  }

  private static List<io.understudy.model.HostId> hosts(int first) {
    return Keeping.beginningWith(first % Trials.MANAGERS.size(), Trials.MANAGERS);
  }

  private List<Measurement> measure(Load load, List<ModuleRef<Command, Long>> refs) {
    var running = FullLoad.start(requests(load, refs));
    LockSupport.parkNanos(time.toNanos());
    var workBefore = work();
    var ownBefore = Started.work(ProcessHandle.current().pid());
    var answers = running.begin();
    var from = System.nanoTime();
    LockSupport.parkNanos(time.toNanos());
    var work = work().minus(workBefore);
    var own = Started.work(ProcessHandle.current().pid()).minus(ownBefore);
    var counts = answers.counts(from, SECOND.toNanos(), (int) Math.max(1, time.toSeconds()));
    running.stop(PATIENCE);
    if (answers.unanswered() > 0) {
      throw new BenchException(
          "%s: %d requests got no answer".formatted(load.words(), answers.unanswered()));
    }
    var each = (double) Math.max(1, Arrays.stream(counts).sum());
    return List.of(
        new Measurement(
            load.id(),
            load.words(),
            "1/s",
            Arrays.stream(counts).mapToObj(count -> (double) count).toList(),
            load.fast()),
        Measurement.millis(
            load.id() + ".latency",
            "  from request to acknowledgement",
            Arrays.stream(answers.latencies()).boxed().toList(),
            load.soon()),
        micros(load.id() + ".work", "  processor time of the hosts for each", work, each),
        micros(load.id() + ".client", "  and of the client", own, each));
  }

  private static Measurement micros(String id, String what, Duration work, double updates) {
    var each = work.toNanos() / NANOS_PER_MICRO / updates;
    return new Measurement(id, what, "us", List.of(each), Bar.NONE);
  }

  private Duration work() {
    return cluster.work().values().stream().reduce(Duration.ZERO, Duration::plus);
  }

  private static List<Supplier<CompletionStage<Long>>> requests(
      Load load, List<ModuleRef<Command, Long>> refs) {
    var payload = new byte[load.bytes()];
    new SplittableRandom(load.bytes()).nextBytes(payload);
    var add = new Command.Add(Bytes.wrap(payload));
    var requests = new ArrayList<Supplier<CompletionStage<Long>>>();
    for (var ref : refs) {
      for (int i = 0; i < load.inFlight(); i++) {
        requests.add(() -> ref.ask(add));
      }
    }
    return requests;
  }
}
