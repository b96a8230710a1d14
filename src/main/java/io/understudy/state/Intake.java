package io.understudy.state;

import io.understudy.state.PeerMessage.Append;
import java.util.OptionalLong;

/** How a log takes in what another has sent. */
final class Intake {
  private Intake() {}

  /**
   * The last sequence up to which the log is now the sender's, or empty when it does not have what
   * goes before. What contradicts the sender is cut off; what only goes on after it stays, for it
   * may be the older message.
   */
  static OptionalLong take(Turn turn, Append append) {
    var updates = append.updates();
    var known = known(turn.log, append);
    if (known < 0) {
      return OptionalLong.empty();
    }
    while (known < updates.size()) {
      var next = updates.get(known);
      if (next.sequence() > turn.log.last()) {
        break;
      }
      if (!turn.log.at(next.sequence()).equals(next.at())) {
        turn.cutTo(next.sequence() - 1);
        break;
      }
      known++;
    }
    turn.log = turn.log.plus(updates.subList(known, updates.size()));
    return OptionalLong.of(append.previous().sequence() + updates.size());
  }

  /** How many of the updates lie at or before the log's base; -1 if they do not fit to it. */
  private static int known(StateLog log, Append append) {
    if (log.contains(append.previous())) {
      return 0;
    }
    var index = log.base().sequence() - append.previous().sequence() - 1;
    return index >= 0
            && index < append.updates().size()
            && append.updates().get((int) index).at().equals(log.base())
        ? (int) index + 1
        : -1;
  }
}
