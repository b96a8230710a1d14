package io.understudy.superwatchdog;

import io.understudy.model.HostId;

/**
 * Which SuperWatchDog speaks, and for the how-manieth time.
 *
 * @param node on which it is
 * @param life differs each time a SuperWatchDog begins on that node, and grows
 * @param sequence of its last beat
 * @param most how many SuperWatchDogs there ever were on this node's cluster, or are to be
 */
public record Seat(HostId host, String node, long life, long sequence, int most) {
  /** Who has not spoken yet. */
  public static Seat of(HostId host, String node, long life, int most) {
    return new Seat(host, node, life, 0, Math.max(1, most));
  }

  Seat next() {
    return new Seat(host, node, life, sequence + 1, most);
  }

  Seat among(int electors) {
    return new Seat(host, node, life, sequence, Math.max(most, electors));
  }

  RingBeat.Last last() {
    return new RingBeat.Last(life, sequence);
  }
}
