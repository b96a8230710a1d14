package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One group with its clients, its manager and its Checkpoint Server in virtual time. A seed says
 * what kind of module it is and what goes wrong; the same seed does the same again.
 */
final class GroupSimulation {
  static final ModuleId MODULE = new ModuleId("A");
  static final List<CopyId> COPIES =
      List.of(new CopyId(MODULE, 1), new CopyId(MODULE, 2), new CopyId(MODULE, 3));
  private static final long MILLI = 1_000;
  private static final long TROUBLE = 1_800 * MILLI;
  private static final long END = 4_300 * MILLI;

  final long seed;
  final Random random;
  final Plan plan;
  final boolean leases; // without them the log has to bear more, and less can be asked of reads
  final Sabotage sabotage;
  final Judge judge;
  final ManagerSide manager;
  final CheckpointSide checkpoints;
  final Map<CopyId, CopySide> copies = new HashMap<>();
  final List<ClientSide> clients = new ArrayList<>();
  private final Set<CopyId> mute = new HashSet<>(); // and deaf: cut off in one direction or both
  private final Set<CopyId> deaf = new HashSet<>();
  private final PriorityQueue<Event> agenda = new PriorityQueue<>();
  private final StringBuilder told = new StringBuilder();
  private final boolean tell;
  private long micros;
  private long events;

