package io.understudy.manager;

import io.understudy.model.HostId;
import io.understudy.table.HostRow;
import io.understudy.watchdog.WatchDogProtocol;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * The ways to the WatchDogs. Their references are kept in the table as text so that a new manager
 * can order at once. One that has spoken by a {@link Detour} is answered by it as well, for a
 * while: it does not reach this host, so this host hardly reaches it.
 */
final class WatchDogs {
  /** A WatchDog that must go round says so more often. */
  private static final Duration DETOUR = Duration.ofSeconds(5);

  private final ActorRefResolver resolver;
  private final Map<String, ActorRef<WatchDogProtocol.Command>> known = new HashMap<>();
  private final Map<HostId, Way> detours = new HashMap<>();

  private record Way(ActorRef<Detour.Message> by, Instant until) {}

  WatchDogs(ActorSystem<?> system) {
    resolver = ActorRefResolver.get(system);
  }

  String text(ActorRef<WatchDogProtocol.Command> watchDog) {
    return resolver.toSerializationFormat(watchDog);
  }

  ActorRef<WatchDogProtocol.Command> ref(HostRow row) {
    return known.computeIfAbsent(row.watchDog(), resolver::resolveActorRef);
  }

  /** This host's WatchDog spoke by a detour. */
  void spoke(HostId host, ActorRef<Detour.Message> by, Instant now) {
    detours.put(host, new Way(by, now.plus(DETOUR)));
  }

  void tell(
      HostId host,
      ActorRef<WatchDogProtocol.Command> watchDog,
      WatchDogProtocol.FromManager message,
      Instant now) {
    watchDog.tell(message);
    @Nullable Way detour = detours.get(host);
    if (detour == null) {
      return;
    }
    if (detour.until().isAfter(now)) {
      detour.by().tell(new Detour.ToWatchDog(watchDog, message));
    } else {
      detours.remove(host);
    }
  }
}
