package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One copy's share in keeping its module's state: what it has, and what it is in the group.
 *
 * <p>Whoever runs it gives it what happens, in the order in which it happens, and does what it
 * says, in that order. An answer is given to the client once: the first one for its ticket counts.
 */
public final class Replica {
  /** Pieces of a snapshot are at most so long. */
  public static final int CHUNK_BYTES = 256 * 1024;

  private static final Duration TICK = Duration.ofMillis(50);

  private final Self self;
  private final Share share;
  private final Role role;
  private final boolean leased;
  private final Stay stay;

  /** Whether it is to be stopped, and may be. */
  private enum Stay {
    STAYS,
    LEAVES,
    LEFT
  }

  /** What is so from now on, and what to do, in this order. */
  public record Step(Replica replica, List<Output> outputs) {}

  private Replica(Self self, Share share, Role role, boolean leased, Stay stay) {
    this.self = self;
    this.share = share;
    this.role = role;
    this.leased = leased;
    this.stay = stay;
  }

  /** A run's, that has nothing yet; its module has its initial state. */
  public static Replica create(Self self) {
    return new Replica(self, Share.NOTHING, Follower.beginning(Forwards.NONE), true, Stay.STAYS);
  }

  /**
   * What follows from an input.
   *
   * @param now any clock that only goes on; the same for all inputs
   */
  public Step decide(Input input, Duration now) {
    var holds = input instanceof Input.Leased(var said) ? said : leased;
    var next = input instanceof Input.Leave && stay == Stay.STAYS ? Stay.LEAVES : stay;
    var turn = new Turn(self, share, role, holds, next != Stay.STAYS, now);
    switch (input) {
      case Input.Ordered(var epoch, var group) -> ordered(turn, epoch, group);
      case Input.Received(var message) -> received(turn, input, message);
      case Input.CheckpointStale(var claimed) -> {
        if (claimed.compareTo(turn.epoch) > 0) {
          enter(turn, claimed, false);
        } else {
          turn.role.take(turn, input);
        }
      }
      case Input.OfSnapshots news -> {
        Snapshots.news(turn, news);
        turn.role.take(turn, input);
      }
      case Input.OfCheckpoints other -> turn.role.take(turn, input);
      case Input.Leased other -> turn.role.take(turn, input);
      case Input.Leave other -> turn.role.take(turn, input);
      case Input.Tick other -> turn.role.take(turn, input);
      case Input.Ask other -> turn.role.take(turn, input);
      case Input.Barrier other -> turn.role.take(turn, input);
      case Input.Decided other -> turn.role.take(turn, input);
      case Input.SnapshotStored other -> turn.role.take(turn, input);
      case Input.PieceStored other -> turn.role.take(turn, input);
      case Input.PieceFailed other -> turn.role.take(turn, input);
    }
    if (next == Stay.LEAVES && !turn.role.owes(turn)) {
      next = Stay.LEFT;
      turn.emit(new Output.Left());
    }
    return new Step(new Replica(self, turn.share(), turn.role, holds, next), turn.outputs);
  }

  private void ordered(Turn turn, Epoch epoch, StateGroup group) {
    var mine = group.member(self.copy()).filter(me -> me.run() == self.run());
    var older =
        share.group().filter(known -> known.configuration() > group.configuration()).isPresent();
    if (epoch.compareTo(turn.epoch) < 0 || mine.isEmpty() || older) {
      return;
    }
    var sequencer = group.sequencer().equals(self.copy());
    var same = epoch.equals(turn.epoch);
    turn.group = Optional.of(group);
    if (same && !(sequencer && role instanceof Follower)) {
      if (!share.group().equals(turn.group)) {
        role.regroup(turn);
      }
    } else if (sequencer && role instanceof Sequencer current && goesOn(turn, epoch)) {
      turn.epoch = epoch;
      current.renew(turn);
    } else {
      enter(turn, epoch, sequencer);
    }
  }

  /**
   * Nobody else can have committed anything since this copy's own epoch. Where copies follow later
   * than what is acknowledged is stored, being in sync does not say so.
   */
  private static boolean goesOn(Turn turn, Epoch epoch) {
    return epoch.equals(turn.epoch.next()) || (turn.inSync() && !Recovery.storedFirst(turn));
  }

