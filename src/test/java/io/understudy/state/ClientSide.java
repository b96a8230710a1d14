package io.understudy.state;

import io.understudy.model.CopyId;
import java.util.Optional;

/** A client with one request at a time, which it repeats until it has an answer. */
final class ClientSide {
  private static final int PATIENCE = 250_000;

  private final GroupSimulation world;
  private final String name;
  private long number;
  private long attempt;
  private boolean again;
  private boolean repeated;
  private Call call;

  /**
   * @param floor what had been acknowledged to anybody when it was asked first
   */
  record Call(
      ClientSide client,
      Optional<RequestId> id,
      String command,
      boolean read,
      long floor,
      long era,
      long number) {}

  ClientSide(GroupSimulation world, String name) {
    this.world = world;
    this.name = name;
  }

  void next() {
    number++;
    call = null;
    again = false;
    if (world.winding()) {
      return;
    }
    var read = world.random.nextInt(4) == 0;
    var named = world.random.nextInt(20) > 0;
    var id = named ? Optional.of(new RequestId(name, number)) : Optional.<RequestId>empty();
    var maybe = named && number % 4 == 0 ? "maybe " : "";
    var command = (read ? "read " : named ? maybe : "?") + name + "#" + number;
    call = new Call(this, id, command, read, world.judge.acknowledged(), world.judge.era(), number);
    send();
  }

  private void send() {
    var mine = ++attempt;
    var sent = call;
    var to = world.manager.target(world.random);
    var before = again;
    repeated = before;
    again = true;
    world.send(GroupSimulation.once(() -> arrive(to, sent, before)));
    world.after(PATIENCE, () -> impatient(mine));
  }

  private void arrive(CopyId to, Call sent, boolean before) {
    var copy = world.copies.get(to);
    if (copy != null) {
      copy.ask(sent, before);
    }
  }

  private void impatient(long mine) {
    if (call != null && mine == attempt) {
      if (call.id().isPresent()) {
        send();
      } else {
        next(); // it will never know
      }
    }
  }

  void answered(CopySide by, Call asked, Reply reply) {
    if (asked.number() != number || call == null) {
      return;
    }
    switch (reply) {
      case Reply.Done done when !done.kept() && repeated && world.keepsAnswers() -> {}
      case Reply.Done done -> {
        world.judge.answered(by, asked, done);
        call = null;
        attempt++;
        world.after(2_000 + world.random.nextInt(50_000), this::next);
      }
      case Reply.NotPrimary not -> again();
      case Reply.Overloaded full -> again();
      case Reply.Refused refused -> {
        world.judge.refused(asked, refused);
        next();
      }
    }
  }

  private void again() {
    var mine = ++attempt;
    if (call.id().isEmpty()) {
      world.after(5_000, this::next);
    } else {
      world.after(20_000, () -> impatient(mine));
    }
  }

  boolean waits() {
    return call != null;
  }
}