  private record Event(long at, long number, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  GroupSimulation(long seed, Sabotage sabotage, boolean tell) {
    this.seed = seed;
    this.sabotage = sabotage;
    this.tell = tell;
    random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
    plan = Plan.of(random);
    leases = seed % 2 == 0;
    judge = new Judge(this);
    manager = new ManagerSide(this);
    checkpoints = new CheckpointSide(this);
  }

  /** Throws {@link AssertionError} with the seed at the first thing that must not be. */
  long run() {
    manager.begin();
    for (var number = 0; number < 3; number++) {
      var client = new ClientSide(this, "c" + number);
      clients.add(client);
      after(100 * MILLI + random.nextInt(20_000), client::next);
    }
    after(200 * MILLI, this::trouble);
    while (!agenda.isEmpty() && agenda.peek().at() <= END) {
      var event = agenda.poll();
      micros = event.at();
      events++;
      event.what().run();
    }
    judge.finish();
    return events;
  }

  Duration now() {
    return Duration.ofNanos((micros + 1_000_000) * 1_000);
  }

  long millis() {
    return micros / MILLI;
  }

  void after(long delay, Runnable what) {
    agenda.add(new Event(micros + delay, agenda.size() + (events << 20), what));
  }

  boolean calm() {
    return micros > TROUBLE;
  }

  /** Whether what is asked again may be decided otherwise, unless the first answer is kept. */
  boolean keepsAnswers() {
    return plan.module() == Self.Follows.DECISIONS && sabotage != Sabotage.DECLINED_AND_DONE;
  }

  boolean winding() {
    return micros > END - 1_000 * MILLI;
  }

  /** A message between two places, of which one may be cut off. */
  void send(CopyId from, CopyId to, Runnable arrives) {
    if (lost(from, to)) {
      return;
    }
    send(
        () -> {
          if (!lost(from, to)) {
            arrives.run();
          }
        });
  }

  /** Of what the network, which loses and delays, brings no second time: its sender repeats it. */
  static Runnable once(Runnable arrives) {
    var arrived = new AtomicBoolean();
    return () -> {
      if (!arrived.getAndSet(true)) {
        arrives.run();
      }
    };
  }

  private boolean lost(CopyId from, CopyId to) {
    return mute.contains(from) || deaf.contains(to);
  }

  void send(Runnable arrives) {
    if (calm()) {
      after(100 + random.nextInt(900), arrives);
      return;
    }
    var luck = random.nextInt(100);
    if (luck < 3) {
      return;
    }
    after(delay(), arrives);
    if (luck > 96) {
      after(delay(), arrives);
    }
  }

  private long delay() {
    if (random.nextInt(100) == 0) {
      return random.nextInt(500_000);
    }
    return random.nextInt(10) == 0 ? 500 + random.nextInt(60_000) : 100 + random.nextInt(2_000);
  }

  private void trouble() {
    if (calm()) {
      mute.clear();
      deaf.clear();
      return;
    }
    var victim = COPIES.get(random.nextInt(3));
    switch (random.nextInt(plan.cold() ? 4 : 7)) {
      case 0, 1, 4 -> kill(victim);
      case 2, 5 -> pause(victim, MILLI * (50 + random.nextInt(1_000)));
      case 3, 6 -> cut(victim, MILLI * (50 + random.nextInt(1_000)));
      default -> throw new AssertionError();
    }
    planned();
    if (random.nextInt(5) == 0) {
      var time = MILLI * random.nextInt(300);
      checkpoints.outage(time);
      if (random.nextBoolean()) {
        manager.outage(time); // it is the journal that is away: nothing can be decided either
      }
    }
    after(MILLI * (20 + random.nextInt(450)), this::trouble);
  }

  private void planned() {
    var before = MILLI * random.nextInt(60);
    switch (random.nextInt(6)) {
      case 0 -> after(before, manager::switchover);
      case 1 -> {
        after(before, manager::switchover);
        after(before + random.nextInt(8_000), manager::switchover);
      }
      case 2 -> after(before, () -> plan.another(random).ifPresent(manager::register));
      default -> {}
    }
  }

  void kill(CopyId victim) {
    var copy = copies.get(victim);
    if (copy != null && copy.alive) {
      tell("%s run %d is killed", victim, copy.run);
      copy.alive = false;
      after(MILLI * (1 + random.nextInt(40)), () -> manager.died(victim, copy.run));
    }
  }

  /** Nothing is lost with it, so it is stopped. */
  void left(CopySide copy) {
    tell("%s run %d is stopped", copy.copy, copy.run);
    copy.alive = false;
    after(MILLI * (1 + random.nextInt(40)), () -> manager.left(copy.copy, copy.run));
  }

  private void pause(CopyId victim, long time) {
    var copy = copies.get(victim);
    if (copy != null && copy.alive && copy.pausedUntil <= micros) {
      tell("%s run %d pauses for %d ms", victim, copy.run, time / MILLI);
      copy.pausedUntil = micros + time;
      suspect(copy, time);
    }
  }

  private void cut(CopyId victim, long time) {
    var copy = copies.get(victim);
    var direction = random.nextInt(4); // both as often as one
    if (copy != null && copy.alive && !mute.contains(victim) && !deaf.contains(victim)) {
      tell("%s run %d is cut off for %d ms, %d", victim, copy.run, time / MILLI, direction);
      if (direction != 0) {
        mute.add(victim);
      }
      if (direction != 1) {
        deaf.add(victim);
      }
      after(
          time,
          () -> {
            mute.remove(victim);
            deaf.remove(victim);
          });
      suspect(copy, time);
    }
  }

  /** Declared dead, though it lives on for a while: the log must bear it, whatever leases do. */
  private void suspect(CopySide copy, long time) {
    if (random.nextInt(3) > 0 && time > 100 * MILLI) {
      after(
          time * 2 / 3,
          () -> {
            if (copy.alive) {
              tell("%s run %d is given up", copy.copy, copy.run);
              manager.died(copy.copy, copy.run);
              after(time / 3 + MILLI * random.nextInt(400), () -> copy.alive = false);
            }
          });
    }
  }

  long micros() {
    return micros;
  }

  void tell(String format, Object... values) {
    if (tell) {
      told.append("%8.3f ".formatted(micros / 1e6)).append(format.formatted(values)).append('\n');
    }
  }

  AssertionError violation(String what) {
    return new AssertionError(
        "seed %d, %s, at %d ms: %s%n%s".formatted(seed, plan, millis(), what, told));
  }
}
