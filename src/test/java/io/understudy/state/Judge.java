package io.understudy.state;

import java.util.HashSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What must be so: what was committed once is in the log of every later sequencer, all copies agree
 * on it, a request takes effect once, a read sees what was acknowledged before, and when the
 * trouble is over everybody is served and in sync.
 *
 * <p>Losing is allowed where it is said to be, of a module whose updates are not each stored: with
 * ASYNC, and when no copy in sync was left.
 */
final class Judge {
  /** What a module answers that does not do what it is asked. */
  static final String DECLINED = "declined";

  private final HashSet<String> declined = new HashSet<>();
  private final GroupSimulation world;
  private final TreeMap<Long, Committed> history = new TreeMap<>();
  private long acknowledged;
  private final TreeSet<Long> losses = new TreeSet<>(); // a sequencer of it may begin with less
  private long floorEpoch; // what copies of lower epochs believe is another history
  private long leaseEpoch;
  private long answers;
  private long era; // rises when something may have been lost

  /** An update, and the lowest epoch in which a copy took it for committed. */
  private record Committed(Update update, long in) {}

  Judge(GroupSimulation world) {
    this.world = world;
  }

  void mayLose(long epoch) {
    if (!world.plan.eachUpdate()) {
      losses.add(epoch);
    }
  }

  /**
   * No member in sync was left that could have refused the one before; if that one lives, nothing
   * but its lease tells it not to answer what is read. Where there are no leases it may.
   */
  void leftAlone(long epoch) {
    leaseEpoch = epoch;
  }

  /** The last sequence that anybody was answered for. */
  long acknowledged() {
    return acknowledged;
  }

  void stepped(CopySide copy, Replica next) {
    var before = copy.replica.commit();
    if (next.commit() <= before || next.epoch().value() < floorEpoch) {
      return;
    }
    for (var update : next.updatesAfter(before)) {
      if (update.sequence() <= next.commit()) {
        committed(copy, next, update);
      }
    }
  }

  private void committed(CopySide copy, Replica next, Update update) {
    var in = next.epoch().value();
    var known = history.get(update.sequence());
    if (known != null && !known.update().at().equals(update.at())) {
      throw world.violation(
          "%s has committed %s, but %s was"
              .formatted(copy.copy, shown(update), shown(known.update())));
    }
    if (known == null) {
      world.tell("%s run %d has committed %s, in %d", copy.copy, copy.run, shown(update), in);
    }
    if (known == null || in < known.in()) {
      history.put(update.sequence(), new Committed(update, in));
    }
  }

  void ready(CopySide copy, Replica next) {
    var log = new TreeMap<Long, Update>();
    next.updatesAfter(0).forEach(update -> log.put(update.sequence(), update));
    var end = next.end().sequence();
    var epoch = next.epoch().value();
    if (epoch < floorEpoch) {
      return;
    }
    if (!world.plan.keeps() || losses.floor(epoch) != null) {
      losses.headSet(epoch, true).clear();
      floorEpoch = epoch;
      era++;
      history.tailMap(end, false).clear();
      history.values().removeIf(one -> contradicts(log, one.update()));
      acknowledged = Math.min(acknowledged, end);
      return;
    }
    for (var one : history.values()) {
      if (one.in() < epoch && (one.update().sequence() > end || contradicts(log, one.update()))) {
        throw world.violation(
            "%s is the sequencer of %d with a log to %s, without %s that was committed in %d"
                .formatted(copy.copy, epoch, next.end(), shown(one.update()), one.in()));
      }
    }
  }

  private static boolean contradicts(TreeMap<Long, Update> log, Update update) {
    var mine = log.get(update.sequence());
    return mine != null && !mine.at().equals(update.at());
  }

  long era() {
    return era;
  }