  /** Takes a new role in an epoch; what hot clients have asked here goes on with it. */
  private void enter(Turn turn, Epoch epoch, boolean sequencer) {
    var asked = List.<Request>of();
    var barriers = List.<Long>of();
    var forwards = Forwards.NONE;
    switch (role) {
      case Follower follower -> {
        forwards = follower.forwards().renewed(turn);
        asked = forwards.requests();
        barriers = forwards.barriers();
      }
      case Recovery recovery when sequencer -> {
        asked = recovery.asked();
        barriers = recovery.barriers();
      }
      case Recovery recovery -> recovery.leave(turn);
      case Sequencer current -> current.leave(turn);
    }
    turn.epoch = epoch;
    if (sequencer) {
      Recovery.begin(turn, asked, barriers);
    } else {
      turn.role = Follower.beginning(forwards);
    }
  }

  private void received(Turn turn, Input input, PeerMessage message) {
    var order = message.sender().epoch().compareTo(turn.epoch);
    if (order > 0 && fromSequencer(message)) {
      enter(turn, message.sender().epoch(), false);
    }
    var known = order == 0 || (order > 0 && (fromSequencer(message) || answers(message)));
    if (known) {
      turn.role.take(turn, input);
    }
  }

  /** Whether only the sequencer of its epoch sends it to one who has not heard of that epoch. */
  private static boolean fromSequencer(PeerMessage message) {
    return switch (message) {
      case PeerMessage.Append append -> true;
      case PeerMessage.SnapshotOffer offer -> true;
      case PeerMessage.Pull pull -> true;
      case PeerMessage.Inquire inquire -> true;
      case PeerMessage.Appended other -> false;
      case PeerMessage.Behind other -> false;
      case PeerMessage.FetchChunk other -> false;
      case PeerMessage.Chunk other -> false;
      case PeerMessage.Inquired other -> false;
      case PeerMessage.Forward other -> false;
      case PeerMessage.ForwardBarrier other -> false;
      case PeerMessage.Answered other -> false;
    };
  }

  private boolean answers(PeerMessage message) {
    return message instanceof PeerMessage.Answered && role instanceof Follower;
  }

  /** How often it needs an {@link Input.Tick}. */
  public Duration tickEvery() {
    return share
        .group()
        .filter(group -> group.spec().replication() == Replication.ASYNC)
        .map(group -> group.spec().interval())
        .filter(interval -> interval.compareTo(TICK) < 0)
        .orElse(TICK);
  }

  /** A request that a client asks of this copy, under a ticket that was never used before. */
  public Request request(long ticket, Optional<RequestId> id, Bytes command) {
    return new Request(self.origin(ticket), id, command);
  }

  /**
   * The same of a request with a name.
   *
   * @param again the client has sent it before
   */
  public Request request(long ticket, RequestId id, Bytes command, boolean again) {
    return new Request(self.origin(ticket), Optional.of(id), command, again);
  }

  /** The same of a module that is registered in another style by now. */
  public Replica as(ReplicationStyle style) {
    return new Replica(self.as(style), share, role, leased, stay);
  }

  public Self self() {
    return self;
  }

  /** The highest that it has heard of. */
  public Epoch epoch() {
    return share.epoch();
  }

  /** Whether it numbers updates. */
  public boolean sequencing() {
    return role instanceof Sequencer;
  }

  /** Whether it is the sequencer, and still gathers what there is. */
  public boolean recovering() {
    return role instanceof Recovery;
  }

  /** As last recorded by the ReplicaManager. */
  public boolean inSync() {
    return share
        .group()
        .flatMap(group -> group.member(self.copy()))
        .filter(me -> me.run() == self.run() && me.inSync())
        .isPresent();
  }

  /** The last update it has. */
  public Position end() {
    return share.log().end();
  }

  /** The sequence of the last update that it knows to be committed. */
  public long commit() {
    return share.commit();
  }

  /** The sequence of the last update that the module has been given or has decided. */
  public long applied() {
    return share.applied();
  }

  /** About what its log takes, in bytes. */
  public long logBytes() {
    return share.log().bytes();
  }

  /** The snapshot that it stores at the Checkpoint Server just now, whose file must be there. */
  Optional<Position> saving() {
    return role instanceof Sequencer sequencer ? sequencer.saving() : Optional.empty();
  }

  /** Its log, for tests and for whoever shows it: the updates it has from a sequence on. */
  List<Update> updatesAfter(long sequence) {
    var from = Math.max(sequence, share.log().base().sequence());
    return share.log().slice(from, share.log().last());
  }

  CopyId copy() {
    return self.copy();
  }
}
