package io.understudy.simulation;

import io.understudy.model.ModuleId;
import java.time.Duration;
import java.util.function.Consumer;

/** Makes faults begin, and end. */
final class Trouble {
  private final Cluster cluster;
  private final Fault fault;

  private Trouble(Cluster cluster, Fault fault) {
    this.cluster = cluster;
    this.fault = fault;
  }

  static void begin(Cluster cluster, Fault fault) {
    cluster.say(() -> "FAULT " + fault);
    new Trouble(cluster, fault).begin();
  }

  private Machine machine() {
    return cluster.machine(fault.a() % cluster.machines().size());
  }

  private void withNode(Consumer<Node> what) {
    var node = machine().node;
    if (node != null) {
      what.accept(node);
    }
  }

  private ModuleId module() {
    var modules = cluster.scenario.modules();
    return modules.get(fault.a() % modules.size()).module();
  }

  private void register() {
    cluster.operator.register(
        Scenario.registration(module(), cluster.machines().size(), fault.b()));
  }

  private void later(Runnable what) {
    cluster.agenda.after(fault.lasting(), what);
  }

  private void startLater() {
    var atLeast = fault.lasting().plus(Duration.ofMillis(300));
    cluster.agenda.after(atLeast, () -> cluster.start(machine()));
  }

  private void begin() {
    switch (fault.kind()) {
      case KILL -> {
        withNode(node -> cluster.kill(node, true));
        startLater();
      }
      case POWER_LOSS -> powerLoss();
      case PAUSE -> withNode(this::pause);
      case STARVE -> during(change -> machine().starved += change);
      case CUT_ONE_WAY -> during(change -> cut(fault.a(), fault.b(), change));
      case CUT ->
          during(
              change -> {
                cut(fault.a(), fault.b(), change);
                cut(fault.b(), fault.a(), change);
              });
      case SPLIT -> during(change -> split(change, true));
      case SPLIT_ONE_WAY -> during(change -> split(change, false));
      case LOSS -> during(cluster.network::lossy);
      case DELAY -> during(cluster.network::slow);
      case HANG_UP -> withNode(node -> cluster.hangUp(node.name));
      case REFUSAL -> refusal();
      case FORGET -> withNode(this::forget);
      case REBEGIN -> withNode(node -> node.receive(() -> node.host().ifPresent(HostSide::begin)));
      case LEAVE -> withNode(this::leave);
      case CRASH -> withNode(this::crash);
      case MANAGER ->
          withNode(node -> node.receive(() -> node.manager().ifPresent(ManagerSide::begin)));
      case JOURNAL_SLOW -> during(cluster.books::slow);
      case JOURNAL_AWAY -> during(cluster.books::away);
      case JOURNAL_CUT -> during(change -> cluster.books.cut(machine().index, change));
      case REGISTER -> register();
      case DEREGISTER -> {
        cluster.operator.deregister(module());
        later(this::register);
      }
      case SWITCHOVER -> cluster.operator.switchover(module(), fault.b());
      case DRAIN -> {
        cluster.operator.drain(machine().host());
        later(() -> cluster.operator.resume(machine().host()));
      }
    }
  }

  private void during(Consumer<Integer> change) {
    change.accept(1);
    later(
        () -> {
          cluster.say(() -> "over: " + fault);
          change.accept(-1);
        });
  }

  private void cut(int from, int to, int change) {
    if (from != to) {
      cluster.network.cut(from, to, change);
    }
  }

  private void split(int change, boolean bothWays) {
    var machines = cluster.machines().size();
    for (int i = 0; i < machines; i++) {
      for (int j = 0; j < machines; j++) {
        var out = (fault.a() >> i & 1) == 1;
        var other = (fault.a() >> j & 1) == 1;
        if (bothWays ? out != other : out && !other) {
          cut(i, j, change);
        }
      }
    }
  }

  private void powerLoss() {
    var machine = machine();
    withNode(node -> cluster.kill(node, false));
    machine.powered = false;
    var atLeast = fault.lasting().plus(Duration.ofMillis(800));
    cluster.agenda.after(
        atLeast,
        () -> {
          machine.powered = true;
          cluster.start(machine);
        });
  }

  private void pause(Node node) {
    node.stop();
    later(
        () -> {
          cluster.say(() -> node.name + " goes on");
          node.goOn();
        });
  }

  private void refusal() {
    var of = fault.b();
    cluster.refuse(fault.a(), of, true);
    var node = cluster.machine(of).node;
    if (node != null) {
      cluster.hangUp(node.name);
    }
    later(() -> cluster.refuse(fault.a(), of, false));
  }

  private void forget(Node node) {
    node.receive(
        () ->
            node.judge()
                .ifPresent(
                    judge -> {
                      judge.end();
                      cluster.forgetLinesTo(node.machine);
                      node.judge = new JudgeSide(node);
                    }));
  }

  /** It says goodbye when nothing runs there any more. */
  private void leave(Node node) {
    node.receive(
        () ->
            node.host()
                .ifPresent(
                    host -> {
                      host.retire();
                      node.host = null;
                      cluster.agenda.after(Duration.ofMillis(50), () -> left(node));
                    }));
  }

  private void left(Node node) {
    if (node.alive) {
      node.receive(node.membership::leave);
    }
  }

  private void crash(Node node) {
    node.host()
        .ifPresent(
            host -> {
              var running = host.running();
              if (!running.isEmpty()) {
                host.crash(running.get(fault.b() % running.size()));
              }
            });
  }
}
