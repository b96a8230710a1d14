package io.understudy.simulation;

import io.understudy.model.Incarnation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A node's process from its start to its end: nothing of it happens while it is stopped. */
final class Node {
  private static final int MOST_LATE_MILLIS = 900;

  final Cluster cluster;
  final Machine machine;
  final String name;
  final Membership membership;
  @Nullable HostSide host;
  @Nullable JudgeSide judge;
  @Nullable ManagerSide manager;
  boolean alive = true;

  /** How many SuperWatchDogs it has ever known, or is to expect. */
  int mostManagers;

  private final SplittableRandom random;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int stops;

  Node(Cluster cluster, Machine machine, long uid, SplittableRandom random) {
    this.cluster = cluster;
    this.machine = machine;
    this.name = Incarnation.node(machine.address(), uid);
    this.random = random;
    this.mostManagers = cluster.scenario.managers() > 1 ? 2 : 1;
    this.membership = new Membership(this);
  }

  /** It has joined: its actors begin. */
  void begin() {
    if (machine.manager) {
      judge = new JudgeSide(this);
    }
    host = new HostSide(this);
  }

  /** The reading of its monotonic clock. */
  long clock() {
    return machine.clock.reading(cluster.agenda.now());
  }

  SplittableRandom random() {
    return random;
  }

  boolean isStopped() {
    return stops > 0;
  }

  /** Something arrives, now or when it goes on. */
  void receive(Runnable what) {
    if (!alive) {
      return;
    }
    if (isStopped()) {
      waiting.add(what);
    } else {
      what.run();
    }
  }

  /** A timer of this node, by its own clock. */
  void after(Duration delay, Runnable what) {
    var late = machine.starved > 0 ? random.nextInt(MOST_LATE_MILLIS) : 0;
    var nanos = machine.clock.trueNanos(delay.toNanos()) + late * 1_000_000L;
    cluster.agenda.after(nanos, () -> receive(what));
  }

  void every(Duration interval, Runnable what) {
    after(
        interval,
        () -> {
          what.run();
          every(interval, what);
        });
  }

  /** To whatever node is at that machine when it arrives. */
  void send(int to, java.util.function.Consumer<Node> message) {
    cluster.network.send(
        machine.index,
        to,
        () -> {
          var there = cluster.machine(to).node;
          if (there != null) {
            there.receive(() -> message.accept(there));
          }
        });
  }

  void stop() {
    stops++;
  }

  void goOn() {
    stops--;
    while (!isStopped() && alive && !waiting.isEmpty()) {
      waiting.remove().run();
    }
  }

  Optional<HostSide> host() {
    return Optional.ofNullable(host);
  }

  Optional<JudgeSide> judge() {
    return Optional.ofNullable(judge);
  }

  Optional<ManagerSide> manager() {
    return Optional.ofNullable(manager);
  }
}
