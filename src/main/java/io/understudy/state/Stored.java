package io.understudy.state;

import io.understudy.model.CheckpointPolicy;
import io.understudy.state.Snapshots.Held;
import java.time.Duration;
import java.util.Optional;

/**
 * How far a sequencer is with the Checkpoint Server.
 *
 * @param claim whether it refuses lower epochs by now
 * @param durable the last sequence that it has, in a snapshot or after it; -1 while unknown
 * @param saved the last sequence in a snapshot there, as far as is known
 * @param appending whether it is being sent updates
 * @param saving the snapshot that it is being sent, whose file must stay until that is over
 * @param retry not before this
 */
record Stored(
    Claim claim,
    long durable,
    long saved,
    boolean appending,
    Optional<Position> saving,
    Duration retry) {
  private static final int MOST_UPDATES = 1_000;
  private static final int MOST_BYTES = 1 << 20;
  private static final Duration RETRY = Duration.ofMillis(500);

  /** Whether lower epochs are refused. */
  enum Claim {
    NOT_ASKED,
    ASKED,
    GIVEN
  }

  static Stored beginning(Turn turn, Optional<Lineage> loaded) {
    var fresh = new Stored(Claim.NOT_ASKED, -1, 0, false, Optional.empty(), Duration.ZERO);
    return loaded.map(stored -> fresh.claimed(turn, stored)).orElse(fresh);
  }

  /**
   * It goes on from the last position that both have: what the server has after that was never
   * committed, and what is here takes its place. Without one a snapshot from here comes first.
   */
  private Stored claimed(Turn turn, Lineage there) {
    var common = turn.log.lineage().common(there).map(Position::sequence);
    return new Stored(Claim.GIVEN, common.orElse(-1L), common.orElse(0L), false, saving, retry);
  }

  Stored news(Turn turn, Input.OfCheckpoints news) {
    return switch (news) {
      case Input.CheckpointClaimed(var epoch, var there)
          when epoch.equals(turn.epoch) && claim == Claim.ASKED ->
          claimed(turn, there);
      case Input.CheckpointSaved(var at) ->
          new Stored(
              claim,
              Math.max(durable, at.sequence()),
              Math.max(saved, at.sequence()),
              appending,
              savingUnless(at),
              retry);
      case Input.CheckpointAppended(var end) when turn.log.contains(end) ->
          new Stored(claim, Math.max(durable, end.sequence()), saved, false, saving, retry);
      case Input.CheckpointFailed failed ->
          new Stored(
              claim == Claim.ASKED ? Claim.NOT_ASKED : claim,
              durable,
              saved,
              false,
              saving,
              turn.now.plus(RETRY));
      case Input.SaveFailed(var at, var reason) ->
          new Stored(claim, durable, saved, appending, savingUnless(at), turn.now.plus(RETRY));
      case Input.CheckpointClaimed late -> this;
      // What it speaks of is no longer in the log; what is there is sent next.
      case Input.CheckpointAppended other ->
          new Stored(claim, durable, saved, false, saving, retry);
      case Input.CheckpointLoaded late -> this;
      // It knows of no claim as high as this one, so it has lost the claim and what came after it.
      case Input.CheckpointStale stale ->
          new Stored(Claim.NOT_ASKED, -1, 0, false, Optional.empty(), turn.now.plus(RETRY));
    };
  }

  /** An answer may be to what was sent in an earlier epoch. */
  private Optional<Position> savingUnless(Position over) {
    return saving.filter(at -> !at.equals(over));
  }

  /** Sends it what it lacks, one thing at a time of a kind. */
  Stored act(Turn turn, CheckpointPolicy policy) {
    if (policy instanceof CheckpointPolicy.None || turn.now.compareTo(retry) < 0) {
      return this;
    }
    return switch (claim) {
      case NOT_ASKED -> {
        turn.emit(new Output.ClaimCheckpoint(turn.epoch));
        yield new Stored(Claim.ASKED, durable, saved, appending, saving, retry);
      }
      case ASKED -> this;
      case GIVEN -> save(turn, policy).append(turn, policy);
    };
  }

  /**
   * Where updates are committed when they are stored, and it has nothing that they could follow,
   * the first snapshot cannot wait until it is committed.
   */
  private Stored save(Turn turn, CheckpointPolicy policy) {
    var committed = turn.snapshots.newest();
    var newest =
        (lacksAll(policy) ? turn.snapshots.fresh().or(() -> committed) : committed).map(Held::at);
    if (saving.isPresent() || newest.isEmpty() || newest.get().sequence() <= saved) {
      return this;
    }
    turn.emit(new Output.SaveCheckpoint(turn.epoch, newest.get()));
    return new Stored(claim, durable, saved, appending, newest, retry);
  }

  /** Whether what is stored first must be a snapshot, and nothing is committed before. */
  boolean lacksAll(CheckpointPolicy policy) {
    return claim == Claim.GIVEN && durable < 0 && policy instanceof CheckpointPolicy.EachUpdate;
  }

  private Stored append(Turn turn, CheckpointPolicy policy) {
    var known = durable >= turn.log.base().sequence();
    if (!(policy instanceof CheckpointPolicy.EachUpdate)
        || appending
        || !known
        || durable >= turn.log.last()) {
      return this;
    }
    var batch = turn.log.slice(durable, turn.log.last(), MOST_UPDATES, MOST_BYTES);
    turn.emit(new Output.AppendCheckpoint(turn.epoch, batch));
    return new Stored(claim, durable, saved, true, saving, retry);
  }
}
