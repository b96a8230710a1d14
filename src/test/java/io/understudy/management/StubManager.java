package io.understudy.management;

import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.model.HostId;
import io.understudy.table.Change;
import io.understudy.table.Decision;
import io.understudy.table.ReplicationTable;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Keeps a table in memory, by the rules of the pure core. */
final class StubManager {
  private final HostId host;
  private volatile ReplicationTable table = ReplicationTable.EMPTY;
  private volatile Optional<String> unavailable = Optional.empty();
  private volatile boolean silent;

  StubManager(HostId host) {
    this.host = host;
  }

  void is(ReplicationTable now) {
    table = now;
  }

  ReplicationTable table() {
    return table;
  }

  void unavailable(Optional<String> reason) {
    unavailable = reason;
  }

  void silent(boolean yes) {
    silent = yes;
  }

  Behavior<Command> behavior() {
    return Behaviors.receive(Command.class)
        .onAnyMessage(
            command -> {
              if (!silent) {
                answer(command);
              }
              return Behaviors.same();
            })
        .build();
  }

  private void answer(Command command) {
    switch (command) {
      case ManagerProtocol.WhereIs c ->
          c.replyTo().tell(new ManagerProtocol.Location(host, "-", unavailable));
      case ManagerProtocol.GetTable c ->
          c.replyTo().tell(new ManagerProtocol.Table(host, table, unavailable));
      case ManagerProtocol.Register c ->
          c.replyTo().tell(decide(new Change.Register(c.spec(), c.running())));
      case ManagerProtocol.Switchover c ->
          c.replyTo().tell(decide(new Change.Switchover(c.module(), c.to(), c.from())));
      case ManagerProtocol.Drain c -> c.replyTo().tell(decide(new Change.Drain(c.host())));
      case ManagerProtocol.Resume c -> c.replyTo().tell(decide(new Change.Resume(c.host())));
      case ManagerProtocol.Deregister c ->
          c.replyTo().tell(decide(new Change.Deregister(c.module())));
      default -> throw new AssertionError("unexpected: " + command);
    }
  }

  private ManagerProtocol.Reply decide(Change change) {
    return switch (table.decide(change, Tables.NOW)) {
      case Decision.Refused refused -> new ManagerProtocol.Refused(refused.reason());
      case Decision.Accepted accepted -> {
        var before = table;
        table = table.evolve(accepted.events());
        yield change instanceof Change.Register register
            ? new ManagerProtocol.Accepted(
                table.version(),
                before.module(register.spec().module()).isEmpty(),
                register.spec().warning())
            : new ManagerProtocol.Accepted(table.version(), false, Optional.empty());
      }
    };
  }
}
