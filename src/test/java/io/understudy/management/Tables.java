package io.understudy.management;

import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Tables for tests, made by the pure core. */
final class Tables {
  static final Instant NOW = Instant.parse("2026-01-31T12:00:00.123Z");

  private Tables() {}

  static ReplicationTable decide(ReplicationTable table, Change change) {
    return table.evolve(table.decide(change, NOW).eventList());
  }

  static ModuleSpec spec(String name, ReplicationStyle style, int degree, String... hosts) {
    var location = Location.parse("/home/chung/%s.exe".formatted(name));
    var copies = Arrays.stream(hosts).map(host -> new Copy(new HostId(host), location)).toList();
    return ModuleSpec.of(new ModuleId(name), style, degree, copies);
  }

  /** The hosts H1 to H6. */
  static ReplicationTable hosts() {
    var table = ReplicationTable.EMPTY;
    for (int number = 1; number <= 6; number++) {
      var address = "127.0.0.%d:17355".formatted(number);
      var row =
          new HostRow(new HostId("H" + number), "i" + number, address, 4700 + number, "ref", true);
      table = decide(table, new Change.HostUp(row));
    }
    return table;
  }

  static ReplicationTable registered(ReplicationTable table, ModuleSpec spec) {
    return decide(table, new Change.Register(spec, Optional.empty()));
  }

  /** The same, and every copy that was ordered runs; its pid follows from the copy. */
  static ReplicationTable running(ReplicationTable table) {
    var now = table;
    for (var host : table.hosts().values()) {
      for (var order : table.owed(host.host()).toList()) {
        var seen = new CopyReport.Seen.Running(pid(order.copy().toString()));
        var report = new CopyReport(order.copy(), order.run(), order.status(), order.epoch(), seen);
        now = decide(now, new Change.Reported(host.host(), host.incarnation(), report));
      }
    }
    return now;
  }

  /** A of FIG. 2 with state, of which no copy is in sync yet, and B. */
  static ReplicationTable withState() {
    var a = spec("A", ReplicationStyle.WARM, 3, "H1", "H2", "H3", "H4");
    var state = StateSpec.DEFAULT.withReplication(Replication.ASYNC);
    var table = registered(hosts(), a.withState(state));
    return running(registered(table, spec("B", ReplicationStyle.HOT, 2, "H4", "H1", "H5")));
  }

  /** The same, and the sequencer of these copies' module says that they are in sync. */
  static ReplicationTable synced(ReplicationTable table, String... copies) {
    var now = table;
    for (String copy : copies) {
      var member = now.copy(CopyId.parse(copy)).orElseThrow();
      var row = now.module(member.id().module()).orElseThrow();
      var by = row.sequencer().flatMap(row::copy).orElseThrow();
      var host = now.host(by.host()).orElseThrow();
      now =
          decide(
              now,
              new Change.SyncReported(
                  host.host(),
                  host.incarnation(),
                  by.id(),
                  by.run(),
                  row.epoch(),
                  row.configuration(),
                  member.id(),
                  member.run(),
                  true,
                  "it has all"));
    }
    return now;
  }

  static long pid(String copy) {
    return 10_000L + copy.charAt(0) * 10L + copy.charAt(copy.length() - 1) - '0';
  }

  /** The state of FIG. 1 and FIG. 2. */
  static ReplicationTable fig2() {
    var table = hosts();
    table = registered(table, spec("A", ReplicationStyle.WARM, 3, "H1", "H2", "H3", "H4"));
    table = registered(table, spec("B", ReplicationStyle.HOT, 2, "H4", "H1", "H5"));
    table = registered(table, spec("C", ReplicationStyle.COLD, 2, "H3", "H6"));
    return running(table);
  }

  /** So many modules, each with three copies. */
  static ReplicationTable large(int modules) {
    var table = hosts();
    for (int number : IntStream.range(0, modules).toArray()) {
      table =
          registered(
              table, spec("module" + number + "x", ReplicationStyle.WARM, 2, "H1", "H2", "H3"));
    }
    return table;
  }

  static List<String> hostNames() {
    return IntStream.rangeClosed(1, 6).mapToObj(number -> "H" + number).toList();
  }
}
