package io.understudy.simulation;

import io.understudy.model.Copy;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.RestartPolicy;
import io.understudy.superwatchdog.LeaseTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A cluster and what goes wrong in it; all of it follows from the seed.
 *
 * @param seed of everything else that happens by chance
 * @param managers how many of the machines, from the first, have a SuperWatchDog
 * @param clocks of the machines
 * @param interval of looks, and of heartbeats unless the cluster rests
 * @param faults in the order in which they begin
 */
record Scenario(
    long seed,
    int managers,
    List<HostClock> clocks,
    LeaseTerms terms,
    Duration interval,
    List<ModuleSpec> modules,
    List<Fault> faults) {
  private static final int[] MANAGERS = {1, 2, 3, 3, 3, 3, 3, 3, 4, 5};
  private static final double DRIFT = 0.02;
  private static final List<HostId> HOSTS =
      IntStream.rangeClosed(1, 9).mapToObj(i -> new HostId("H" + i)).toList();

  /** After the cluster has formed. */
  private static final int FIRST_MILLIS = 3_000;

  Scenario {
    clocks = List.copyOf(clocks);
    modules = List.copyOf(modules);
    faults = List.copyOf(faults);
  }

  static Scenario of(long seed) {
    var random = new SplittableRandom(seed);
    var managers = MANAGERS[random.nextInt(MANAGERS.length)];
    var machines = Math.max(managers, random.nextInt(3, 7));
    var interval = Duration.ofMillis(random.nextInt(100, 300));
    var lease = interval.multipliedBy(random.nextInt(6, 14));
    var terms = new LeaseTerms(lease, Duration.ofMillis(random.nextInt(100, 200)), DRIFT);
    var clocks = new ArrayList<HostClock>();
    for (int i = 0; i < machines; i++) {
      clocks.add(clock(random));
    }
    var modules = new ArrayList<ModuleSpec>();
    var count = random.nextInt(2, 5);
    for (int i = 0; i < count; i++) {
      modules.add(module("M" + (char) ('a' + i), machines, random));
    }
    var faults = new ArrayList<>(faults(machines, managers, random));
    faults.addAll(registrations(count, random));
    faults.addAll(moves(count, machines, random));
    faults.sort(Comparator.comparing(Fault::at));
    return new Scenario(seed, managers, clocks, terms, interval, modules, faults);
  }

  Scenario with(List<Fault> fewer) {
    return new Scenario(seed, managers, clocks, terms, interval, modules, fewer);
  }

  /**
   * Whether its hosts beat more rarely than SuperWatchDogs look, and repeat what is not answered,
   * and SuperWatchDogs look more rarely while nothing goes on: one in five clusters. Seeds that
   * failed once are not among them, and show what they showed.
   */
  boolean rests() {
    return seed % 5 == 1;
  }

  /** Of heartbeats. */
  Duration beats() {
    return rests() ? terms.beats(interval.multipliedBy(2 + seed / 5 % 3)) : interval;
  }

  int machines() {
    return clocks.size();
  }

  static HostId host(int machine) {
    return HOSTS.get(machine);
  }

  /** Some clocks are as wrong as they may be, and some are about to wrap. */
  private static HostClock clock(SplittableRandom random) {
    var offset =
        random.nextInt(4) == 0
            ? Long.MAX_VALUE - random.nextLong(20_000_000_000L)
            : random.nextLong();
    var rate =
        switch (random.nextInt(4)) {
          case 0 -> 1 - DRIFT;
          case 1 -> 1 + DRIFT;
          default -> 1 + (random.nextDouble() * 2 - 1) * DRIFT;
        };
    return new HostClock(offset, rate);
  }

  private static ReplicationStyle style(int of5) {
    return of5 == 4
        ? ReplicationStyle.HOT
        : of5 >= 2 ? ReplicationStyle.WARM : ReplicationStyle.COLD;
  }

  /** What an operator wants a module to be after he has changed his mind. */
  static ModuleSpec registration(ModuleId module, int machines, int mind) {
    return module(module.value(), machines, new SplittableRandom(mind));
  }

  /** Of every second cluster: they come among the faults, and close to one another. */
  private static List<Fault> registrations(int modules, SplittableRandom random) {
    var changes = new ArrayList<Fault>();
    var count = random.nextBoolean() ? 0 : random.nextInt(1, 6);
    for (int i = 0; i < count; i++) {
      var kind = random.nextInt(4) == 0 ? Fault.Kind.DEREGISTER : Fault.Kind.REGISTER;
      var at = Duration.ofMillis(random.nextInt(FIRST_MILLIS, FIRST_MILLIS + 8_000));
      var lasting = Duration.ofMillis(random.nextInt(1, 2_000));
      changes.add(new Fault(kind, at, lasting, random.nextInt(modules), random.nextInt()));
    }
    return changes;
  }

  /** Of every second cluster, and apart from those changes: some are asked for at one time. */
  private static List<Fault> moves(int modules, int machines, SplittableRandom random) {
    var moves = new ArrayList<Fault>();
    var count = random.nextBoolean() ? 0 : random.nextInt(1, 8);
    for (int i = 0; i < count; i++) {
      var drains = random.nextInt(3) == 0;
      var at = Duration.ofMillis(random.nextInt(FIRST_MILLIS, FIRST_MILLIS + 8_000));
      var lasting = Duration.ofMillis(random.nextInt(1, 4_000));
      var what = drains ? Fault.Kind.DRAIN : Fault.Kind.SWITCHOVER;
      var which = random.nextInt(drains ? machines : modules);
      moves.add(new Fault(what, at, lasting, which, random.nextInt(8)));
    }
    return moves;
  }

  private static ModuleSpec module(String name, int machines, SplittableRandom random) {
    var hosts = new ArrayList<>(IntStream.range(0, machines).boxed().toList());
    Collections.shuffle(hosts, new Random(random.nextLong()));
    var listed = hosts.subList(0, random.nextInt(2, machines + 1));
    var location =
        Location.parse(random.nextInt(4) == 0 ? "actor:io.understudy.M" : "/opt/" + name);
    var style = style(random.nextInt(5));
    var degree =
        style == ReplicationStyle.COLD
            ? listed.size()
            : Math.min(listed.size(), random.nextInt(1, 4));
    var copies = listed.stream().map(i -> new Copy(host(i), location)).toList();
    return ModuleSpec.of(new ModuleId(name), style, degree, copies)
        .withFailover(new FailoverStrategy.OnOverThreshold(random.nextInt(1, 4)))
        .withRestart(
            new RestartPolicy(
                Duration.ofSeconds(30),
                Duration.ofSeconds(random.nextInt(0, 3)),
                Duration.ofMillis(100),
                Duration.ofMillis(800),
                Duration.ofSeconds(2)));
  }

  private static List<Fault> faults(int machines, int managers, SplittableRandom random) {
    var kinds = new ArrayList<Fault.Kind>();
    for (var kind : Fault.Kind.values()) {
      IntStream.range(0, kind.weight).forEach(i -> kinds.add(kind));
    }
    var faults = new ArrayList<Fault>();
    var count = random.nextInt(1, 8);
    for (int i = 0; i < count; i++) {
      var kind = kinds.get(random.nextInt(kinds.size()));
      var fault = fault(kind, machines, managers, random);
      if (managers == 1 && fault.silencesTheLiving()) {
        continue; // without leases, a cut that lasts may make two primaries
      }
      faults.add(fault);
    }
    if (faults.stream().anyMatch(fault -> fault.kind() == Fault.Kind.REFUSAL)) {
      return withRefusal(faults, managers);
    }
    faults.sort(Comparator.comparing(Fault::at));
    return faults;
  }

  /** Of refusals that prove nothing the system withstands one, while three or more judge. */
  private static List<Fault> withRefusal(List<Fault> faults, int managers) {
    var harmless =
        new ArrayList<>(faults.stream().filter(fault -> !fault.silencesANode()).toList());
    if (managers >= 3) {
      faults.stream()
          .filter(fault -> fault.kind() == Fault.Kind.REFUSAL)
          .findFirst()
          .ifPresent(harmless::add);
    }
    harmless.sort(Comparator.comparing(Fault::at));
    return harmless;
  }

  private static Fault fault(Fault.Kind kind, int machines, int managers, SplittableRandom random) {
    var at = Duration.ofMillis(random.nextInt(FIRST_MILLIS, FIRST_MILLIS + 6_000));
    var longest = new int[] {200, 1_500, 6_000}[random.nextInt(3)];
    var lasting = Duration.ofMillis(random.nextInt(20, longest));
    var isSet = kind == Fault.Kind.SPLIT || kind == Fault.Kind.SPLIT_ONE_WAY;
    var a =
        switch (kind) {
          case SPLIT, SPLIT_ONE_WAY -> random.nextInt(1, (1 << machines) - 1);
          case FORGET, REFUSAL, MANAGER -> random.nextInt(managers);
          default -> random.nextInt(random.nextBoolean() ? managers : machines);
        };
    var b = random.nextInt(machines);
    return new Fault(kind, at, lasting, a, !isSet && a == b ? (b + 1) % machines : b);
  }
}
