package io.understudy.simulation;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.simulation.Gossip.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The machines, what connects them, and what happens to them. */
final class Cluster {
  private static final int MOST_DYING_MICROS = 40_000;

  /** Longer than guards need to kill what a node left behind. */
  private static final Duration A_START_TAKES = Duration.ofMillis(300);

  final Scenario scenario;
  final Switches switches;
  final Agenda agenda = new Agenda();
  final Witness witness;
  final Network network;
  final Books books;
  final Operator operator;

  private final SplittableRandom random;
  private final Optional<Consumer<String>> trace;
  private final List<Machine> machines = new ArrayList<>();
  private final Map<String, Long> ages = new HashMap<>();
  private final Map<String, Node> nodes = new HashMap<>();
  private final Set<String> lines = new HashSet<>();
  private final Set<String> refusals = new HashSet<>();
  private long uids = 1;
  private long lives = 1;
  private boolean calm;

  Cluster(Scenario scenario, Switches switches, Optional<Consumer<String>> trace) {
    this.scenario = scenario;
    this.switches = switches;
    this.trace = trace;
    this.random = new SplittableRandom(~scenario.seed());
    this.network = new Network(agenda, scenario.machines(), random.split());
    this.books = new Books(this, random.split(), scenario.machines());
    this.witness = new Witness(this);
    for (int i = 0; i < scenario.machines(); i++) {
      machines.add(new Machine(i, i < scenario.managers(), scenario.clocks().get(i)));
    }
    for (var machine : machines) {
      agenda.after(Duration.ofMillis(machine.index * 20L), () -> start(machine));
    }
    this.operator = new Operator(this);
    scenario.faults().forEach(fault -> agenda.after(fault.at(), () -> Trouble.begin(this, fault)));
  }

  void say(Supplier<String> what) {
    trace.ifPresent(to -> to.accept("%,12d us  %s".formatted(agenda.now() / 1_000, what.get())));
  }

  List<Machine> machines() {
    return machines;
  }

  Machine machine(int index) {
    return machines.get(index);
  }

  int machineOf(HostId host) {
    return Integer.parseInt(host.value().substring(1)) - 1;
  }

  Optional<Node> nodeCalled(String name) {
    return Optional.ofNullable(nodes.get(name)).filter(node -> node.alive);
  }

  List<Node> living() {
    return nodes.values().stream().filter(node -> node.alive).toList();
  }

  /** Whether any living node is a member of the cluster. */
  boolean exists() {
    return nodes.values().stream().anyMatch(node -> node.alive && node.membership.joined());
  }

  /** All members know the same, live, and reach each other and this one: Pekko's convergence. */
  boolean agrees(Gossip gossip, Member joining) {
    var all = new ArrayList<>(gossip.members());
    for (var member : all) {
      if (member.machine() != joining.machine()
          && nodeCalled(member.node())
              .filter(node -> !node.isStopped() && node.membership.gossip.equals(gossip))
              .isEmpty()) {
        return false;
      }
    }
    all.add(joining);
    return all.stream()
        .allMatch(a -> all.stream().allMatch(b -> network.passes(a.machine(), b.machine())));
  }

  long nextAge(String node) {
    return ages.computeIfAbsent(node, name -> (long) ages.size());
  }

  long nextLife() {
    return lives++;
  }

  boolean isCalm() {
    return calm;
  }

  /** A node's process starts, unless one runs there. */
  void start(Machine machine) {
    var tooSoon = machine.notBefore - agenda.now();
    if (tooSoon > 0) {
      agenda.after(tooSoon, () -> start(machine));
    } else if (machine.node == null && machine.powered) {
      var node = new Node(this, machine, uids++, random.split());
      machine.node = node;
      nodes.put(node.name, node);
      say(() -> node.name + " starts");
      node.membership.join();
    }
  }

  /** A node ends itself, and is started again by its machine. */
  void end(Node node, String why) {
    if (node.alive) {
      say(() -> "%s ends: %s".formatted(node.name, why));
      kill(node, true);
      agenda.after(Duration.ofMillis(random.nextInt(500, 2_500)), () -> start(node.machine));
    }
  }

