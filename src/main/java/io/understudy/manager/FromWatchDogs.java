package io.understudy.manager;

import io.understudy.manager.ReplicaManager.Surroundings;
import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What follows from a WatchDog's words, and what it is answered (patent [0020], [0022]). */
final class FromWatchDogs {
  private final Orders orders;
  private final WatchDogs watchDogs;
  private final Surroundings around;

  FromWatchDogs(Orders orders, WatchDogs watchDogs, Surroundings around) {
    this.orders = orders;
    this.watchDogs = watchDogs;
    this.around = around;
  }

  /** It does not reach this host by itself, so it is answered by the way that it took. */
  Step step(ReplicationTable table, ManagerProtocol.ByDetour detour) {
    var host = detour.message().host();
    watchDogs.spoke(host, detour.by(), around.clock().instant());
    return step(table, detour.message());
  }

  Step step(ReplicationTable table, WatchDogProtocol.ToManager message) {
    return switch (message) {
      case WatchDogProtocol.HostUp m -> hostUp(table, m);
      case WatchDogProtocol.Observed m -> observed(table, m);
      case WatchDogProtocol.SyncChanged m -> syncChanged(table, m);
    };
  }

  /** It is answered by the order that shows it, and repeated until then. */
  private Step syncChanged(ReplicationTable table, WatchDogProtocol.SyncChanged m) {
    var change =
        new Change.SyncReported(
            m.host(),
            m.incarnation(),
            m.sequencer(),
            m.run(),
            m.epoch(),
            m.configuration(),
            m.member(),
            m.memberRun(),
            m.inSync(),
            m.reason());
    return new Step(change(table, change), after -> {});
  }

  private Step hostUp(ReplicationTable table, WatchDogProtocol.HostUp up) {
    var known = table.host(up.host());
    var same = known.filter(row -> row.incarnation().equals(up.incarnation()));
    if (same.isPresent()) {
      return Step.only(t -> answer(same.get(), up.watchDog()));
    }
    if (known.filter(row -> row.up() && isPast(up, row)).isPresent()) {
      return Step.only(t -> {});
    }
    var elsewhere = known.filter(row -> row.up() && !row.address().equals(up.address()));
    if (elsewhere.isPresent()) {
      // Out of reach, it may live on, and hold a lease: what becomes of it is for the juries (I5).
      var reached = elsewhere.filter(row -> around.isMember().test(row.address())).isPresent();
      return Step.only(
          t -> {
            if (reached) {
              tell(up.host(), up.watchDog(), Answers.nameTaken(up, elsewhere));
            }
          });
    }
    var row =
        new HostRow(
            up.host(),
            up.incarnation(),
            up.address(),
            up.pid(),
            watchDogs.text(up.watchDog()),
            true);
    return new Step(change(table, new Change.HostUp(row)), after -> welcome(up), after -> {});
  }

  /**
   * A word of an earlier process at that address, which a node that passes it on may have kept for
   * a while: the living one is not to die of it. Of one whose membership is not known here yet it
   * is said again.
   */
  private boolean isPast(WatchDogProtocol.HostUp up, HostRow row) {
    var node = Incarnation.nodeOf(up.incarnation());
    var isOther = !node.equals(Incarnation.nodeOf(row.incarnation()));
    return isOther && Incarnation.isNode(node) && !around.isMember().test(node);
  }

  /** What its last incarnation was told is not for this one: its orders follow from the table. */
  private void welcome(WatchDogProtocol.HostUp up) {
    tell(up.host(), up.watchDog(), new WatchDogProtocol.Welcome(up.incarnation()));
  }

  /** Welcome, or not: an incarnation that was declared dead stays dead (I9). */
  private void answer(HostRow row, ActorRef<WatchDogProtocol.Command> watchDog) {
    if (row.up()) {
      tell(row.host(), watchDog, new WatchDogProtocol.Welcome(row.incarnation()));
      orders.resend(row);
    } else {
      tell(row.host(), watchDog, Answers.declaredDead(row.host(), row.incarnation()));
    }
  }

  private void tell(
      HostId host,
      ActorRef<WatchDogProtocol.Command> watchDog,
      WatchDogProtocol.FromManager message) {
    watchDogs.tell(host, watchDog, message, around.clock().instant());
  }

  private Step observed(ReplicationTable table, WatchDogProtocol.Observed observed) {
    var known = table.host(observed.host());
    if (known.isEmpty()) {
      return Step.only(t -> {}); // its WatchDog is about to register
    }
    if (!known.get().up() || !known.get().incarnation().equals(observed.incarnation())) {
      var dead = Answers.declaredDead(observed.host(), observed.incarnation());
      return Step.only(t -> tell(observed.host(), observed.watchDog(), dead));
    }
    var events = new ArrayList<TableEvent>();
    var next = table;
    for (var report : observed.reports()) {
      orders.reported(observed.host(), report);
      var reported = new Change.Reported(observed.host(), observed.incarnation(), report);
      var more = change(next, reported);
      events.addAll(more);
      next = next.evolve(more);
    }
    var heard = new WatchDogProtocol.Heard(observed.incarnation(), observed.sequence());
    return new Step(events, after -> tell(observed.host(), observed.watchDog(), heard));
  }

  private List<TableEvent> change(ReplicationTable table, Change change) {
    return table.decide(change, around.clock().instant()).eventList();
  }
}
