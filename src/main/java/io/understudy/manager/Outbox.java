package io.understudy.manager;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.CopyRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which owed states the hosts have not yet answered (I3). It can be lost at any time: a new one,
 * filled from the table, sends everything again.
 */
public final class Outbox {
  private final Map<HostId, Map<CopyId, Entry>> entries = new HashMap<>();

  /** Where the copies of each module are that may have an entry. */
  private final Map<ModuleId, Map<CopyId, HostId>> places = new HashMap<>();

  private record Entry(CopyOrder order, boolean answered) {}

  /** Takes over what a module's hosts owe now, and returns what they have not been told yet. */
  public Map<HostId, List<CopyOrder>> changed(ReplicationTable table, ModuleRow row) {
    var owed = table.owed(row).collect(Collectors.toMap(CopyOrder::copy, order -> order));
    var news = new LinkedHashMap<HostId, List<CopyOrder>>();
    var now = row.copies().stream().collect(Collectors.toMap(CopyRow::id, CopyRow::host));
    places.getOrDefault(row.spec().module(), Map.of()).forEach((id, host) -> leave(id, host, now));
    places.put(row.spec().module(), now);
    for (CopyRow copy : row.copies()) {
      var ofHost = entries.computeIfAbsent(copy.host(), host -> new HashMap<>());
      var order = Optional.ofNullable(owed.get(copy.id()));
      if (order.isEmpty()) {
        ofHost.remove(copy.id());
      } else if (!isSame(ofHost.get(copy.id()), order.get())) {
        ofHost.put(copy.id(), new Entry(order.get(), false));
        news.computeIfAbsent(copy.host(), host -> new ArrayList<>()).add(order.get());
      }
    }
    return news;
  }

  /** A module is gone, and nothing is owed of it any more. */
  public void removed(ModuleId module) {
    var past = places.remove(module);
    if (past != null) {
      past.forEach((id, host) -> leave(id, host, Map.of()));
    }
  }

  private void leave(CopyId copy, HostId host, Map<CopyId, HostId> now) {
    var ofHost = entries.get(host);
    if (ofHost != null && !now.containsKey(copy)) {
      ofHost.remove(copy);
      if (ofHost.isEmpty()) {
        entries.remove(host);
      }
    }
  }

  /** How many orders are kept, answered or not. */
  int size() {
    return entries.values().stream().mapToInt(Map::size).sum();
  }

  /** A host is dead, or begins anew: what it was told is forgotten. */
  public void forget(HostId host) {
    entries.remove(host);
  }

  /** A report may answer an order. */
  public void reported(HostId host, CopyReport report) {
    var ofHost = entries.getOrDefault(host, Map.of());
    var entry = ofHost.get(report.copy());
    if (entry != null && !entry.answered() && answers(report, entry.order())) {
      ofHost.put(report.copy(), new Entry(entry.order(), true));
    }
  }

  /** All that is to be said again, by host. */
  public Map<HostId, List<CopyOrder>> unanswered() {
    var orders = new HashMap<HostId, List<CopyOrder>>();
    entries.forEach(
        (host, ofHost) -> {
          var open = ofHost.values().stream().filter(e -> !e.answered()).map(Entry::order).toList();
          if (!open.isEmpty()) {
            orders.put(host, open);
          }
        });
    return orders;
  }

  /** All that this host has not answered. */
  public List<CopyOrder> unanswered(HostId host) {
    return entries.getOrDefault(host, Map.of()).values().stream()
        .filter(entry -> !entry.answered())
        .map(Entry::order)
        .toList();
  }

  private static boolean isSame(@org.jspecify.annotations.Nullable Entry known, CopyOrder order) {
    return known != null
        && known.order().run() == order.run()
        && known.order().status() == order.status()
        && known.order().epoch().equals(order.epoch())
        && known.order().launch().equals(order.launch())
        && known.order().group().equals(order.group());
  }

  private static boolean answers(CopyReport report, CopyOrder order) {
    return report.run() == order.run()
        && switch (report.seen()) {
          case Seen.Failed failed -> true;
          case Seen.Stopped stopped -> true;
          case Seen.Starting starting -> takes(report, order);
          case Seen.Running running -> takes(report, order);
        };
  }

  private static boolean takes(CopyReport report, CopyOrder order) {
    return order.status() != CopyStatus.IDLE
        && report.status() == order.status()
        && report.epoch().compareTo(order.epoch()) >= 0
        && report.configuration() >= order.configuration();
  }
}
