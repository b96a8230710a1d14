package io.understudy.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.Pulse;
import io.understudy.superwatchdog.Seal;
import io.understudy.superwatchdog.SuperWatchDog;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.FromManager;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostDead;
import io.understudy.superwatchdog.SuperWatchDogProtocol.ToManager;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** One SuperWatchDog hears many pretended hosts, over real datagrams and connections. */
final class HostsTrial implements AutoCloseable {
  private static final HostId MANAGER = new HostId("M1");
  private static final int MANAGERS = 3;
  private static final double PERCENT = 100.0;

  /** What starting left to be compiled, and leases to be granted, is no cost of hearing. */
  private static final int SETTLE_SECONDS = 15;

  private final ActorSystem<Void> system;
  private final ActorRef<Command> superWatchDog;
  private final ServerSocket door;
  private final List<Pretended> hosts = new ArrayList<>();
  private final Duration interval;
  private final AtomicLong beats = new AtomicLong();
  private final AtomicLong deaths = new AtomicLong();
  private final Thread heart;
  private volatile boolean closed;

  private record Pretended(Pulse pulse, Heartbeat heartbeat) {
    boolean holdsLease() {
      return pulse.lease().holds(System.nanoTime());
    }
  }

  private HostsTrial(int count) throws IOException {
    var address = InetAddress.getLoopbackAddress();
    var config = config();
    var understudy = config.getConfig("understudy");
    interval = understudy.getDuration("watchdog.heartbeat-interval");
    system = ActorSystem.create(Behaviors.empty(), "bench", config);
    var cluster = Cluster.get(system);
    cluster.manager().tell(new Join(cluster.selfMember().address()));
    // Who is silent is asked whether it still listens, and all of them do.
    door = new ServerSocket(0, 0, address);
    var at = new InetSocketAddress(address, freePort(address));
    superWatchDog =
        system.systemActorOf(
            SuperWatchDog.ofPretended(MANAGER, at, SuperWatchDogSettings.from(understudy)),
            "super-watchdog",
            DispatcherSelector.fromConfig("understudy.superwatchdog.dispatcher"));
    for (int i = 0; i < count; i++) {
      hosts.add(pretended(i, at, SuperWatchDogSettings.from(understudy)));
    }
    heart = Thread.ofPlatform().daemon().name("heart").start(this::beat);
    manage();
  }

  /** All of them beat from now on. */
  static HostsTrial start(int hosts) throws IOException {
    return new HostsTrial(hosts);
  }

  private static Config config() {
    return ConfigFactory.parseString("understudy.seeds = [\"one\", \"of several\"]")
        .withFallback(ConfigFactory.parseResources("bench-scale.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  private static int freePort(InetAddress address) throws IOException {
    try (var free = new ServerSocket(0, 0, address)) {
      return free.getLocalPort();
    }
  }

  private Pretended pretended(int number, InetSocketAddress at, SuperWatchDogSettings settings) {
    var address = "%s:%d".formatted(at.getAddress().getHostAddress(), door.getLocalPort());
    var node = Incarnation.node(address, number + 1L);
    var pulse =
        Pulse.open(
            node,
            at.getAddress().getHostAddress(),
            settings.terms(),
            () -> Map.of(MANAGER, at),
            Seal.NONE,
            () -> {});
    var host = new HostId("H%d".formatted(number));
    return new Pretended(pulse, new Heartbeat(host, Incarnation.of(node, 1)));
  }

  /** As evenly as hosts do that know nothing of each other. */
  private void beat() {
    var next = System.nanoTime();
    while (!closed) {
      for (Pretended host : hosts) {
        for (var wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
          LockSupport.parkNanos(this, wait);
        }
        host.pulse().beat(host.heartbeat());
        beats.incrementAndGet();
        next += interval.toNanos() / hosts.size();
      }
    }
  }

  /** The SuperWatchDog judges all of them, as the primary's does. */
  private void manage() {
    var expected = new HashMap<HostId, String>();
    hosts.forEach(host -> expected.put(host.heartbeat().host(), host.heartbeat().incarnation()));
    var manager =
        system.<ToManager>systemActorOf(
            Behaviors.receiveMessage(
                message -> {
                  if (message instanceof HostDead) {
                    deaths.incrementAndGet();
                  }
                  return Behaviors.same();
                }),
            "manager",
            DispatcherSelector.defaultDispatcher());
    var unused =
        system
            .scheduler()
            .scheduleWithFixedDelay(
                Duration.ZERO,
                system.settings().config().getDuration("understudy.manager.heartbeat-interval"),
                () -> superWatchDog.tell(new FromManager(expected, Set.of(), manager)),
                system.executionContext());
  }

  void run(int seconds, Consumer<Measurement> say) throws InterruptedException {
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    var leases = new ArrayList<Double>();
    var shares = new ArrayList<Double>();
    var rates = new ArrayList<Double>();
    for (int i = 0; i < seconds; i++) {
      var start = System.nanoTime();
      var worked = worked();
      var said = beats.get();
      TimeUnit.SECONDS.sleep(1);
      var took = (double) (System.nanoTime() - start);
      shares.add(PERCENT * (worked() - worked) / took);
      rates.add((beats.get() - said) * TimeUnit.SECONDS.toNanos(1) / took);
      leases.add((double) hosts.stream().filter(Pretended::holdsLease).count());
    }
    say.accept(new Measurement("hosts.beats", "heartbeats to one manager", "/s", rates, Bar.NONE));
    say.accept(
        new Measurement(
            "hosts.all",
            "heartbeats and answers of all hosts and %d managers".formatted(MANAGERS),
            "/s",
            rates.stream().map(rate -> 2 * MANAGERS * rate).toList(),
            Bar.NONE));
    say.accept(
        new Measurement(
            "hosts.work", "processor time of its SuperWatchDog", "% core", shares, Bar.NONE));
    say.accept(
        new Measurement(
            "hosts.leases",
            "hosts that hold their lease",
            "hosts",
            leases,
            Bar.atLeast(hosts.size())));
    say.accept(
        Measurement.count("hosts.deaths", "reports of hosts as dead", "times", deaths.get()));
  }

  /** Processor time of the threads that hear, answer and judge, in nanoseconds. */
  private static long worked() {
    var threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null
          && (info.getThreadName().equals("understudy-pulse-port")
              || info.getThreadName().contains("superwatchdog.dispatcher"))) {
        sum += Math.max(0, threads.getThreadCpuTime(info.getThreadId()));
      }
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      heart.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    hosts.forEach(host -> host.pulse().close());
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
    door.close();
  }
}
