package io.understudy.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Copy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Where processes may outlive their node by moments. */
class LeftProcessesTest {
  private static final HostId H1 = new HostId("H1");
  private static final HostId H2 = new HostId("H2");
  private static final ModuleId MODULE = new ModuleId("A");
  private static final CopyId A1 = CopyId.parse("A1");
  private static final Location PROCESS = Location.parse("/opt/a");
  private static final Location ACTOR = Location.parse("actor:io.understudy.A");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private ReplicationTable table = ReplicationTable.EMPTY;

  LeftProcessesTest() {
    for (HostId host : List.of(H1, H2)) {
      apply(new Change.HostUp(new HostRow(host, host + "-1", host + ":1", 1, "", true)));
    }
  }

  private void apply(Change change) {
    table = table.evolve(table.decide(change, NOW).eventList());
  }

  private void register(Copy... copies) {
    var spec = ModuleSpec.of(MODULE, ReplicationStyle.WARM, 1, List.of(copies));
    apply(new Change.Register(spec, Optional.empty()));
  }

  private void says(Seen seen) {
    var row = table.copy(A1).orElseThrow();
    var epoch = table.module(MODULE).orElseThrow().epoch();
    apply(
        new Change.Reported(
            H1, H1 + "-1", new CopyReport(A1, row.run(), row.status(), epoch, seen)));
  }

  private Stream<HostId> left() {
    return table.module(MODULE).stream().flatMap(ModuleRow::mayLeaveProcesses);
  }

  @Test
  @DisplayName("[I5] A1 is a process, and to be an actor, and then to end => until it is dead")
  void replacedAndLetGo() {
    register(new Copy(H1, PROCESS), new Copy(H2, PROCESS));
    says(new Seen.Running(4711));
    assertThat(left()).contains(H1);
    register(new Copy(H1, ACTOR), new Copy(H2, ACTOR));
    assertThat(table.copy(A1)).map(CopyRow::phase).containsInstanceOf(Phase.Starting.class);
    assertThat(left()).as("the actor waits for the process to end").contains(H1);
    register(new Copy(H2, ACTOR));
    assertThat(left()).as("neither may have ended").contains(H1);
    says(new Seen.Stopped());
    assertThat(left()).doesNotContain(H1);
  }

  @Test
  @DisplayName("[I5] A1 is an actor that runs => it dies with its node")
  void actor() {
    register(new Copy(H1, ACTOR), new Copy(H2, ACTOR));
    says(new Seen.Running(4711));
    assertThat(left()).doesNotContain(H1);
  }
}
