package io.understudy.state;

import io.understudy.model.CheckpointPolicy.EachUpdate;
import io.understudy.model.CheckpointPolicy.None;
import io.understudy.model.CopyId;
import io.understudy.model.Replication;
import io.understudy.model.StateGroup.Member;
import io.understudy.state.Input.CheckpointLoaded;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.Inquire;
import io.understudy.state.PeerMessage.Inquired;
import io.understudy.state.PeerMessage.Pull;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A sequencer that gathers what may have been committed before its epoch.
 *
 * <p>In sync, it has all of it. Otherwise another one in sync has it. Otherwise no copy is known to
 * have it: the longest of the Checkpoint Server's, its own and the other copies' is taken. So it is
 * also where copies follow later (ASYNC) than what is acknowledged is stored (EACH_UPDATE).
 *
 * @param stage how far it is
 * @param asked by clients in the meantime
 * @param barriers asked for in the meantime
 */
record Recovery(Stage stage, PVector<Request> asked, PVector<Long> barriers) implements Role {
  /** The others have this long to say what they have. */
  static final Duration SURVEY = Duration.ofMillis(100);

  private static final int MOST_ASKED = 10_000;
  private static final long MOST_BYTES = 64L << 20;

  private static final Duration RESEND = Duration.ofMillis(100);
  private static final Duration NO_ANSWER = Duration.ofSeconds(2);
  private static final Duration RELOAD = Duration.ofMillis(500);

  /** What it waits for. */
  sealed interface Stage {
    /**
     * What the others and the Checkpoint Server have.
     *
     * @param ends of the logs of those that have answered
     * @param load how far the Checkpoint Server is
     */
    record Survey(Duration since, HashPMap<CopyId, Position> ends, Load load) implements Stage {}

    /**
     * Another copy's log.
     *
     * @param heard when it last sent some
     * @param sent when it was last asked
     * @param survey what to go back to if it does not answer; empty if that one is in sync
     */
    record Pulling(
        CopyId source,
        Duration heard,
        Duration sent,
        Optional<Fetch> fetch,
        Optional<Survey> survey)
        implements Stage {}
  }

  /** How far the Checkpoint Server is. */
  sealed interface Load {
    record NotWanted() implements Load {}

    record Wanted() implements Load {}

    record Failed(Duration at) implements Load {}

    record Loaded(CheckpointLoaded what) implements Load {}
  }

  static void begin(Turn turn, List<Request> asked, List<Long> barriers) {
    resume(turn, TreePVector.from(asked), TreePVector.from(barriers));
  }

  private static void resume(Turn turn, PVector<Request> asked, PVector<Long> barriers) {
    var spec = turn.group.orElseThrow().spec();
    var others = turn.others();
    var source = others.stream().filter(Member::inSync).findFirst();
    if (storedFirst(turn)) {
      load(turn, asked, barriers);
    } else if (turn.inSync() && (spec.replication() == Replication.SYNC || others.isEmpty())) {
      Sequencer.begin(turn, Optional.empty(), asked, barriers);
    } else if (turn.inSync()) {
      survey(turn, new Load.NotWanted(), asked, barriers);
    } else if (source.isPresent()) {
      pull(turn, source.get().copy(), Optional.empty(), asked, barriers);
    } else if (spec.checkpoint() instanceof None) {
      survey(turn, new Load.NotWanted(), asked, barriers);
    } else {
      load(turn, asked, barriers);
    }
  }

  /** Whether an update may be committed that no copy but the sequencer has: it is stored. */
  static boolean storedFirst(Turn turn) {
    var spec = turn.group.orElseThrow().spec();
    return spec.replication() == Replication.ASYNC && spec.checkpoint() instanceof EachUpdate;
  }

  private static void load(Turn turn, PVector<Request> asked, PVector<Long> barriers) {
    turn.emit(new Output.LoadCheckpoint(turn.epoch));
    survey(turn, new Load.Wanted(), asked, barriers);
  }

