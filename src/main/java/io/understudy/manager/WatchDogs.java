package io.understudy.manager;

import io.understudy.table.HostRow;
import io.understudy.watchdog.WatchDogProtocol;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;

/** The WatchDogs' references, kept in the table as text so that a new manager can order at once. */
final class WatchDogs {
  private final ActorRefResolver resolver;
  private final Map<String, ActorRef<WatchDogProtocol.Command>> known = new HashMap<>();

  WatchDogs(ActorSystem<?> system) {
    resolver = ActorRefResolver.get(system);
  }

  String text(ActorRef<WatchDogProtocol.Command> watchDog) {
    return resolver.toSerializationFormat(watchDog);
  }

  ActorRef<WatchDogProtocol.Command> ref(HostRow row) {
    return known.computeIfAbsent(row.watchDog(), resolver::resolveActorRef);
  }
}
