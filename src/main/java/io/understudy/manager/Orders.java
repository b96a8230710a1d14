package io.understudy.manager;

import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.watchdog.OrderBatches;
import io.understudy.watchdog.WatchDogProtocol;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells every host that is up what it owes, again and again until it has answered (I3). */
final class Orders {
  private final Outbox outbox = new Outbox();
  private final WatchDogs watchDogs;
  private final Clock clock;

  Orders(WatchDogs watchDogs, Clock clock) {
    this.watchDogs = watchDogs;
    this.clock = clock;
  }

  /** Of a manager that begins: nobody is known to have answered anything. */
  void begin(ReplicationTable table) {
    table.modules().values().forEach(row -> outbox.changed(table, row));
    resend(table);
  }

  /** Says what these modules' hosts have not been told yet. */
  void changed(ReplicationTable table, Set<ModuleId> modules) {
    var news = new HashMap<HostId, List<CopyOrder>>();
    for (ModuleId module : modules) {
      table
          .module(module)
          .map(row -> outbox.changed(table, row))
          .ifPresentOrElse(
              orders ->
                  orders.forEach(
                      (host, ofHost) ->
                          news.computeIfAbsent(host, h -> new ArrayList<>()).addAll(ofHost)),
              () -> outbox.removed(module));
    }
    send(table, news);
  }

  /** A host is dead, or begins anew: what it was told is forgotten. */
  void forget(HostId host) {
    outbox.forget(host);
  }

  /** A report may answer an order. */
  void reported(HostId host, CopyReport report) {
    outbox.reported(host, report);
  }

  /** Says again what is not answered. */
  void resend(ReplicationTable table) {
    send(table, outbox.unanswered());
  }

  /** Says again what this host has not answered. */
  void resend(HostRow row) {
    send(row, outbox.unanswered(row.host()));
  }

  private void send(ReplicationTable table, Map<HostId, List<CopyOrder>> orders) {
    orders.forEach(
        (host, ofHost) -> table.host(host).filter(HostRow::up).ifPresent(row -> send(row, ofHost)));
  }

  private void send(HostRow row, List<CopyOrder> orders) {
    for (var part : OrderBatches.of(orders)) {
      var message = new WatchDogProtocol.Orders(row.incarnation(), part);
      watchDogs.tell(row.host(), watchDogs.ref(row), message, clock.instant());
    }
  }
}
