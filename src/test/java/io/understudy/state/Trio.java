package io.understudy.state;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.Replication;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.model.StateGroup.Member;
import io.understudy.model.StateSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Three copies whose messages arrive at once and in order, and a module that numbers its commands.
 */
final class Trio {
  static final ModuleId MODULE = new ModuleId("A");
  static final CopyId A1 = new CopyId(MODULE, 1);
  static final CopyId A2 = new CopyId(MODULE, 2);
  static final CopyId A3 = new CopyId(MODULE, 3);
  static final List<CopyId> COPIES = List.of(A1, A2, A3);

  final Map<CopyId, Replica> replicas = new HashMap<>();
  final Map<CopyId, List<Output>> outputs = new HashMap<>();
  final Map<CopyId, Integer> module = new HashMap<>();
  private final List<Runnable> mail = new ArrayList<>();
  Duration now = Duration.ofSeconds(1);
  StateSpec spec = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
  long configuration;
  List<CopyId> deaf = List.of();
  int replyLength;

  Trio(ReplicationStyle style) {
    for (var copy : COPIES) {
      replicas.put(copy, Replica.create(new Self(copy, 1, style, Self.Follows.DECISIONS)));
      outputs.put(copy, new ArrayList<>());
      module.put(copy, 0);
    }
  }

  Trio with(Replication replication) {
    spec = spec.withReplication(replication);
    return this;
  }

  /** Orders everybody. */
  Trio order(long epoch, CopyId sequencer, CopyId... inSync) {
    configuration++;
    var members =
        COPIES.stream()
            .map(
                copy ->
                    new Member(
                        copy,
                        1,
                        new HostId("H" + copy.number()),
                        "",
                        List.of(inSync).contains(copy)))
            .toList();
    var group = new StateGroup(configuration, spec, sequencer, members);
    COPIES.forEach(copy -> give(copy, new Input.Ordered(new Epoch(epoch), group)));
    return deliver();
  }

  Trio ask(CopyId copy, long ticket, String client, long number) {
    return hand(copy, ticket, client, number).deliver();
  }

  /** What follows is not delivered yet. */
  Trio hand(CopyId copy, long ticket, String client, long number) {
    var id = Optional.of(new RequestId(client, number));
    var request = replicas.get(copy).request(ticket, id, Bytes.utf8(client + number));
    give(copy, new Input.Ask(List.of(request)));
    return this;
  }

  /** A1 sends no updates, but a snapshot of 10 bytes. */
  Trio offer(CopyId to, Position at) {
    var sender = new PeerMessage.Sender(at.epoch(), A1, 1);
    give(to, new Input.Received(new PeerMessage.SnapshotOffer(sender, at, 10)));
    return deliver();
  }

  Trio pass(long millis) {
    for (var left = millis; left > 0; left -= 50) {
      now = now.plusMillis(Math.min(left, 50));
      COPIES.forEach(copy -> give(copy, new Input.Tick()));
      deliver();
    }
    return this;
  }

  Trio deaf(CopyId... copies) {
    deaf = List.of(copies);
    return this;
  }

  Trio deliver() {
    while (!mail.isEmpty()) {
      mail.removeFirst().run();
    }
    return this;
  }

  void give(CopyId copy, Input input) {
    var step = replicas.get(copy).decide(input, now);
    replicas.put(copy, step.replica());
    outputs.get(copy).addAll(step.outputs());
    step.outputs().forEach(output -> follow(copy, output));
  }

  private void follow(CopyId copy, Output output) {
    switch (output) {
      case Output.Send(var to, var message) when !deaf.contains(to) && !deaf.contains(copy) ->
          mail.add(() -> give(to, new Input.Received(message)));
      case Output.Decide(var generation, var requests) -> {
        var decisions =
            requests.stream()
                .map(one -> new Decision(Optional.of(one.command()), counted(copy)))
                .toList();
        mail.add(() -> give(copy, new Input.Decided(generation, decisions)));
      }
      case Output.Apply(var updates) -> module.merge(copy, updates.size(), Integer::sum);
      case Output.Install install -> module.put(copy, 0);
      default -> {}
    }
  }

  private Bytes counted(CopyId copy) {
    var number = "" + module.merge(copy, 1, Integer::sum);
    return Bytes.utf8(number + " ".repeat(Math.max(0, replyLength - number.length())));
  }

  /** What this ticket was answered, all of it. */
  List<Reply> answers(CopyId copy, long ticket) {
    return outputs.get(copy).stream()
        .filter(Output.Answer.class::isInstance)
        .map(Output.Answer.class::cast)
        .filter(answer -> answer.ticket() == ticket)
        .map(Output.Answer::reply)
        .toList();
  }

  <T extends Output> List<T> said(CopyId copy, Class<T> kind) {
    return outputs.get(copy).stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
