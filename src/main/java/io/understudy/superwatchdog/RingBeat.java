package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The heartbeat of a SuperWatchDog to the others ([0022]), and all that it has to say to them: it
 * carries states, so that any may be lost, repeated or overtaken.
 *
 * @param node of the SuperWatchDog
 * @param life differs each time a SuperWatchDog begins on that node
 * @param sequence counts the beats of a life
 * @param votes by subject, the most important first: not all may fit into one beat
 * @param heard the last beat of each of the others
 */
public record RingBeat(
    HostId from,
    String node,
    long life,
    long sequence,
    Map<String, Vote> votes,
    Map<HostId, Last> heard) {
  public RingBeat {
    votes = Collections.unmodifiableMap(new LinkedHashMap<>(votes)); // their order is kept
    heard = Map.copyOf(heard);
  }

  /** The last beat of one of the others. */
  public record Last(long life, long sequence) {
    boolean covers(Last other) {
      return life == other.life && sequence >= other.sequence;
    }
  }

  Last asLast() {
    return new Last(life, sequence);
  }
}
