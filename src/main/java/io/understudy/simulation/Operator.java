package io.understudy.simulation;

import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.table.ModuleRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Who registers modules, and asks for it again and again until it is so. */
final class Operator {
  private static final Duration AGAIN = Duration.ofMillis(500);

  private final Cluster cluster;
  private final Map<ModuleId, ModuleSpec> wanted = new TreeMap<>();

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
