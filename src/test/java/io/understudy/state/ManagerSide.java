package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** What the ReplicaManager records of the group, and the orders that follow from it. */
final class ManagerSide {
  private final GroupSimulation world;
  private final TreeMap<CopyId, Long> living = new TreeMap<>();
  private final Map<CopyId, Long> runs = new HashMap<>();
  private final Set<CopyId> inSync = new HashSet<>();
  private final Set<CopyId> silentlyOut = new HashSet<>();
  private CopyId sequencer = GroupSimulation.COPIES.getFirst();
  private long epoch;
  private long configuration;
  private long awayUntil;
  private StateSpec spec;

  ManagerSide(GroupSimulation world) {
    this.world = world;
    spec = world.plan.spec();
  }

  void begin() {
    start(sequencer);
    if (!world.plan.cold()) {
      GroupSimulation.COPIES.stream().skip(1).forEach(this::start);
    }
    resend();
  }

  /** Nothing can be recorded for a while, so nothing is decided and no order leaves (I2). */
  void outage(long time) {
    world.tell("the journal is away for %d us", time);
    awayUntil = Math.max(awayUntil, world.micros() + time);
  }

  private boolean away() {
    return world.micros() < awayUntil;
  }

  private void resend() {
    if (!away()) {
      orders();
    }
    world.after(60_000, this::resend);
  }

  private void start(CopyId copy) {
    var run = runs.merge(copy, 1L, Long::sum);
    living.put(copy, run);
    inSync.remove(copy);
    if (world.sabotage == Sabotage.IN_SYNC_AT_START && run > 1) {
      inSync.add(copy);
    }
    world.copies.put(copy, new CopySide(world, copy, run));
    if (copy.equals(sequencer) || world.plan.hot()) {
      epoch++;
    }
    changed();
  }

  private void changed() {
    configuration++;
    orders();
  }

  private void orders() {
    for (var entry : living.entrySet()) {
      var body = world.copies.get(entry.getKey());
      var order = new Input.Ordered(new Epoch(epoch), group(entry.getKey()));
      world.send(() -> body.give(order));
    }
  }

  private StateGroup group(CopyId receiver) {
    var members =
        living.entrySet().stream()
            .map(
                entry ->
                    new Member(
                        entry.getKey(),
                        entry.getValue(),
                        new HostId("H" + entry.getKey().number()),
                        "",
                        shown(receiver, entry.getKey())))
            .toList();
    return new StateGroup(configuration, spec, sequencer, members);
  }

  private boolean shown(CopyId receiver, CopyId member) {
    var recorded = inSync.contains(member);
    if (!receiver.equals(sequencer)) {
      return recorded;
    }
    return switch (world.sabotage) {
      case REMOVAL_NOT_JOURNALED -> recorded && !silentlyOut.contains(member);
      case COMMITTED_WITHOUT_ONE ->
          recorded && (member.equals(receiver) || member.number() != (receiver.number() % 3) + 1);
      case NOTHING_RECOVERED -> recorded || member.equals(receiver);
      default -> recorded;
    };
  }

  /** A planned move: cold, to another host; otherwise another copy in sync is the sequencer. */
  void switchover() {
    if (away()) {
      return;
    }
    if (world.plan.cold() && living.containsKey(sequencer)) {
      var body = world.copies.get(sequencer);
      world.tell("%s run %d is to leave", sequencer, body.run);
      world.send(body::leave);
      return;
    }
    var others =
        living.keySet().stream()
            .filter(inSync::contains)
            .filter(it -> !it.equals(sequencer))
            .toList();
    if (!others.isEmpty()) {
      sequencer = others.get(world.random.nextInt(others.size()));
      epoch++;
      world.tell("%s is made the sequencer of %d, in sync: %s", sequencer, epoch, inSync);
      changed();
    }
  }

  /** Registered anew, with another policy. */
  void register(StateSpec next) {
    if (!away()) {
      world.tell("registered anew: %s", next);
      spec = next;
      changed();
    }
  }

