package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.CopyOrder;
import io.understudy.model.CopyReport;
import io.understudy.model.CopyReport.Seen;
import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.watchdog.CopyState.Effect;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HostCopiesTest {
  private static CopyOrder order(long run, CopyStatus status) {
    return Rig.order(run, status, run, run, Rig.launch(new Location.Executable("/bin/a")));
  }

  private static CopyOrder hot(CopyOrder order) {
    var beside = Rig.alone(order.launch(), false);
    return new CopyOrder(
        order.copy(), order.run(), order.status(), order.epoch(), order.version(), beside);
  }

  private static CopyOrder later(CopyOrder order, long version) {
    return new CopyOrder(
        order.copy(), order.run(), order.status(), order.epoch(), version, order.launch());
  }

  private static CopyReport report(CopyOrder order, Seen seen) {
    return new CopyReport(order.copy(), order.run(), order.status(), order.epoch(), seen);
  }

  private static HostCopies running(CopyOrder order) {
    return HostCopies.NONE
        .decide(List.of(order))
        .state()
        .seen(report(order, new Seen.Running(4711)))
        .state();
  }

  @Test
  @DisplayName("[I5] P1 stops to be replaced by P2, the lease ends, P1 is dead => P2 not started")
  void nothingFollowsAfterTheLease() {
    var first = order(1, CopyStatus.PRIMARY);
    var second = order(2, CopyStatus.PRIMARY);
    var replacing = running(first).decide(List.of(second)).state();
    var dead = replacing.fenced().seen(report(first, new Seen.Stopped()));
    assertThat(dead.effects())
        .isEqualTo(List.of(new Effect.Tell(report(first, new Seen.Stopped()))));
    // With a new lease the order, which nothing has answered, is repeated, and carried out.
    assertThat(dead.state().decide(List.of(second)).effects())
        .isEqualTo(List.of(new Effect.Start(second)));
  }

  @Test
  @DisplayName("[I5] hot P1 is to be the only primary, there is no lease => P1 stops, B2 does not")
  void whoIsToBeTheOnlyPrimaryStopsWithoutLease() {
    var hot = hot(order(1, CopyStatus.PRIMARY));
    var served = running(hot);
    assertThat(served.needingLease()).isEmpty();
    var alone = later(order(1, CopyStatus.PRIMARY), 5);
    assertThat(served.overtaken(List.of(alone))).containsExactly(hot.copy());
    assertThat(served.overtaken(List.of(hot))).isEmpty();
    assertThat(served.overtaken(List.of(later(order(1, CopyStatus.BACKUP), 5)))).isEmpty();
    var backup = running(hot(order(1, CopyStatus.BACKUP)));
    assertThat(backup.overtaken(List.of(alone))).isEmpty();
  }

  @Test
  @DisplayName(
      "30,000 modules come and go => the first that runs, and the last that ended, are known")
  void forgetsWhatEndedLongAgo() {
    var copies = running(order(1, CopyStatus.PRIMARY));
    var last = order(1, CopyStatus.PRIMARY);
    for (int i = 2; i <= 30_000; i++) {
      var name = new CopyId(new ModuleId("M" + i), 1);
      var launch = Rig.launch(new Location.Executable("/bin/a"));
      last = new CopyOrder(name, i, CopyStatus.PRIMARY, new Epoch(1), i, launch);
      var ended = copies.decide(List.of(last)).state().seen(report(last, new Seen.Stopped()));
      copies = ended.state().heard(ended.state().unheard().next().sequence());
    }
    assertThat(copies.copies()).hasSizeLessThan(20_000).containsKey(Rig.A1);
    assertThat(copies.decide(List.of(last)).effects())
        .isEqualTo(List.of(new Effect.Tell(report(last, new Seen.Stopped()))));
  }

  @Test
  @DisplayName("[I5] an order from before P1 was hot, there is no lease => P1 goes on")
  void anOlderOrderStopsNobody() {
    var old = order(1, CopyStatus.PRIMARY);
    var served = running(old).decide(List.of(hot(later(old, 5)))).state();
    assertThat(served.overtaken(List.of(later(old, 3)))).isEmpty();
  }

  @Test
  @DisplayName("[I5] B1 stops to be replaced by B2, the lease ends, B1 is dead => B2 is started")
  void backupsNeedNoLease() {
    var first = order(1, CopyStatus.BACKUP);
    var second = order(2, CopyStatus.BACKUP);
    var replacing = running(first).decide(List.of(second)).state();
    assertThat(replacing.fenced().seen(report(first, new Seen.Stopped())).effects())
        .isEqualTo(List.of(new Effect.Start(second)));
  }
}
