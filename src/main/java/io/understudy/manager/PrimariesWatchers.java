package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Primaries;
import io.understudy.manager.ManagerProtocol.PrimariesReply;
import io.understudy.manager.ManagerProtocol.Primary;
import io.understudy.manager.ManagerProtocol.Refused;
import io.understudy.manager.ManagerProtocol.Unavailable;
import io.understudy.manager.ManagerProtocol.WatchPrimaries;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.CopyRow;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Who wants to hear of a module's primaries when they change. They are kept in memory alone: who is
 * not answered asks again, whoever manages by then.
 */
final class PrimariesWatchers {
  /** Then a watcher is told that nothing has changed. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Map<ModuleId, List<Watcher>> waiting = new HashMap<>();

  private record Watcher(ActorRef<PrimariesReply> replyTo, Instant until) {}

  /**
   * Answers at once if there is news, or keeps the watcher waiting. Who asks again is answered
   * once: a client that worries, or whose questions a new manager gets all together, has no more of
   * them open than one.
   */
  void ask(ReplicationTable table, WatchPrimaries watch, Instant now) {
    var row = table.module(watch.module()).filter(ModuleRow::registered);
    if (row.filter(it -> it.version() == watch.knownConfiguration()).isPresent()) {
      var watchers = waiting.computeIfAbsent(watch.module(), module -> new ArrayList<>());
      watchers.removeIf(watcher -> watcher.replyTo().equals(watch.replyTo()));
      watchers.add(new Watcher(watch.replyTo(), now.plus(LONGEST_WAIT)));
    } else {
      watch.replyTo().tell(answer(table, watch.module()));
    }
  }

  /** These modules are durably different: who waits for them is told. */
  void changed(ReplicationTable table, Set<ModuleId> modules) {
    for (ModuleId module : modules) {
      var watchers = waiting.remove(module);
      if (watchers != null) {
        var answer = answer(table, module);
        watchers.forEach(watcher -> watcher.replyTo().tell(answer));
      }
    }
  }

  /** Tells those that have waited long enough how it is. */
  void expire(ReplicationTable table, Instant now) {
    waiting
        .entrySet()
        .removeIf(
            entry -> {
              entry.getValue().removeIf(watcher -> isOver(watcher, entry.getKey(), table, now));
              return entry.getValue().isEmpty();
            });
  }

  private static boolean isOver(
      Watcher watcher, ModuleId module, ReplicationTable table, Instant now) {
    var over = !watcher.until().isAfter(now);
    if (over) {
      watcher.replyTo().tell(answer(table, module));
    }
    return over;
  }

  /** Nobody here will answer them any more. */
  void dismiss(String reason) {
    waiting.values().stream()
        .flatMap(List::stream)
        .forEach(watcher -> watcher.replyTo().tell(new Unavailable(reason)));
    waiting.clear();
  }

  private static PrimariesReply answer(ReplicationTable table, ModuleId module) {
    return table
        .module(module)
        .filter(ModuleRow::registered)
        .<PrimariesReply>map(row -> primaries(table, row))
        .orElseGet(
            () ->
                new Refused(
                    "module %s is not registered; the table lists those that are"
                        .formatted(module)));
  }

  private static Primaries primaries(ReplicationTable table, ModuleRow row) {
    var primaries = row.serving().map(copy -> primary(copy, address(table, copy.host()))).toList();
    return new Primaries(row.spec().module(), row.epoch(), row.version(), primaries);
  }

  private static Primary primary(CopyRow copy, String address) {
    return new Primary(copy.id(), copy.run(), copy.host(), address);
  }

  private static String address(ReplicationTable table, HostId host) {
    return table.host(host).map(HostRow::address).orElse("");
  }
}