  void died(CopyId copy, long run) {
    if (!Long.valueOf(run).equals(living.get(copy))) {
      return;
    }
    if (away()) {
      world.after(awayUntil - world.micros(), () -> died(copy, run));
      return;
    }
    living.remove(copy);
    inSync.remove(copy);
    silentlyOut.remove(copy);
    if (copy.equals(sequencer)) {
      choose(copy);
    }
    changed();
    world.after(1_000 + world.random.nextInt(300_000), () -> restart(copy));
  }

  /** The only copy has been stopped, with nothing to be lost; the next one starts elsewhere. */
  void left(CopyId copy, long run) {
    if (!Long.valueOf(run).equals(living.get(copy))) {
      return;
    }
    if (away()) {
      world.after(awayUntil - world.micros(), () -> left(copy, run));
      return;
    }
    living.remove(copy);
    inSync.remove(copy);
    sequencer = GroupSimulation.COPIES.get(copy.number() % 3);
    changed();
    world.after(1_000 + world.random.nextInt(50_000), () -> restart(copy));
  }

  private void choose(CopyId lost) {
    var next =
        living.keySet().stream()
            .filter(inSync::contains)
            .findFirst()
            .or(() -> living.keySet().stream().findFirst());
    if (next.isPresent()) {
      if (inSync.isEmpty()) {
        world.judge.leftAlone(epoch + 1);
        world.judge.mayLose(epoch + 1);
      }
      sequencer = next.get();
      epoch++;
      world.tell("%s is to be the sequencer of %d, in sync: %s", sequencer, epoch, inSync);
    } else {
      world.judge.leftAlone(epoch + 1);
      world.judge.mayLose(epoch + 1);
      sequencer =
          world.plan.cold() && world.random.nextBoolean()
              ? GroupSimulation.COPIES.get(lost.number() % 3)
              : lost;
    }
  }

  /** In place; of a cold module, whichever is its turn. What is not known to be dead stays away. */
  private void restart(CopyId copy) {
    if (away()) {
      world.after(awayUntil - world.micros(), () -> restart(copy));
      return;
    }
    var which = world.plan.cold() || living.isEmpty() ? sequencer : copy;
    var old = world.copies.get(which);
    if (old != null && old.alive && !living.containsKey(which)) {
      world.after(20_000, () -> restart(copy)); // its guard has not killed it yet
    } else if (!living.containsKey(which)) {
      start(which);
      if (!which.equals(copy) && !world.plan.cold()) {
        world.after(20_000, () -> restart(copy));
      }
    } else if (!which.equals(copy) && !world.plan.cold()) {
      world.after(20_000, () -> restart(copy));
    }
  }

  void reported(CopySide from, Output.ReportSync report) {
    var current =
        report.epoch().value() == epoch
            && from.copy.equals(sequencer)
            && Long.valueOf(from.run).equals(living.get(from.copy))
            && Long.valueOf(report.run()).equals(living.get(report.member()))
            && report.configuration() == configuration
            && !away();
    if (!current) {
      return;
    }
    if (world.sabotage == Sabotage.REMOVAL_NOT_JOURNALED && !report.inSync()) {
      silentlyOut.add(report.member());
      changed();
    } else if (report.inSync() ? inSync.add(report.member()) : inSync.remove(report.member())) {
      world.tell("%s in sync: %s, %s", report.member(), report.inSync(), report.reason());
      changed();
    }
  }

  CopyId target(Random random) {
    return world.plan.hot() || (!world.winding() && random.nextInt(8) == 0)
        ? GroupSimulation.COPIES.get(random.nextInt(3))
        : sequencer;
  }

  /** Whether the host of this run has its lease: nobody is given up before that is over. */
  boolean leased(CopySide copy) {
    return !world.leases
        || world.sabotage == Sabotage.LEASES_IGNORED
        || Long.valueOf(copy.run).equals(living.get(copy.copy));
  }

  /** Whether this run holds what a lease on being primary stands for. */
  boolean serves(CopySide copy) {
    return copy.copy.equals(sequencer)
        && Long.valueOf(copy.run).equals(living.get(copy.copy))
        && copy.replica.epoch().value() == epoch;
  }

  Map<CopyId, Long> living() {
    return living;
  }

  boolean isInSync(CopyId copy) {
    return inSync.contains(copy);
  }
}
