package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import io.understudy.state.PeerMessage.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One step in the making: what the copy has by now, and what is to be done about it.
 *
 * <p>It lives within one {@link Replica#decide}, so that its parts can each do theirs in order.
 */
final class Turn {
  final Self self;
  final boolean leased;
  final boolean leaving; // it takes nothing new, and stores what it has
  final Duration now;
  final List<Output> outputs = new ArrayList<>();
  Role role;
  Epoch epoch;
  Optional<StateGroup> group;
  StateLog log;
  long commit;
  long applied;
  ClientTable clients;
  Snapshots snapshots;
  long generation;

  Turn(Self self, Share share, Role role, boolean leased, boolean leaving, Duration now) {
    this.self = self;
    this.leased = leased;
    this.leaving = leaving;
    this.now = now;
    this.role = role;
    epoch = share.epoch();
    group = share.group();
    log = share.log();
    commit = share.commit();
    applied = share.applied();
    clients = share.clients();
    snapshots = share.snapshots();
    generation = share.generation();
  }

  Share share() {
    return new Share(epoch, group, log, commit, applied, clients, snapshots, generation);
  }

  void emit(Output output) {
    outputs.add(output);
  }

  void send(CopyId to, PeerMessage message) {
    outputs.add(new Output.Send(to, message));
  }

  void answer(long ticket, Reply reply) {
    outputs.add(new Output.Answer(ticket, reply));
  }

  /** To whoever waits, here or at another copy. */
  void reply(Origin origin, Reply reply) {
    if (self.is(origin)) {
      answer(origin.ticket(), reply);
    } else {
      send(origin.copy(), new PeerMessage.Answered(sender(), origin, reply));
    }
  }

  void refuse(List<Request> requests, Reply reply) {
    requests.forEach(request -> answer(request.origin().ticket(), reply));
  }

  Sender sender() {
    return new Sender(epoch, self.copy(), self.run());
  }

  boolean hot() {
    return self.style() == ReplicationStyle.HOT;
  }

  boolean decides() {
    return self.module() == Self.Follows.DECISIONS;
  }

  boolean sequencerIs(CopyId copy) {
    return group.isPresent() && group.get().sequencer().equals(copy);
  }

  /** The living members but this copy. */
  List<Member> others() {
    return group.stream()
        .flatMap(known -> known.members().stream())
        .filter(member -> !member.copy().equals(self.copy()))
        .toList();
  }

  /** Whether this run is a member. */
  boolean living(Sender sender) {
    return group
        .flatMap(known -> known.member(sender.copy()))
        .filter(member -> member.run() == sender.run())
        .isPresent();
  }

  /** Whether this run of the copy is in sync, as recorded. */
  boolean inSync() {
    return group
        .flatMap(known -> known.member(self.copy()))
        .filter(me -> me.run() == self.run() && me.inSync())
        .isPresent();
  }

  /** Gives the module what it has not been given, up to there. */
  void applyUpTo(long sequence) {
    if (sequence > applied) {
      var updates = log.slice(applied, sequence);
      emit(new Output.Apply(updates));
      clients = clients.plus(updates);
      applied = sequence;
    }
  }

  /** More is committed; those who wait here for these updates are answered. */
  void commitUpTo(long sequence) {
    var before = commit;
    commit = sequence;
    applyUpTo(sequence);
    for (var next = before + 1; next <= sequence; next++) {
      var update = log.get(next);
      if (update.origin().isPresent() && self.is(update.origin().get())) {
        answer(update.origin().get().ticket(), new Reply.Done(update.at(), update.reply(), false));
      }
    }
    snapshots = snapshots.settled(sequence);
  }

  /** What comes after is not in the sequencer's log; the module goes back if it has had it. */
  void cutTo(long sequence) {
    log = log.upTo(sequence);
    snapshots = snapshots.upTo(sequence);
    commit = Math.min(commit, sequence);
    if (applied > sequence) {
      restore();
    }
  }

  /**
   * The module goes back to the newest snapshot, and on to what is committed. An older one, were it
   * the log's base, might be deleted before the module has read it.
   */
  void restore() {
    var from = snapshots.newest().map(Snapshots.Held::at).orElse(log.base());
    emit(new Output.Install(from));
    clients = snapshots.clientsAt(from);
    applied = from.sequence();
    generation++;
    snapshots = snapshots.interrupted();
    commit = Math.max(commit, applied);
    applyUpTo(commit);
  }

  /** Another history takes the place of the log and of the module's state. */
  void replace(SnapshotHeader header, long bytes) {
    log = StateLog.startingAt(header.at());
    snapshots = snapshots.only(header, bytes);
    commit = log.last();
    restore();
  }
}
