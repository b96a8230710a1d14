package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.Appended;
import io.understudy.state.PeerMessage.Sender;
import java.util.Map;

/** How messages reach a copy, and what sabotage makes of them. */
final class Wiring {
  private Wiring() {}

  static void deliver(GroupSimulation world, CopySide from, CopyId to, PeerMessage message) {
    var target = world.copies.get(to);
    if (target == null || !target.alive) {
      return;
    }
    switch (world.sabotage) {
      case EPOCHS_UNCHECKED -> target.give(new Input.Received(raised(target, message)));
      case ACKNOWLEDGED_BEFORE_APPENDED -> acknowledge(world, target, message);
      default -> target.give(new Input.Received(message));
    }
  }

  private static PeerMessage raised(CopySide target, PeerMessage message) {
    var sender = message.sender();
    var epoch = target.replica.epoch();
    if (sender.epoch().compareTo(epoch) >= 0) {
      return message;
    }
    return from(new Sender(epoch, sender.copy(), sender.run()), message);
  }

  private static PeerMessage from(Sender sender, PeerMessage message) {
    return switch (message) {
      case Append a -> new Append(sender, a.previous(), a.updates(), a.commit(), a.round());
      case Appended a -> new Appended(sender, a.end(), a.round());
      case PeerMessage.Behind b -> new PeerMessage.Behind(sender, b.lineage());
      default -> message;
    };
  }

  private static void acknowledge(GroupSimulation world, CopySide target, PeerMessage message) {
    if (message instanceof Append append
        && !append.updates().isEmpty()
        && append.sender().epoch().equals(target.replica.epoch())
        && !world.calm()) {
      var sender = new Sender(target.replica.epoch(), target.copy, target.run);
      var acknowledged = new Appended(sender, append.updates().getLast().at(), append.round());
      world.send(
          target.copy,
          append.sender().copy(),
          () -> deliverPlain(world, append.sender().copy(), acknowledged));
      if (world.random.nextBoolean()) {
        return;
      }
    }
    target.give(new Input.Received(message));
  }

  private static void deliverPlain(GroupSimulation world, CopyId to, PeerMessage message) {
    var target = world.copies.get(to);
    if (target != null) {
      target.give(new Input.Received(message));
    }
  }

  /** Whoever answers here answers too early. */
  static void decided(
      GroupSimulation world,
      CopySide copy,
      Map<Long, ClientSide.Call> calls,
      Request request,
      boolean read,
      long sequence) {
    var early =
        world.sabotage == (read ? Sabotage.READS_AT_ONCE : Sabotage.ANSWERED_BEFORE_COMMITTED);
    var origin = request.origin();
    if (early && origin.copy().equals(copy.copy) && calls.containsKey(origin.ticket())) {
      var call = calls.remove(origin.ticket());
      var reply = Bytes.utf8(read ? "" + sequence : call.command());
      var at = new Position(copy.replica.epoch(), sequence);
      call.client().answered(copy, call, new Reply.Done(at, reply, false));
    }
  }
}
