package io.understudy.manager;

import io.understudy.manager.ManagerProtocol.Accepted;
import io.understudy.manager.ManagerProtocol.Unavailable;
import io.understudy.model.HostId;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The ReplicaManager's answers in words. */
final class Answers {
  private Answers() {}

  static Accepted accepted(ReplicationTable before, ReplicationTable after, Change change) {
    return switch (change) {
      case Change.Register c ->
          new Accepted(
              after.version(), before.module(c.spec().module()).isEmpty(), c.spec().warning());
      default -> new Accepted(after.version(), false, Optional.empty());
    };
  }

  static Unavailable inDoubt(String reason) {
    return new Unavailable(
        "the change may or may not hold; look at the table, or repeat it: repeating is safe (%s)"
            .formatted(reason));
  }

  static WatchDogProtocol.DeclaredDead declaredDead(HostId host, String incarnation) {
    return new WatchDogProtocol.DeclaredDead(
        incarnation, "host %s was declared dead and its copies were replaced".formatted(host));
  }

  static WatchDogProtocol.NameTaken nameTaken(
      WatchDogProtocol.HostUp up, Optional<HostRow> holder) {
    var at = holder.map(HostRow::address).orElse("another address");
    return new WatchDogProtocol.NameTaken(
        up.incarnation(),
        "host name %s is in use by the node at %s; give the node at %s another understudy.host"
            .formatted(up.host(), at, up.address()));
  }

  /** The one line that the log has of a decision. */
  static String logLine(TableEvent event) {
    var subject =
        Stream.of(
                event.copyId().map(Object::toString).or(() -> event.module().map(Object::toString)),
                event.hostId().map(host -> "on " + host))
            .flatMap(Optional::stream)
            .collect(Collectors.joining(" "));
    return "%s %s: %s".formatted(event.getClass().getSimpleName(), subject, event.reason());
  }
}
