package io.understudy.state;

import static io.understudy.state.Trio.A1;
import static io.understudy.state.Trio.A2;
import static io.understudy.state.Trio.A3;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.state.PeerMessage.Answered;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.Appended;
import io.understudy.state.PeerMessage.Pull;
import io.understudy.state.PeerMessage.Sender;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
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
  @DisplayName(
      "hot: A1:S+ alone, its host's lease is over => it answers nothing until there is one")
  void aloneWithoutLease() {
    var hot = new Trio(ReplicationStyle.HOT);
    hot.order(1, A1).pass(200).order(1, A1, A1);
    hot.hand(A1, 1, "c", 1).give(A1, new Input.Leased(false));
    hot.deliver().ask(A1, 2, "d", 1).give(A1, new Input.Barrier(3));
    assertThat(hot.pass(1000).answers(A1, 1)).isEmpty();
    assertThat(hot.answers(A1, 2)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(hot.answers(A1, 3)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    hot.give(A1, new Input.Leased(true));
    assertThat(hot.answers(A1, 1)).containsExactly(done(1, 1, "1", false));
  }

  @Test
  @DisplayName("async: A1:S+ is to leave => nothing new, and it has left when A2 and A3 have all")
  void asyncLeaves() {
    warm.with(Replication.ASYNC);
    inSync().deaf(A2).ask(A1, 1, "c", 1).give(A1, new Input.Leave());
    warm.deliver().ask(A1, 2, "c", 2);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(warm.said(A1, Output.Left.class)).as("A2 lacks an update").isEmpty();
    warm.deaf().pass(1000);
    assertThat(warm.said(A1, Output.Left.class)).hasSize(1);
    assertThat(warm.replicas.get(A2).end()).isEqualTo(at(1, 1));
    assertThat(warm.replicas.get(A3).end()).isEqualTo(at(1, 1));
  }

  @Test
  @DisplayName("A2:F+ is to leave => it may at once")
  void followerLeaves() {
    inSync().give(A2, new Input.Leave());
    assertThat(warm.said(A2, Output.Left.class)).hasSize(1);
  }

  @Test
  @DisplayName("A3:F's disk is full while it stores A1's snapshot => it takes it again")
  void pieceNotStored() {
    var piece = new Input.PieceFailed(new Position(new Epoch(1), 7), "no space");
    inSync().offer(A3, piece.at());
    assertThat(fetched()).isEqualTo(1);
    warm.give(A3, piece);
    warm.deliver().offer(A3, piece.at());
    assertThat(fetched()).isEqualTo(2);
  }

  private long fetched() {
    return warm.said(A3, Output.Send.class).stream()
        .filter(sent -> sent.message() instanceof PeerMessage.FetchChunk)
        .count();
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
                    new StateGroup.Member(
                        copy, 1, new HostId("H" + copy.number()), "", !copy.equals(A1)))
            .toList();
    return new Input.Ordered(
        new Epoch(epoch),
        new StateGroup(warm.configuration + before.configuration, warm.spec, A2, members));
  }

  @Test
  @DisplayName("ASYNC: A1:S+ A2:F+ A3:F+, the others hear nothing => answered at once")
  void async() {
    warm.with(Replication.ASYNC);
    inSync().deaf(A2, A3).ask(A1, 1, "c", 1);
    assertThat(warm.answers(A1, 1)).containsExactly(done(1, 1, "1", false));
  }

  @Test
  @DisplayName("ASYNC: A1:S+ has what the others are not sent yet, and serves no more => they are")
  void asyncHandsOver() {
    warm.with(Replication.ASYNC);
    inSync().ask(A1, 1, "c", 1).pass(50).ask(A1, 2, "c", 2);
    var end = warm.replicas.get(A1).end();
    assertThat(warm.replicas.get(A2).end()).isNotEqualTo(end);
    warm.give(A1, new Input.Leased(false));
    warm.deliver();
    assertThat(warm.replicas.get(A2).end()).isEqualTo(end);
    assertThat(warm.replicas.get(A3).end()).isEqualTo(end);
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
  @DisplayName(
      "hot: A2 is asked 100 times 10 KiB at once => it sends A1 messages of 256 KiB at most")
  void hotForwardsInPieces() {
    var hot = new Trio(ReplicationStyle.HOT).order(1, A1).pass(200).order(1, A1, A1, A2, A3);
    var command = Bytes.of(new byte[10 * 1024]);
    var requests =
        LongStream.rangeClosed(1, 100)
            .mapToObj(ticket -> hot.replicas.get(A2).request(ticket, Optional.empty(), command))
            .toList();
    var step = hot.replicas.get(A2).decide(new Input.Ask(requests), hot.now);
    var sent =
        step.outputs().stream()
            .map(output -> ((PeerMessage.Forward) ((Output.Send) output).message()).requests())
            .toList();
    assertThat(sent.stream().flatMap(List::stream)).containsExactlyElementsOf(requests);
    assertThat(sent).allMatch(some -> some.size() * command.length() <= Source.MOST_BYTES);
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
  @DisplayName(
      "long replies to 150 clients => asked again the first is told that it was done, once")
  void forgotten() {
    warm.replyLength = Batches.LONGEST;
    inSync();
    for (var client = 1; client <= 150; client++) {
      warm.ask(A1, client, "c" + client, 1);
    }
    warm.ask(A1, 200, "c150", 1).ask(A1, 201, "c1", 1);
    assertThat(warm.answers(A1, 200))
        .singleElement()
        .isInstanceOfSatisfying(Reply.Done.class, it -> assertThat(it.reply()).isPresent());
    assertThat(warm.answers(A1, 201))
        .containsExactly(new Reply.Done(new Position(new Epoch(1), 1), Optional.empty(), true));
    assertThat(warm.module).containsEntry(A1, 150);
  }

  @Test
  @DisplayName("a client's earlier request after a later one => refused, whatever became of it")
  void overtaken() {
    inSync().ask(A1, 1, "c", 2).ask(A1, 2, "c", 1);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.Refused.class);
  }

  private static final StateGroup TWO_IN_SYNC =
      new StateGroup(
          1,
          new Trio(ReplicationStyle.WARM).spec,
          A2,
          List.of(member(A1, false), member(A2, true), member(A3, true)));

  private static StateGroup.Member member(CopyId copy, boolean inSync) {
    return new StateGroup.Member(copy, 1, new HostId("H" + copy.number()), "", inSync);
  }

  private static Sender sender(long epoch, CopyId copy, long run) {
    return new Sender(new Epoch(epoch), copy, run);
  }

  private static Update update(long sequence) {
    var at = new Position(new Epoch(1), sequence);
    return new Update(at, Optional.empty(), Optional.empty(), Bytes.EMPTY, Bytes.EMPTY);
  }

  /** A2 with 1:1 to 1:3 of A1's epoch, of which it knows none to be committed. */
  private void followed() {
    var append =
        new Append(sender(1, A1, 1), Position.NONE, List.of(update(1), update(2), update(3)), 0, 0);
    warm.give(A2, new Input.Received(append));
  }

  @Test
  @DisplayName("A2:S+ A3:F+, A2's log may be committed => A1 without it is not reported in sync")
  void joinsWithAllThatMayBeCommitted() {
    followed();
    warm.deaf(A1, A3);
    warm.give(A2, new Input.Ordered(new Epoch(2), TWO_IN_SYNC));
    warm.give(A2, new Input.Received(new Appended(sender(2, A1, 1), Position.NONE, 0)));
    assertThat(warm.said(A2, Output.ReportSync.class)).isEmpty();
    warm.give(A2, new Input.Received(new Appended(sender(2, A1, 1), update(3).at(), 0)));
    assertThat(warm.said(A2, Output.ReportSync.class)).hasSize(1);
  }

  @Test
  @DisplayName("A2:S+ A3:F+, another run of A3 acknowledges => nothing is committed by that")
  void runs() {
    followed();
    warm.deaf(A1, A3);
    warm.give(A2, new Input.Ordered(new Epoch(2), TWO_IN_SYNC));
    warm.give(A2, new Input.Received(new Appended(sender(2, A3, 2), update(3).at(), 0)));
    assertThat(warm.replicas.get(A2).commit()).isZero();
    warm.give(A2, new Input.Received(new Appended(sender(2, A3, 1), update(3).at(), 0)));
    assertThat(warm.replicas.get(A2).commit()).isEqualTo(3);
  }

  @Test
  @DisplayName(
      "each update stored: A2:S+ has 1:3, the Checkpoint Server 1:5 => it is sent what follows 1:3")
  void storesWhatTheServerLacks() {
    followed();
    warm.deaf(A1, A3);
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    var group = new StateGroup(1, warm.spec, A2, TWO_IN_SYNC.members());
    warm.give(A2, new Input.Ordered(new Epoch(2), group));
    var there = Lineage.of(Position.NONE, List.of(update(5).at()));
    warm.give(A2, new Input.CheckpointClaimed(new Epoch(2), there));
    warm.give(A2, new Input.Received(new Appended(sender(2, A3, 1), update(3).at(), 0)));
    assertThat(warm.said(A2, Output.AppendCheckpoint.class)).isEmpty();
    assertThat(warm.replicas.get(A2).commit()).isEqualTo(3);
    warm.ask(A2, 1, "c", 1);
    assertThat(warm.said(A2, Output.AppendCheckpoint.class))
        .flatExtracting(Output.AppendCheckpoint::updates)
        .extracting(Update::sequence)
        .containsExactly(4L);
  }

  @Test
  @DisplayName("A2:F has more than the new sequencer => it acknowledges and applies what both have")
  void olderTail() {
    followed();
    warm.deaf(A1);
    var append = new Append(sender(2, A3, 1), update(1).at(), List.of(), 3, 0);
    warm.give(A2, new Input.Received(append));
    assertThat(warm.said(A2, Output.Send.class))
        .extracting(Output.Send::message)
        .contains(new Appended(sender(2, A2, 1), update(1).at(), 0));
    assertThat(warm.replicas.get(A2).commit()).isEqualTo(1);
  }

  @Test
  @DisplayName("hot: an answer to an earlier run's ticket => not taken for one's own")
  void ticketsOfAnEarlierRun() {
    var hot = new Trio(ReplicationStyle.HOT).order(1, A1).pass(200).order(1, A1, A1, A2, A3);
    hot.deaf(A1).ask(A2, 5, "c", 1);
    var done = done(1, 0, "other", false);
    hot.give(A2, new Input.Received(new Answered(sender(1, A1, 1), new Origin(A2, 7, 5), done)));
    assertThat(hot.answers(A2, 5)).isEmpty();
  }

  private static StateGroup group(long configuration, CopyId sequencer, CopyId... inSync) {
    var members = Trio.COPIES.stream().map(it -> member(it, List.of(inSync).contains(it))).toList();
    return new StateGroup(configuration, new Trio(ReplicationStyle.WARM).spec, sequencer, members);
  }

  @Test
  @DisplayName("A1:S of 1, out of sync, is S of 3 => what A2 has committed in 2 comes first")
  void anotherWasInBetween() {
    inSync().deaf(A1);
    warm.give(A1, new Input.Ordered(new Epoch(3), group(9, A1, A2, A3)));
    assertThat(warm.said(A1, Output.Ready.class)).containsExactly(new Output.Ready(new Epoch(1)));
    assertThat(warm.said(A1, Output.Send.class))
        .filteredOn(sent -> sent.message() instanceof Pull)
        .extracting(Output.Send::to)
        .containsExactly(A2);
    warm.give(
        A1,
        new Input.Received(
            new Append(sender(3, A2, 1), Position.NONE, List.of(update(1), update(2)), 2, 0)));
    assertThat(warm.said(A1, Output.Ready.class)).hasSize(2);
    assertThat(warm.replicas.get(A1).end().sequence()).isEqualTo(2);
  }

  @Test
  @DisplayName("A1:S+ of 1 is S of 2 and of 3, still in sync => it goes on at once")
  void nobodyWasInBetween() {
    inSync();
    warm.give(A1, new Input.Ordered(new Epoch(3), group(9, A1, A1, A2, A3)));
    assertThat(warm.said(A1, Output.Ready.class)).contains(new Output.Ready(new Epoch(3)));
  }

  @Test
  @DisplayName("async, each update stored: A1:S+ of 1 is S of 3 => what 2 has stored comes first")
  void storedInBetween() {
    warm.with(Replication.ASYNC);
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    warm.order(1, A1);
    var nothing = new Input.CheckpointLoaded(new Epoch(1), Optional.empty(), 0, List.of());
    warm.give(A1, nothing);
    warm.pass(200).order(1, A1, A1, A2, A3);
    var members = group(9, A1, A1, A2, A3).members();
    warm.give(A1, new Input.Ordered(new Epoch(3), new StateGroup(9, warm.spec, A1, members)));
    assertThat(warm.said(A1, Output.LoadCheckpoint.class))
        .contains(new Output.LoadCheckpoint(new Epoch(3)));
    warm.give(
        A1, new Input.CheckpointLoaded(new Epoch(3), Optional.empty(), 0, List.of(update(1))));
    warm.pass(200);
    assertThat(warm.replicas.get(A1).end()).isEqualTo(update(1).at());
  }

  @Test
  @DisplayName(
      "each update stored: A2:S has 2:2 that nobody acknowledged, the Checkpoint Server 1:1 to 1:3"
          + " => it takes those")
  void storedBeforeALaterEpoch() {
    var one = new Append(sender(1, A1, 1), Position.NONE, List.of(update(1)), 0, 0);
    var own = new Update(at(2, 2), Optional.empty(), Optional.empty(), Bytes.EMPTY, Bytes.EMPTY);
    var other = new Append(sender(2, A3, 1), update(1).at(), List.of(own), 0, 0);
    warm.give(A2, new Input.Received(one));
    warm.give(A2, new Input.Received(other));
    assertThat(warm.replicas.get(A2).end()).isEqualTo(at(2, 2));
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    var group = new StateGroup(9, warm.spec, A2, List.of(member(A2, false)));
    warm.give(A2, new Input.Ordered(new Epoch(4), group));
    var all = List.of(update(1), update(2), update(3));
    warm.give(A2, new Input.CheckpointLoaded(new Epoch(4), Optional.empty(), 0, all));
    assertThat(warm.replicas.get(A2).sequencing()).isTrue();
    assertThat(warm.replicas.get(A2).end()).isEqualTo(at(1, 3));
  }

  @Test
  @DisplayName("A1:S+ is deciding when A2 takes over => its module goes back to what is committed")
  void leavesWhileItDecides() {
    inSync().ask(A1, 1, "c", 1);
    var request = warm.replicas.get(A1).request(2, Optional.empty(), Bytes.utf8("more"));
    warm.give(A1, new Input.Ask(List.of(request)));
    assertThat(warm.module).as("decided, and not numbered").containsEntry(A1, 2);
    warm.order(2, A2, A2, A3).pass(200);
    assertThat(warm.answers(A1, 2)).singleElement().isInstanceOf(Reply.NotPrimary.class);
    assertThat(warm.module.values()).containsOnly(1);
    warm.ask(A2, 3, "d", 1).pass(200);
    assertThat(warm.module.values()).containsOnly(2);
  }

  @Test
  @DisplayName(
      "A1:S recovers from A2+, another run of A2 answers => that has nothing, and counts not")
  void recoversFromTheRunInSync() {
    warm.deaf(A1);
    warm.give(A1, new Input.Ordered(new Epoch(2), group(1, A1, A2)));
    warm.give(A1, new Input.Received(new Append(sender(2, A2, 2), Position.NONE, List.of(), 0, 0)));
    assertThat(warm.said(A1, Output.Ready.class)).isEmpty();
    var all = List.of(update(1), update(2), update(3));
    warm.give(A1, new Input.Received(new Append(sender(2, A2, 1), Position.NONE, all, 3, 0)));
    assertThat(warm.said(A1, Output.Ready.class)).containsExactly(new Output.Ready(new Epoch(2)));
    assertThat(warm.replicas.get(A1).end().sequence()).isEqualTo(3);
  }

  @Test
  @DisplayName(
      "each update stored: the Checkpoint Server lost what it had => A2:S+ claims it, stores it"
          + " anew")
  void serverWentBack() {
    followed();
    warm.deaf(A1, A3);
    warm.spec = warm.spec.withCheckpoint(new CheckpointPolicy.EachUpdate());
    var group = new StateGroup(1, warm.spec, A2, TWO_IN_SYNC.members());
    warm.give(A2, new Input.Ordered(new Epoch(2), group));
    var there = Lineage.of(Position.NONE, List.of(update(3).at()));
    warm.give(A2, new Input.CheckpointClaimed(new Epoch(2), there));
    warm.ask(A2, 1, "c", 1);
    warm.give(A2, new Input.Received(new Appended(sender(2, A3, 1), at(2, 4), 0)));
    warm.give(A2, new Input.CheckpointStale(Epoch.NONE)); // of the append: there is no such module
    warm.pass(600);
    assertThat(warm.said(A2, Output.ClaimCheckpoint.class)).hasSize(2);
    warm.give(A2, new Input.CheckpointClaimed(new Epoch(2), Lineage.of(Position.NONE, List.of())));
    assertThat(warm.said(A2, Output.AppendCheckpoint.class).getLast().updates())
        .extracting(Update::sequence)
        .containsExactly(1L, 2L, 3L, 4L);
    warm.give(A2, new Input.CheckpointAppended(at(2, 4)));
    assertThat(warm.answers(A2, 1))
        .singleElement()
        .isInstanceOfSatisfying(Reply.Done.class, it -> assertThat(it.at()).isEqualTo(at(2, 4)));
  }

  private static Position at(long epoch, long sequence) {
    return new Position(new Epoch(epoch), sequence);
  }

  @Test
  @DisplayName("A2:F writes a snapshot => nobody is to begin with it before it is in its file")
  void beingWritten() {
    inSync().deaf(A1, A3);
    for (var sequence = 1L; sequence <= 1_000; sequence++) {
      var update =
          new Update(
              at(1, sequence),
              Optional.empty(),
              Optional.empty(),
              Bytes.of(new byte[40_000]),
              Bytes.EMPTY);
      var previous = sequence == 1 ? Position.NONE : at(1, sequence - 1);
      var append = new PeerMessage.Append(sender(1, A1, 1), previous, List.of(update), sequence, 0);
      warm.give(A2, new Input.Received(append));
    }
    warm.give(A2, new Input.Tick());
    var number = warm.said(A2, Output.Capture.class).getLast().number();
    warm.give(A2, new Input.Captured(number));
    warm.give(A2, new Input.Tick());
    var writing = warm.said(A2, Output.KeepSnapshots.class).getLast();
    assertThat(writing.these()).containsExactly(at(1, 1_000));
    assertThat(writing.own()).isEmpty();
    warm.give(A2, new Input.SnapshotWritten(at(1, 1_000), 1));
    warm.give(A2, new Input.Tick());
    assertThat(warm.said(A2, Output.KeepSnapshots.class).getLast().own())
        .containsExactly(at(1, 1_000));
  }

  /** A1 is the sequencer, stores every snapshot, and takes one after each update. */
  private void storing() {
    var often = new CheckpointPolicy.Periodic(1, Duration.ofDays(1));
    warm.spec = warm.spec.withCheckpoint(often);
    warm.order(1, A1);
    warm.give(A1, new Input.CheckpointLoaded(new Epoch(1), Optional.empty(), 0, List.of()));
    warm.pass(200).order(1, A1, A1, A2, A3);
  }

  private void snapshotAfter(long sequence) {
    warm.ask(A1, sequence, "c", sequence).give(A1, new Input.Tick());
    var number = warm.said(A1, Output.Capture.class).getLast().number();
    warm.give(A1, new Input.Captured(number));
    warm.give(A1, new Input.SnapshotWritten(at(1, sequence), 1));
  }

  private Output.KeepSnapshots kept() {
    warm.give(A1, new Input.Tick());
    return warm.said(A1, Output.KeepSnapshots.class).getLast();
  }

  @Test
  @DisplayName(
      "A1:S+ stores 1:1, and has a snapshot of 1:2 => the file of 1:1 stays until it is stored")
  void beingStored() {
    storing();
    snapshotAfter(1);
    snapshotAfter(2);
    assertThat(kept().these()).containsExactlyInAnyOrder(at(1, 1), at(1, 2));
    assertThat(kept().own()).as("the log begins there").containsExactly(at(1, 2));
    assertThat(saved()).containsExactly(at(1, 1));
    warm.give(A1, new Input.CheckpointSaved(at(1, 1)));
    assertThat(saved()).containsExactly(at(1, 1), at(1, 2));
    assertThat(kept().these()).containsExactly(at(1, 2));
  }

  private List<Position> saved() {
    return warm.said(A1, Output.SaveCheckpoint.class).stream()
        .map(Output.SaveCheckpoint::at)
        .toList();
  }

  @Test
  @DisplayName("A1:S+ stores 1:1, which fails => its file may go, and the newest one is stored")
  void notStored() {
    storing();
    snapshotAfter(1);
    snapshotAfter(2);
    warm.give(A1, new Input.SaveFailed(at(1, 1), "there is no connection"));
    assertThat(kept().these()).containsExactly(at(1, 2));
    warm.pass(600);
    assertThat(saved()).containsExactly(at(1, 1), at(1, 2));
  }

  @Test
  @DisplayName(
      "A1:S+ stores 1:1, and something else fails => that is stored still, and no other beside it")
  void anotherFails() {
    storing();
    snapshotAfter(1);
    snapshotAfter(2);
    warm.give(A1, new Input.CheckpointFailed("there is no connection"));
    warm.pass(600);
    assertThat(kept().these()).containsExactlyInAnyOrder(at(1, 1), at(1, 2));
    assertThat(saved()).containsExactly(at(1, 1));
  }

  @Test
  @DisplayName("A3:F fetches A1's snapshot, a piece of A2's of the same place comes => not taken")
  void pieceOfAnother() {
    inSync().deaf(A1, A2).offer(A3, at(1, 7));
    warm.give(A3, new Input.Received(piece(A2)));
    assertThat(warm.said(A3, Output.StoreChunk.class)).isEmpty();
    warm.give(A3, new Input.Received(piece(A1)));
    assertThat(warm.said(A3, Output.StoreChunk.class)).hasSize(1);
  }

  private static PeerMessage.Chunk piece(CopyId from) {
    return new PeerMessage.Chunk(sender(1, from, 1), at(1, 7), 0, 10, Bytes.of(new byte[5]));
  }
}
