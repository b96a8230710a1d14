package io.understudy.simulation;

import java.time.Duration;
import java.util.SplittableRandom;

/** Datagrams between machines: lost, late, twice, in any order. */
final class Network {
  private static final long LOCAL = Duration.ofNanos(20_000).toNanos();
  private static final long LEAST = Duration.ofNanos(50_000).toNanos();
  private static final long USUAL = Duration.ofMillis(1).toNanos();
  private static final long SLOW = Duration.ofMillis(60).toNanos();
  private static final long VERY_SLOW = Duration.ofMillis(1_500).toNanos();

  private final Agenda agenda;
  private final int machines;
  private final int[] cuts;
  private final SplittableRandom[] links;
  private int lossy;
  private int slow;

  Network(Agenda agenda, int machines, SplittableRandom random) {
    this.agenda = agenda;
    this.machines = machines;
    cuts = new int[machines * machines];
    links = new SplittableRandom[machines * machines];
    for (int i = 0; i < links.length; i++) {
      links[i] = random.split(); // a link's luck does not depend on what other links carry
    }
  }

  /** One more fault that stops what goes this way, or one fewer. */
  void cut(int from, int to, int change) {
    cuts[from * machines + to] += change;
  }

  void lossy(int change) {
    lossy += change;
  }

  void slow(int change) {
    slow += change;
  }

  boolean passes(int from, int to) {
    return from == to || cuts[from * machines + to] == 0;
  }

  /** Sends it once; it arrives never, once or twice. */
  void send(int from, int to, Runnable arrival) {
    if (from == to) {
      agenda.after(LOCAL, arrival);
      return;
    }
    var random = links[from * machines + to];
    var luck = random.nextInt(1000);
    if (!passes(from, to) || luck < (lossy > 0 ? 250 : 5)) {
      return;
    }
    agenda.after(delay(random), arrival);
    if (luck > 990) {
      agenda.after(delay(random), arrival);
    }
  }

  private long delay(SplittableRandom random) {
    var luck = random.nextInt(1000);
    if (slow > 0 && luck < 300) {
      return random.nextLong(LEAST, VERY_SLOW);
    }
    return random.nextLong(LEAST, luck < 15 ? SLOW : USUAL);
  }
}
