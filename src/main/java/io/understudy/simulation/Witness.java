package io.understudy.simulation;

import io.understudy.model.CopyOrder;
import io.understudy.model.Epoch;
import io.understudy.model.Incarnation;
import io.understudy.model.ModuleId;
import io.understudy.superwatchdog.RingBeat;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sees everything at the true time, and says so when an invariant does not hold. */
final class Witness {
  private final Map<ModuleId, List<Body>> living = new HashMap<>();
  private final Map<ModuleId, Epoch> highest = new HashMap<>();
  private final Cluster cluster;

  Witness(Cluster cluster) {
    this.cluster = cluster;
  }

  /** I5: a copy runs with a status from now on. */
  void acts(Body body) {
    var all = living.computeIfAbsent(body.order.copy().module(), module -> new ArrayList<>());
    if (!all.contains(body)) {
      all.add(body);
    }
    cluster.say(() -> "%s acts as %s".formatted(body, body.status));
    var primaries = all.stream().filter(Body::actsAlone).toList();
    if (primaries.size() > 1) {
      throw new Violation("I5: two primaries at one time: %s".formatted(primaries));
    }
  }

  void dies(Body body) {
    body.alive = false;
    living.getOrDefault(body.order.copy().module(), new ArrayList<>()).remove(body);
    cluster.say(() -> "%s is dead".formatted(body));
  }

  /** I9: a WatchDog begins where nothing is left. */
  void begins(Machine machine) {
    machine.bodies.removeIf(body -> !body.alive);
    if (!machine.bodies.isEmpty()) {
      throw new Violation("I9: a WatchDog begins beside %s".formatted(machine.bodies));
    }
  }

  /** A SuperWatchDog that finds its own node silent is slow itself. */
  void says(RingBeat beat) {
    for (String subject : beat.votes().keySet()) {
      if (Incarnation.nodeOf(subject).equals(beat.node())) {
        throw new Violation("%s accuses itself: %s".formatted(beat.node(), beat.votes()));
      }
    }
  }

  /** I4: orders do not go back. */
  void obeys(String incarnation, @Nullable CopyOrder before, CopyOrder order) {
    if (before != null
        && (order.epoch().compareTo(before.epoch()) < 0 || order.version() < before.version())) {
      throw new Violation("I4: %s obeys %s after %s".formatted(incarnation, order, before));
    }
  }

  /** I1, I4 and I9 of one event. */
  void durable(ReplicationTable before, TableEvent event, ReplicationTable after) {
    if (after.version() != before.version() + 1) {
      throw new Violation("I1: version %d".formatted(after.version()));
    }
    for (var row : after.modules().values()) {
      var last = highest.put(row.spec().module(), row.epoch());
      if (last != null && row.epoch().compareTo(last) < 0) {
        throw new Violation("I4: epoch of %s fell to %s".formatted(row.spec(), row.epoch()));
      }
    }
    if (event instanceof TableEvent.OfHost of && after.owed(of.host()).findAny().isPresent()) {
      throw new Violation("I9: %s comes back full".formatted(of.host()));
    }
  }
}
