package io.understudy.superwatchdog;

import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import java.net.SocketAddress;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a SuperWatchDog finds on its node.
 *
 * @param clock monotonic, in nanoseconds
 * @param isMember whether a node is in the cluster, given those that are
 */
record Surroundings(
    LongSupplier clock, Opening opening, BiPredicate<Set<String>, String> isMember) {

  /** How it speaks to those who do not have actors for it. */
  interface Voice extends AutoCloseable {
    void tell(PulseMessage message, SocketAddress to);

    @Override
    void close();
  }

  /** Opens a voice; what it hears comes as commands. */
  interface Opening {
    Voice open(ActorRef<Command> self);
  }
}
