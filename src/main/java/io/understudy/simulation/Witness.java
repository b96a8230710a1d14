package io.understudy.simulation;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.Incarnation;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.superwatchdog.RingBeat;
import io.understudy.table.CopyRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sees everything at the true time, and says so when an invariant does not hold. */
final class Witness {
  private final Map<ModuleId, List<Body>> living = new HashMap<>();
  private final Map<ModuleId, Epoch> highest = new HashMap<>();
  private final Set<Pair> together = new HashSet<>();
  private final Cluster cluster;

  /** Two copies of a module, in order. */
  private record Pair(CopyId a, CopyId b) {
    static Pair of(CopyId one, CopyId other) {
      return one.number() < other.number() ? new Pair(one, other) : new Pair(other, one);
    }
  }

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
    if (body.actsAlone()) {
      all.stream()
          .filter(other -> other.actsAlone() && !other.equals(body))
          .filter(other -> !together.contains(Pair.of(body.order.copy(), other.order.copy())))
          .findFirst()
          .ifPresent(
              other -> {
                throw new Violation("I5: two primaries at one time: %s, %s".formatted(body, other));
              });
    }
  }

  /**
   * Copies that were told to serve beside each other while their module was hot may still do so
   * when it is not any more, until they are known to have ceased: none is a new primary then.
   */
  private void together(TableEvent event, ReplicationTable after) {
    together.removeIf(pair -> !acts(after, pair.a()) || !acts(after, pair.b()));
    event
        .module()
        .flatMap(after::module)
        .filter(row -> row.spec().style() == ReplicationStyle.HOT)
        .ifPresent(row -> together(event, row));
  }

  private static boolean acts(ReplicationTable table, CopyId copy) {
    return table.copy(copy).filter(CopyRow::acting).isPresent();
  }

  private void together(TableEvent event, ModuleRow row) {
    var served =
        switch (event) {
          case TableEvent.CopyOrdered e when e.status() == CopyStatus.PRIMARY ->
              Optional.of(e.copy());
          case TableEvent.CopyPromoted e -> Optional.of(e.copy());
          default -> Optional.<CopyId>empty();
        };
    served.ifPresent(
        copy ->
            row.copies().stream()
                .filter(CopyRow::acting)
                .map(CopyRow::id)
                .filter(other -> !other.equals(copy))
                .forEach(other -> together.add(Pair.of(copy, other))));
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
    together(event, after);
    if (event instanceof TableEvent.OfHostLife of && after.owed(of.host()).findAny().isPresent()) {
      throw new Violation("I9: %s comes back full".formatted(of.host()));
    }
  }
}
