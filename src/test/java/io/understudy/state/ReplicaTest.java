package io.understudy.state;

import static io.understudy.state.Trio.A1;
import static io.understudy.state.Trio.A2;
import static io.understudy.state.Trio.A3;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.Epoch;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The log of a group, case by case. */
class ReplicaTest {
  private final Trio warm = new Trio(ReplicationStyle.WARM);

  private static Reply.Done done(long epoch, long sequence, String reply, boolean duplicate) {
    return new Reply.Done(new Position(new Epoch(epoch), sequence), Bytes.utf8(reply), duplicate);
  }

  private Trio inSync() {
    return warm.order(1, A1).pass(200).order(1, A1, A1, A2, A3);
  }

  @Test
  @DisplayName("A1:S A2:F A3:F, nothing stored => A1 recovers, reports itself and then the others")
  void begins() {
    warm.order(1, A1).pass(200);
    assertThat(warm.said(A1, Output.Ready.class)).containsExactly(new Output.Ready(new Epoch(1)));
    assertThat(warm.said(A1, Output.ReportSync.class))
        .filteredOn(Output.ReportSync::inSync)
        .extracting(Output.ReportSync::member)
        .contains(A1, A2, A3);
  }

  @Test
  @DisplayName("A1:S+ A2:F+ A3:F+, A1 is asked => answered once, committed on all")
  void commits() {
    inSync().ask(A1, 1, "c", 1).pass(200);
    assertThat(warm.answers(A1, 1)).containsExactly(done(1, 1, "1", false));
    assertThat(warm.module.values()).containsOnly(1);
  }

  @Test
  @DisplayName("A1:S+ A2:F+ A3:F+, A3 hears nothing => no answer before the record says it is out")
  void waitsForTheRecord() {
    inSync().deaf(A3).ask(A1, 1, "c", 1).pass(3000);
    assertThat(warm.answers(A1, 1)).isEmpty();
    assertThat(warm.said(A1, Output.ReportSync.class))
        .filteredOn(report -> report.member().equals(A3) && !report.inSync())
        .isNotEmpty();
    warm.order(1, A1, A1, A2);
    assertThat(warm.answers(A1, 1)).containsExactly(done(1, 1, "1", false));
  }

  @Test
  @DisplayName("A1:S+ A2:F+, A1 is replaced by A2 => the request repeated there takes effect once")
  void repeatedOverAFailover() {
    inSync().ask(A1, 1, "c", 1).order(2, A2, A2, A3).ask(A2, 1, "c", 1).pass(200);
    assertThat(warm.answers(A2, 1)).containsExactly(done(1, 1, "1", true));
    assertThat(warm.replicas.get(A2).end().sequence()).isEqualTo(1);
  }

  @Test
  @DisplayName("A1:S+ is cut off, A2 is the sequencer => A1 commits nothing, and takes A2's log")
  void staleSequencer() {
    inSync().deaf(A1);
    warm.ask(A1, 1, "c", 1);
    warm.deaf();
    warm.give(A2, ordered(2));
    warm.give(A3, ordered(2));
    warm.deliver().ask(A2, 7, "d", 1).pass(300);
    assertThat(warm.answers(A1, 1)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(warm.replicas.get(A1).end()).isEqualTo(new Position(new Epoch(2), 1));
    assertThat(warm.module.values()).containsOnly(1);
  }

  private Input.Ordered ordered(long epoch) {
    var before = new Trio(ReplicationStyle.WARM).order(1, A1).order(epoch, A2, A2, A3);
    var members =
        Trio.COPIES.stream()
            .map(
                copy ->
                    new io.understudy.model.StateGroup.Member(
                        copy,
                        1,
                        new io.understudy.model.HostId("H" + copy.number()),
                        "",
                        !copy.equals(A1)))
            .toList();
    return new Input.Ordered(
        new Epoch(epoch),
        new io.understudy.model.StateGroup(
            warm.configuration + before.configuration, warm.spec, A2, members));
  }

  @Test
  @DisplayName("ASYNC: A1:S+ A2:F+ A3:F+, the others hear nothing => answered at once")
  void async() {
    warm.with(Replication.ASYNC);
    inSync().deaf(A2, A3).ask(A1, 1, "c", 1);
    assertThat(warm.answers(A1, 1)).containsExactly(done(1, 1, "1", false));
  }

  @Test
  @DisplayName("hot: A2 is asked, A1 numbers => A2 answers when it has applied it")
  void hotForwards() {
    var hot = new Trio(ReplicationStyle.HOT).order(1, A1).pass(200).order(1, A1, A1, A2, A3);
    hot.ask(A2, 5, "c", 1);
    assertThat(hot.answers(A2, 5)).containsExactly(done(1, 1, "1", false));
    assertThat(hot.module.values()).containsOnly(1);
  }

  @Test
  @DisplayName("hot: A1:S is lost, A2 has a request that A1 did not answer => A3 answers it")
  void hotGoesOn() {
    var hot = new Trio(ReplicationStyle.HOT).order(1, A1).pass(200).order(1, A1, A1, A2, A3);
    hot.deaf(A1).ask(A2, 5, "c", 1);
    hot.order(2, A3, A2, A3).pass(50);
    assertThat(hot.answers(A2, 5)).containsExactly(done(2, 1, "1", false));
  }

  @Test
  @DisplayName("a client's earlier request after a later one => refused, whatever became of it")
  void overtaken() {
    inSync().ask(A1, 1, "c", 2).ask(A1, 2, "c", 1);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.Refused.class);
  }
}