  /**
   * A node's process is dead, and its copies are within moments.
   *
   * @param kernel whether there is one left to close its connections
   */
  void kill(Node node, boolean kernel) {
    if (!node.alive) {
      return;
    }
    node.alive = false;
    node.machine.node = null;
    node.machine.notBefore = agenda.now() + A_START_TAKES.toNanos();
    node.manager().ifPresent(ManagerSide::end);
    node.judge().ifPresent(JudgeSide::end);
    for (var body : List.copyOf(node.machine.bodies)) {
      if (!kernel || !body.isProcess()) {
        dies(body);
      } else {
        agenda.after(random.nextInt(MOST_DYING_MICROS) * 1_000L, () -> dies(body));
      }
    }
    if (kernel) {
      agenda.after(random.nextInt(1_000, 30_000) * 1_000L, () -> hangUp(node.name));
    }
  }

  private void dies(Body body) {
    if (body.alive) {
      witness.dies(body);
    }
  }

  /** Every SuperWatchDog that can be told hears this node's lifeline closing. */
  void hangUp(String name) {
    var from = machineAt(name);
    for (var to : machines) {
      if (lines.remove(name + ">" + to.index)) {
        tellClosed(name, from, to.index);
      }
    }
  }

  /** The kernel repeats it until it gets through. */
  private void tellClosed(String name, int from, int to) {
    if (!network.passes(from, to)) {
      agenda.after(Duration.ofMillis(200), () -> tellClosed(name, from, to));
      return;
    }
    network.send(
        from,
        to,
        () -> {
          var there = machine(to).node;
          if (there != null) {
            there.receive(() -> there.judge().ifPresent(judge -> judge.lifeline(name, false)));
          }
        });
  }

  private int machineAt(String name) {
    var address = Incarnation.addressOf(name);
    return Integer.parseInt(address.substring("10.0.0.".length(), address.indexOf(':'))) - 1;
  }

  /** Opens a lifeline where there is none and both ways are open. */
  void lifeline(Node node, Member to) {
    var key = node.name + ">" + to.machine();
    var there = machine(to.machine()).node;
    var open =
        network.passes(node.machine.index, to.machine())
            && network.passes(to.machine(), node.machine.index);
    if (open && there != null && there.judge != null && lines.add(key)) {
      node.send(to.machine(), it -> it.judge().ifPresent(judge -> judge.lifeline(node.name, true)));
    }
  }

  /** A SuperWatchDog's lines are gone with it. */
  void forgetLinesTo(Machine machine) {
    lines.removeIf(line -> line.endsWith(">" + machine.index));
  }

  /** At this one SuperWatchDog, that machine seems to refuse connections. */
  void refuse(int at, int of, boolean on) {
    var key = at + ">" + of;
    if (on) {
      refusals.add(key);
    } else {
      refusals.remove(key);
    }
  }

  /** Connects to where a node was, and says whether that was refused. */
  void knock(Node by, String name, Consumer<Boolean> answer) {
    var at = by.machine.index;
    var of = machineAt(name);
    var back = random.nextInt(200, 3_000) * 1_000L;
    if (refusals.contains(at + ">" + of)) {
      agenda.after(back, () -> by.receive(() -> answer.accept(true)));
      return;
    }
    agenda.after(
        back,
        () -> {
          var refused = network.passes(at, of) && network.passes(of, at) && machine(of).refuses();
          var patience = refused ? random.nextInt(100, 2_000) * 1_000L : 500_000_000L;
          agenda.after(patience, () -> by.receive(() -> answer.accept(refused)));
        });
  }

  /** The faults are over, and everything is to heal. */
  void calm() {
    calm = true;
    refusals.clear();
    operator.resumeAll();
    for (var machine : machines) {
      machine.powered = true;
      start(machine);
    }
    say(() -> "the faults are over");
  }
}