  private static void survey(Turn turn, Load load, PVector<Request> asked, PVector<Long> barriers) {
    turn.others().forEach(other -> turn.send(other.copy(), new Inquire(turn.sender())));
    var stage = new Stage.Survey(turn.now, HashTreePMap.empty(), load);
    var next = new Recovery(stage, asked, barriers);
    turn.role = next;
    next.choose(turn, stage);
  }

  private static void pull(
      Turn turn,
      CopyId source,
      Optional<Stage.Survey> survey,
      PVector<Request> asked,
      PVector<Long> barriers) {
    turn.send(source, new Pull(turn.sender(), turn.log.lineage()));
    var stage = new Stage.Pulling(source, turn.now, turn.now, Optional.empty(), survey);
    turn.role = new Recovery(stage, asked, barriers);
  }

  @Override
  public void take(Turn turn, Input input) {
    switch (input) {
      case Input.Received(var message) -> receive(turn, message);
      case Input.Ask(var requests) -> ask(turn, requests);
      case Input.Barrier(var ticket) -> barrier(turn, ticket);
      case Input.Tick tick -> tick(turn);
      case Input.SnapshotStored(var header, var bytes) -> stored(turn, header, bytes);
      case Input.PieceStored piece -> pieceStored(turn, piece);
      case Input.PieceFailed failed -> refetch(turn);
      case Input.OfSnapshots other -> {}
      case Input.OfCheckpoints news -> checkpoint(turn, news);
      case Input.Decided late -> {}
      case Input.Ordered ordered -> {}
      case Input.Leased other -> {}
      case Input.Leave other -> {}
    }
  }

  /** It may have been the sequencer in an earlier epoch, and have acknowledged what it has. */
  @Override
  public boolean owes(Turn turn) {
    return turn.log.last() > 0;
  }

  private void receive(Turn turn, PeerMessage message) {
    var forwarded =
        message instanceof PeerMessage.Forward || message instanceof PeerMessage.FetchChunk;
    if (!forwarded && !turn.living(message.sender())) {
      return; // a run that has replaced the one in sync has nothing
    }
    switch (message) {
      case Append append -> append(turn, append);
      case Inquired(var sender, var end) -> inquired(turn, sender.copy(), end);
      case PeerMessage.SnapshotOffer offer -> offered(turn, offer);
      case PeerMessage.Chunk chunk -> chunk(turn, chunk);
      case PeerMessage.Forward(var sender, var requests) -> ask(turn, requests);
      case PeerMessage.ForwardBarrier repeated -> {}
      case PeerMessage.FetchChunk wanted -> Source.answer(turn, wanted);
      case PeerMessage.Pull late -> {}
      case Inquire late -> {}
      case PeerMessage.Answered late -> {}
      case PeerMessage.Appended late -> {}
      case PeerMessage.Behind early -> {}
    }
  }

  private void ask(Turn turn, List<Request> requests) {
    if (full(requests)) {
      var mine = requests.stream().filter(one -> turn.self.is(one.origin())).toList();
      turn.refuse(mine, overloaded());
    } else {
      turn.role = new Recovery(stage, asked.plusAll(requests), barriers);
    }
  }

  private void barrier(Turn turn, long ticket) {
    if (full(List.of())) {
      turn.answer(ticket, overloaded());
    } else {
      turn.role = new Recovery(stage, asked, barriers.plus(ticket));
    }
  }

  private boolean full(List<Request> more) {
    return asked.size() + barriers.size() + more.size() > MOST_ASKED
        || bytes(asked) + bytes(more) > MOST_BYTES;
  }

  private static long bytes(List<Request> requests) {
    return requests.stream().mapToLong(request -> request.command().length()).sum();
  }

  private Reply overloaded() {
    return new Reply.Overloaded(
        "%d requests wait, %d MiB of them, while the copy recovers the state"
            .formatted(asked.size() + barriers.size(), bytes(asked) >> 20));
  }

  private void inquired(Turn turn, CopyId from, Position end) {
    if (stage instanceof Stage.Survey(var since, var ends, var load)) {
      choose(turn, new Stage.Survey(since, ends.plus(from, end), load));
    }
  }

