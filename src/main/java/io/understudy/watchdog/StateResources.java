package io.understudy.watchdog;

import io.understudy.checkpoint.Checkpoints;
import java.util.Optional;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What the copies with state of a host need.
 *
 * @param states the {@link StateHost} here
 * @param peers that of another host, by the address of its node's remoting
 * @param checkpoints empty on a node that knows of no Checkpoint Server
 */
public record StateResources(
    ActorRef<Object> states,
    Function<String, ActorRef<Object>> peers,
    Optional<Checkpoints> checkpoints) {

  /** Of a node in a cluster. */
  public static StateResources of(
      ActorSystem<?> system, ActorRef<Object> states, Optional<Checkpoints> checkpoints) {
    var resolver = ActorRefResolver.get(system);
    return new StateResources(
        states,
        address ->
            resolver.resolveActorRef(
                "pekko://%s@%s/user/%s".formatted(system.name(), address, StateHost.NAME)),
        checkpoints);
  }

  /** Of a host that runs no copies with state. */
  static StateResources none(ActorSystem<?> system) {
    return new StateResources(
        system.deadLetters(), address -> system.deadLetters(), Optional.empty());
  }
}