  void answered(CopySide by, ClientSide.Call call, Reply.Done done) {
    answers++;
    var sequence = done.at().sequence();
    var no = done.reply().filter(Bytes.utf8(DECLINED)::equals).isPresent();
    if (no) {
      declined.add(call.command());
    }
    if (call.read() || no) {
      read(by, call, done);
    } else {
      var known = history.get(sequence);
      var update = known == null ? null : known.update();
      var lost = by.replica.epoch().value() < floorEpoch || !world.plan.keeps();
      if (update == null && sequence <= base(by)) {
        return; // what was not committed was stored, and has come true with the snapshot
      }
      if (!lost && (update == null || !update.payload().utf8().equals(call.command()))) {
        throw world.violation(
            "%s is answered as %s, which is %s"
                .formatted(
                    call.command(), done.at(), update == null ? "not committed" : shown(update)));
      }
      if (!lost) {
        acknowledged = Math.max(acknowledged, sequence);
      }
    }
  }

  private static long base(CopySide copy) {
    return copy.replica.updatesAfter(0).stream()
        .findFirst()
        .map(first -> first.sequence() - 1)
        .orElse(copy.replica.end().sequence());
  }

  private void read(CopySide by, ClientSide.Call call, Reply.Done done) {
    var hot = world.plan.hot() && by.replica.epoch().value() >= leaseEpoch;
    var lease = world.leases || hot || world.manager.serves(by);
    var lost = by.replica.epoch().value() < floorEpoch || !world.plan.keeps() || !losses.isEmpty();
    var sequence = done.at().sequence();
    if (lost || !lease || call.era() != era) {
      return;
    }
    if (sequence < Math.min(call.floor(), acknowledged)) {
      throw world.violation(
          "%s by %s saw %d updates, %d had been acknowledged"
              .formatted(call.command(), by.copy, sequence, call.floor()));
    }
    if (sequence > 0 && (history.isEmpty() || history.lastKey() < sequence)) {
      throw world.violation(
          "%s by %s saw %d, which is not committed".formatted(call.command(), by.copy, sequence));
    }
    acknowledged = Math.max(acknowledged, sequence);
  }

  void refused(ClientSide.Call call, Reply.Refused refused) {
    if (world.plan.keeps() && floorEpoch == 0) {
      throw world.violation("%s is refused: %s".formatted(call.command(), refused.reason()));
    }
  }

  /** All is well again: everybody has been answered, and all copies have the same. */
  void finish() {
    for (var client : world.clients) {
      if (client.waits()) {
        throw world.violation("a client still waits for its answer");
      }
    }
    if (answers == 0) {
      throw world.violation("nothing was answered");
    }
    var copies = world.manager.living().keySet().stream().map(world.copies::get).toList();
    var first = copies.getFirst();
    for (var copy : copies) {
      if (!world.manager.isInSync(copy.copy)) {
        throw world.violation(copy.copy + " is not in sync at the end");
      }
      if (!copy.state.equals(first.state)) {
        throw world.violation(
            "%s has %s, %s has %s".formatted(copy.copy, copy.state, first.copy, first.state));
      }
    }
    once(first);
    for (var one : history.values()) {
      var update = one.update();
      var at = (int) update.sequence() - 1;
      var there = at < first.state.size() && first.state.get(at).equals(update.payload().utf8());
      if (world.plan.keeps() && !there) {
        throw world.violation(shown(update) + " is lost, at the end");
      }
    }
  }

  private void once(CopySide copy) {
    var seen = new HashSet<String>();
    for (var entry : copy.state) {
      if (declined.contains(entry) && world.plan.keeps() && floorEpoch == 0) {
        throw world.violation("%s took effect, but was declined".formatted(entry));
      }
      if (!seen.add(entry) && !entry.startsWith("?") && !entry.isEmpty()) {
        throw world.violation("%s took effect twice: %s".formatted(entry, copy.state));
      }
    }
  }

  private static String shown(Update update) {
    return "%s %s".formatted(update.at(), update.payload().utf8());
  }
}
