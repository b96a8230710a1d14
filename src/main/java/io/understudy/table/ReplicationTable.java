package io.understudy.table;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The replication table (patent [0016], FIG. 2): every module, every copy, every host.
 *
 * @param version how many events made it; equals the journal's sequence number (I1)
 * @param retired the last epochs of modules that were deregistered, so that none is used twice (I4)
 */
public record ReplicationTable(
    long version,
    TreePMap<HostId, HostRow> hosts,
    TreePMap<ModuleId, ModuleRow> modules,
    TreePMap<ModuleId, Epoch> retired) {
  public static final ReplicationTable EMPTY =
      new ReplicationTable(0, TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

  public boolean isUp(HostId host) {
    return host(host).filter(HostRow::up).isPresent();
  }

  public boolean isDrained(HostId host) {
    return host(host).filter(HostRow::drained).isPresent();
  }

  /** It failed so often that other hosts are preferred. */
  boolean isDamped(HostId host, Instant now) {
    return host(host).filter(row -> !row.damped(now).isZero()).isPresent();
  }

  public Optional<HostRow> host(HostId host) {
    @Nullable HostRow row = hosts.get(host);
    return Optional.ofNullable(row);
  }

  public Optional<ModuleRow> module(ModuleId module) {
    @Nullable ModuleRow row = modules.get(module);
    return Optional.ofNullable(row);
  }

  public Optional<CopyRow> copy(CopyId id) {
    return module(id.module()).flatMap(row -> row.copy(id));
  }

  /** The module's row, or that of a module to be registered; no epoch and no run is used twice. */
  ModuleRow rowFor(ModuleSpec spec) {
    @Nullable Epoch last = retired.get(spec.module());
    var fresh =
        last == null ? ModuleRow.fresh(spec, Epoch.NONE, 0) : ModuleRow.fresh(spec, last, version);
    return module(spec.module()).orElse(fresh);
  }

  /** The registered modules that list this host, or still have a copy on it. */
  public Stream<ModuleRow> modulesOn(HostId host) {
    return modules.values().stream().filter(row -> row.on(host).isPresent());
  }

  /** The modules that these events, which are the next here, change something for. */
  public Set<ModuleId> touched(List<TableEvent> events) {
    Set<ModuleId> touched = new LinkedHashSet<>();
    for (TableEvent event : events) {
      event.module().ifPresent(touched::add);
      if (event instanceof TableEvent.OfHost ofHost) {
        modulesOn(ofHost.host()).forEach(row -> touched.add(row.spec().module()));
      }
    }
    return touched;
  }

  /** The hosts that are up, and who their WatchDogs are. */
  public Map<HostId, String> incarnations() {
    var up = new HashMap<HostId, String>();
    hosts.values().stream()
        .filter(HostRow::up)
        .forEach(row -> up.put(row.host(), row.incarnation()));
    return up;
  }

  /** All that a host should be running, and what it should be stopping (I3). */
  public Stream<CopyOrder> owed(HostId host) {
    return modulesOn(host).flatMap(row -> owed(row).filter(order -> isOn(row, order.copy(), host)));
  }

  /** All that a module's hosts should be running, and what they should be stopping (I3). */
  public Stream<CopyOrder> owed(ModuleRow row) {
    return row.owed(
        host -> host(host).map(HostRow::address).orElse(""), predecessor(row.spec().module()));
  }

  /** The last epoch of the module that had this name before. */
  private Epoch predecessor(ModuleId module) {
    return retired.getOrDefault(module, Epoch.NONE);
  }

  private static boolean isOn(ModuleRow row, CopyId copy, HostId host) {
    return row.copy(copy).filter(at -> at.host().equals(host)).isPresent();
  }

  /** When this module should be looked at again, if at all; as it seems now. */
  public Optional<Instant> due(ModuleId module, Instant now) {
    return module(module).flatMap(row -> Recovery.due(row, new Hosts(this, now)));
  }

  /** What follows from a change; the events of an accepted one are to be persisted as one. */
  public Decision decide(Change change, Instant now) {
    return new Policy(this, now).decide(change);
  }

  public ReplicationTable evolve(TableEvent event) {
    var next = version + 1;
    return switch (event) {
      case TableEvent.HostJoined e ->
          new ReplicationTable(next, hosts.plus(e.host(), e.row()), modules, retired);
      case TableEvent.HostFailed e -> losing(e, next);
      case TableEvent.HostDrained e -> draining(e.host(), true, next);
      case TableEvent.HostResumed e -> draining(e.host(), false, next);
      case TableEvent.ModuleRemoved e -> removing(e, next);
      case TableEvent.ModuleRegistered e -> replacing(rowFor(e.spec()), e, next);
      case TableEvent.OfModule e -> replacing(row(e.name()), e, next);
      case TableEvent.OfCopy e -> replacing(row(e.copy().module()), e, next);
    };
  }

  /** The table after these events, in order. */
  public ReplicationTable evolve(List<? extends TableEvent> events) {
    var table = this;
    for (TableEvent event : events) {
      table = table.evolve(event);
    }
    return table;
  }

  private ModuleRow row(ModuleId name) {
    return module(name)
        .orElseThrow(
            () -> new IllegalStateException("no module %s at version %d".formatted(name, version)));
  }

  private ReplicationTable replacing(ModuleRow row, TableEvent event, long next) {
    var after = row.evolve(event).after(row, next);
    return new ReplicationTable(next, hosts, modules.plus(row.spec().module(), after), retired);
  }

  private ReplicationTable removing(TableEvent.ModuleRemoved event, long next) {
    var epoch = row(event.name()).epoch();
    return new ReplicationTable(
        next, hosts, modules.minus(event.name()), retired.plus(event.name(), epoch));
  }

  private ReplicationTable draining(HostId host, boolean drained, long next) {
    var row =
        host(host)
            .orElseThrow(
                () ->
                    new IllegalStateException("no host %s at version %d".formatted(host, version)));
    return new ReplicationTable(next, hosts.plus(host, row.drained(drained)), modules, retired);
  }

  private ReplicationTable losing(TableEvent.HostFailed event, long next) {
    var changed = modules;
    var affected = new ArrayList<>(modulesOn(event.host()).toList());
    for (ModuleRow row : affected) {
      changed = changed.plus(row.spec().module(), row.evolve(event).after(row, next));
    }
    var down = host(event.host()).map(row -> row.down(event.at()));
    var all = down.isPresent() ? hosts.plus(event.host(), down.get()) : hosts;
    return new ReplicationTable(next, all, changed, retired);
  }
}
