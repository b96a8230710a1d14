package io.understudy.table;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** One thing that happens; what exactly is read from the bits, so that any step may be left out. */
record Step(Kind kind, long bits) {
  /** What may happen, and how often. */
  enum Kind {
    FLOW(14),
    REGISTER(8),
    DEREGISTER(2),
    RESET(1),
    ADOPT(2),
    CRASH(12),
    PROGRESS(20),
    REPORT(12),
    DELIVER(20),
    DROP(4),
    REPEAT(4),
    RESEND(6),
    DIE(3),
    DECLARE(4),
    RETURN(4),
    BEGIN_ANEW(2),
    FLAP(1),
    SYNC(8),
    BEHIND(2),
    MANAGER(2),
    SWITCHOVER(4),
    DRAIN(3),
    RESUME(2),
    TIME(8);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  /** The steps of a seed: first some registrations, then anything. */
  static List<Step> of(long seed) {
    var random = new SplittableRandom(~seed);
    var kinds = new ArrayList<Kind>();
    for (Kind kind : Kind.values()) {
      IntStream.range(0, kind.weight).forEach(i -> kinds.add(kind));
    }
    var steps = new ArrayList<Step>();
    IntStream.range(0, 3).forEach(i -> steps.add(new Step(Kind.REGISTER, random.nextLong())));
    steps.add(new Step(Kind.FLOW, random.nextLong()));
    var length = random.nextInt(10, 50);
    for (int i = 0; i < length; i++) {
      steps.add(new Step(kinds.get(random.nextInt(kinds.size())), random.nextLong()));
    }
    return steps;
  }
}
