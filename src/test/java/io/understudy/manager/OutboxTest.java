package io.understudy.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Copy;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Outbox outbox = new Outbox();
  private ReplicationTable table = ReplicationTable.EMPTY;

  @Test
  @DisplayName("a host is listed and left a hundred times => nothing is kept of the copies it had")
  void forgetsCopiesThatLeftTheTable() {
    up("H1");
    up("H2");
    for (int i = 0; i < 100; i++) {
      register("H1", "H2");
      register("H1");
    }
    assertThat(outbox.size()).isEqualTo(1);
    assertThat(outbox.unanswered()).isEmpty();
    apply(new Change.Deregister(new ModuleId("A")));
    assertThat(outbox.size()).isZero();
  }

  private void up(String host) {
    apply(new Change.HostUp(new HostRow(new HostId(host), host + "#1/1", host, 1, "ref", true)));
  }

  private void register(String... hosts) {
    var place = Location.parse("/opt/a");
    var copies = Stream.of(hosts).map(host -> new Copy(new HostId(host), place)).toList();
    var spec =
        ModuleSpec.of(new ModuleId("A"), ReplicationStyle.WARM, hosts.length, List.copyOf(copies));
    apply(new Change.Register(spec, Optional.empty()));
  }

  /** Decides, and lets the hosts do what they are told. */
  private void apply(Change change) {
    var events = table.decide(change, NOW).eventList();
    var touched = table.touched(events);
    table = table.evolve(events);
    for (var module : touched) {
      table
          .module(module)
          .ifPresentOrElse(
              row ->
                  outbox
                      .changed(table, row)
                      .forEach((host, orders) -> orders.forEach(order -> obey(host, order))),
              () -> outbox.removed(module));
    }
  }

  private void obey(HostId host, CopyOrder order) {
    Seen seen =
        order.status() == CopyStatus.IDLE ? new Seen.Stopped() : new Seen.Running(order.run());
    var report = new CopyReport(order.copy(), order.run(), order.status(), order.epoch(), seen);
    outbox.reported(host, report);
    apply(new Change.Reported(host, host + "#1/1", report));
  }
}
