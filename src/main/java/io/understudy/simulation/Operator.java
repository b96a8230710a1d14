package io.understudy.simulation;

import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.table.Change;
import io.understudy.table.CopyRow;
import io.understudy.table.ModuleRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Who registers modules and drains hosts, and asks for it again and again until it is so; and who
 * asks once for another primary.
 */
final class Operator {
  private static final Duration AGAIN = Duration.ofMillis(500);

  private final Cluster cluster;
  private final Map<ModuleId, ModuleSpec> wanted = new TreeMap<>();
  private final Set<HostId> drained = new TreeSet<>();

  Operator(Cluster cluster) {
    this.cluster = cluster;
    cluster.scenario.modules().forEach(spec -> wanted.put(spec.module(), spec));
    again();
  }

  private void again() {
    cluster.agenda.after(
        AGAIN,
        () -> {
          cluster.scenario.modules().forEach(spec -> ask(spec.module()));
          cluster.machines().forEach(machine -> ask(machine.host()));
          again();
        });
  }

  /** It is to be protected like this from now on. */
  void register(ModuleSpec spec) {
    wanted.put(spec.module(), spec);
    ask(spec.module());
  }

  void deregister(ModuleId module) {
    wanted.remove(module);
    ask(module);
  }

  /** One of its copies is to be the primary; of some numbers, the best one. */
  void switchover(ModuleId module, int number) {
    var copies = cluster.books.table.module(module).map(ModuleRow::copies).orElse(List.of());
    var to = copies.stream().map(CopyRow::id).filter(id -> id.number() == number).findFirst();
    toManagers(manager -> manager.move(new Change.Switchover(module, to, Optional.empty())));
  }

  void drain(HostId host) {
    drained.add(host);
    ask(host);
  }

  void resume(HostId host) {
    drained.remove(host);
    ask(host);
  }

  void resumeAll() {
    List.copyOf(drained).forEach(this::resume);
  }

  private void ask(HostId host) {
    var wish = drained.contains(host);
    var table = cluster.books.table;
    if (table.host(host).isPresent() && table.isDrained(host) != wish) {
      toManagers(manager -> manager.move(wish ? new Change.Drain(host) : new Change.Resume(host)));
    }
  }

  List<ModuleSpec> wanted() {
    return List.copyOf(wanted.values());
  }

  private void ask(ModuleId module) {
    var spec = wanted.get(module);
    var row = cluster.books.table.module(module).filter(ModuleRow::registered);
    if (spec == null) {
      row.ifPresent(there -> toManagers(manager -> manager.deregister(module)));
    } else if (row.filter(there -> there.spec().equals(spec)).isEmpty()) {
      toManagers(manager -> manager.register(spec));
    }
  }

  private void toManagers(Consumer<ManagerSide> message) {
    cluster.living().forEach(node -> node.receive(() -> node.manager().ifPresent(message)));
  }
}