  private void checkpoint(Turn turn, Input.OfCheckpoints news) {
    if (!(stage instanceof Stage.Survey(var since, var ends, var load))) {
      return;
    }
    switch (news) {
      case CheckpointLoaded loaded when loaded.epoch().equals(turn.epoch) ->
          choose(turn, new Stage.Survey(since, ends, new Load.Loaded(loaded)));
      case Input.CheckpointFailed failed when load instanceof Load.Wanted ->
          with(turn, new Stage.Survey(since, ends, new Load.Failed(turn.now)));
      case CheckpointLoaded late -> {}
      case Input.CheckpointFailed late -> {}
      case Input.SaveFailed late -> {}
      case Input.CheckpointClaimed late -> {}
      case Input.CheckpointSaved late -> {}
      case Input.CheckpointAppended late -> {}
      case Input.CheckpointStale stale -> {} // Replica has seen to it
    }
  }

  /** Takes the longest, when all have spoken or have had their time. */
  private void choose(Turn turn, Stage.Survey survey) {
    var others = turn.others();
    var waiting =
        others.stream().anyMatch(other -> !survey.ends().containsKey(other.copy()))
            && turn.now.minus(survey.since()).compareTo(SURVEY) < 0;
    var loading = survey.load() instanceof Load.Wanted || survey.load() instanceof Load.Failed;
    if (waiting || loading) {
      with(turn, survey);
      return;
    }
    var stored =
        survey.load() instanceof Load.Loaded(var loaded)
            ? Optional.of(loaded)
            : Optional.<CheckpointLoaded>empty();
    var there = stored.map(CheckpointLoaded::lineage);
    var best = there.map(Lineage::end).orElse(Position.NONE);
    var present = others.stream().map(Member::copy).toList();
    var longest =
        survey.ends().entrySet().stream()
            .filter(other -> present.contains(other.getKey()))
            .filter(other -> other.getValue().compareTo(best) > 0)
            .filter(other -> other.getValue().compareTo(turn.log.end()) > 0)
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey);
    if (longest.isPresent()) {
      pull(turn, longest.get(), Optional.of(survey), asked, barriers);
      return;
    }
    stored
        .filter(one -> best.compareTo(turn.log.end()) > 0 || contradicts(turn, one))
        .ifPresent(one -> restore(turn, one));
    Sequencer.begin(turn, there, asked, barriers);
  }

  /**
   * Where each update is stored, all that was acknowledged is. A log of a later epoch with
   * something else in its place was never acknowledged: a sequencer after it has gone on without
   * it.
   */
  private static boolean contradicts(Turn turn, CheckpointLoaded loaded) {
    var end = loaded.lineage().end();
    return turn.group.orElseThrow().spec().checkpoint() instanceof EachUpdate
        && end.sequence() > turn.log.base().sequence()
        && !turn.log.contains(end);
  }

  private static void restore(Turn turn, CheckpointLoaded loaded) {
    turn.replace(loaded.snapshot().orElse(SnapshotHeader.NONE), loaded.bytes());
    turn.log = turn.log.plus(loaded.tail());
  }

  private void append(Turn turn, Append append) {
    if (!(stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey))
        || !append.sender().copy().equals(source)
        || fetch.isPresent()) {
      return;
    }
    var matched = Intake.take(turn, append);
    if (matched.isPresent() && matched.getAsLong() == append.commit()) {
      turn.cutTo(append.commit());
      var stored = loaded(survey);
      stored.filter(one -> contradicts(turn, one)).ifPresent(one -> restore(turn, one));
      Sequencer.begin(turn, stored.map(CheckpointLoaded::lineage), asked, barriers);
    } else {
      pullAgain(turn, source, turn.now, survey);
    }
  }

  private static Optional<CheckpointLoaded> loaded(Optional<Stage.Survey> survey) {
    return survey.isPresent() && survey.get().load() instanceof Load.Loaded(var loaded)
        ? Optional.of(loaded)
        : Optional.empty();
  }

  private void pullAgain(Turn turn, CopyId source, Duration heard, Optional<Stage.Survey> survey) {
    turn.send(source, new Pull(turn.sender(), turn.log.lineage()));
    with(turn, new Stage.Pulling(source, heard, turn.now, Optional.empty(), survey));
  }

  private void offered(Turn turn, PeerMessage.SnapshotOffer offer) {
    if (stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey)
        && offer.sender().copy().equals(source)
        && (fetch.isEmpty() || !fetch.get().of(offer.at()))) {
      var begun = Fetch.begin(turn, offer);
      if (begun.isEmpty()) {
        pullAgain(turn, source, turn.now, survey);
      } else {
        with(turn, new Stage.Pulling(source, turn.now, turn.now, begun, survey));
      }
    }
  }

  private void chunk(Turn turn, PeerMessage.Chunk chunk) {
    if (stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey)
        && chunk.sender().copy().equals(source)) {
      var next = fetch.map(one -> one.take(turn, chunk));
      with(turn, new Stage.Pulling(source, turn.now, turn.now, next, survey));
    }
  }

  private void pieceStored(Turn turn, Input.PieceStored piece) {
    if (stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey)) {
      var next = fetch.map(one -> one.stored(turn, piece));
      with(turn, new Stage.Pulling(source, turn.now, sent, next, survey));
    }
  }

  private void stored(Turn turn, SnapshotHeader header, long bytes) {
    if (stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey)
        && fetch.isPresent()
        && fetch.get().of(header.at())) {
      turn.replace(header, bytes);
      pullAgain(turn, source, turn.now, survey);
    }
  }

  private void refetch(Turn turn) {
    if (stage instanceof Stage.Pulling(var source, var heard, var sent, var fetch, var survey)) {
      pullAgain(turn, source, heard, survey);
    }
  }

  private void tick(Turn turn) {
    switch (stage) {
      case Stage.Survey(var since, var ends, Load.Failed(var at))
          when turn.now.minus(at).compareTo(RELOAD) >= 0 -> {
        turn.emit(new Output.LoadCheckpoint(turn.epoch));
        with(turn, new Stage.Survey(since, ends, new Load.Wanted()));
      }
      case Stage.Survey survey -> choose(turn, survey);
      case Stage.Pulling pulling -> tick(turn, pulling);
    }
  }

  private void tick(Turn turn, Stage.Pulling now) {
    if (turn.now.minus(now.heard()).compareTo(NO_ANSWER) >= 0) {
      another(turn, now);
    } else if (now.fetch().isPresent()) {
      var fetch = now.fetch().map(one -> one.tick(turn));
      with(turn, new Stage.Pulling(now.source(), now.heard(), now.sent(), fetch, now.survey()));
    } else if (turn.now.minus(now.sent()).compareTo(RESEND) >= 0) {
      pullAgain(turn, now.source(), now.heard(), now.survey());
    }
  }

  /** The next one in sync; or, of those that are not, the next longest. */
  private void another(Turn turn, Stage.Pulling silent) {
    if (silent.survey().isPresent()) {
      var survey = silent.survey().get();
      var ends = survey.ends().minus(silent.source());
      choose(turn, new Stage.Survey(survey.since(), ends, survey.load()));
      return;
    }
    var sources = turn.others().stream().filter(Member::inSync).map(Member::copy).toList();
    var next = sources.get((sources.indexOf(silent.source()) + 1) % sources.size());
    pull(turn, next, Optional.empty(), asked, barriers);
  }

  /** Whom it waits for may have gone, or may be another run by now. */
  @Override
  public void regroup(Turn turn) {
    if (stage instanceof Stage.Pulling pulling
        && pulling.survey().isEmpty()
        && turn.others().stream()
            .anyMatch(other -> other.inSync() && other.copy().equals(pulling.source()))) {
      return;
    }
    if (stage instanceof Stage.Survey survey && survey.load() instanceof Load.Wanted) {
      choose(turn, survey);
      return;
    }
    resume(turn, asked, barriers);
  }

  @Override
  public void leave(Turn turn) {
    var reply = new Reply.NotPrimary("the copy is no longer the sequencer");
    turn.refuse(asked.stream().filter(one -> turn.self.is(one.origin())).toList(), reply);
    barriers.forEach(ticket -> turn.answer(ticket, reply));
  }

  private void with(Turn turn, Stage next) {
    turn.role = new Recovery(next, asked, barriers);
  }
}
