package io.understudy.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Certainty;
import io.understudy.model.Copy;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;

/** How long decisions take on a large table, cold and warm; it prints the figures. */
class ScaleTest {
  private static final int MODULES = 10_000;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private ReplicationTable table = ReplicationTable.EMPTY;

  @RepeatedTest(
      value = 2,
      name =
          "[50] a host that holds 10,000 copies is lost: recovered by one decision, round"
              + " {currentRepetition}")
  void aHostWithTenThousandCopiesIsLost() {
    applyAll("hosts joined", 6, n -> new Change.HostUp(row("H" + (n + 1))));
    applyAll("modules registered", MODULES, n -> new Change.Register(spec(n), Optional.empty()));
    var started = table.hosts().keySet().stream().flatMap(this::ready).toList();
    applyAll("copies started", started.size(), started::get);
    figure("orders owed to H1", () -> table.owed(new HostId("H1")).count());
    applyAll("copies failed", 1000, n -> failed("M" + n));

    var lost = new Change.HostFailed(new HostId("H1"), "H1.1", Certainty.CERTAIN, "no heartbeat");
    var events = figure("events of the loss of H1", () -> table.decide(lost, NOW).eventList());
    var after = figure("events applied", () -> table.evolve(events));

    assertThat(after.modules().values())
        .allMatch(row -> row.active().count() == 3)
        .noneMatch(row -> row.active().anyMatch(copy -> copy.host().value().equals("H1")));
  }

  private static HostRow row(String host) {
    return new HostRow(new HostId(host), host + ".1", host + ":17355", 1, "ref", true);
  }

  /** Each on H1 and on three others of H2 to H6. */
  private static ModuleSpec spec(int n) {
    var others = IntStream.range(0, 3).mapToObj(i -> "H" + (2 + (n + i) % 5));
    var copies =
        Stream.concat(Stream.of("H1"), others)
            .map(host -> new Copy(new HostId(host), Location.parse("/opt/m")))
            .toList();
    return ModuleSpec.of(new ModuleId("M" + n + "x"), ReplicationStyle.WARM, 3, copies);
  }

  private Stream<Change> ready(HostId host) {
    return table
        .owed(host)
        .map(o -> new CopyReport(o.copy(), o.run(), o.status(), o.epoch(), new Seen.Running(1)))
        .map(report -> new Change.Reported(host, host + ".1", report));
  }

  private Change failed(String module) {
    var row = table.module(new ModuleId(module + "x")).orElseThrow();
    var copy = row.active().skip(1).findFirst().orElseThrow();
    var seen = new Seen.Failed(FailureKind.CRASHED, "exit 1");
    return new Change.Reported(
        copy.host(),
        copy.host() + ".1",
        new CopyReport(copy.id(), copy.run(), copy.status(), row.epoch(), seen));
  }

  private void applyAll(String what, int count, IntFunction<Change> changes) {
    var start = System.nanoTime();
    for (int n = 0; n < count; n++) {
      table = table.evolve(table.decide(changes.apply(n), NOW).eventList());
    }
    var micros = (System.nanoTime() - start) / 1000.0;
    System.out.printf("%,d %s: %.0f ms, %.1f us each%n", count, what, micros / 1e3, micros / count);
  }

  private interface Work<T> {
    T get();
  }

  private static <T> T figure(String what, Work<T> work) {
    var start = System.nanoTime();
    var result = work.get();
    var micros = (System.nanoTime() - start) / 1000.0;
    var size = result instanceof List<?> list ? "%,d ".formatted(list.size()) : "";
    System.out.printf("%s%s: %.1f ms%n", size, what, micros / 1e3);
    return result;
  }
}
