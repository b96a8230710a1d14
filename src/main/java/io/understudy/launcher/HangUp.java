package io.understudy.launcher;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.actor.ExtensionId;
import org.apache.pekko.actor.ExtensionIdProvider;
import org.apache.pekko.io.TcpMessage;

/**
 * Lets an actor system with TLS end. One time in thirty its remoting waits for ever: a control
 * stream ends as one that has said all it had to say, by TLS that is no reason to close the
 * connection, and the peer does not close it either. (Pekko 2 waits for 10 s at most, see
 * apache/pekko#3317.) So what is still open after a while is closed.
 */
public final class HangUp extends AbstractExtensionId<HangUp.Extended>
    implements ExtensionIdProvider {
  /** Twice what remoting takes at most to say good-bye; also from one try to the next. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final String CONNECTIONS = "/system/IO-TCP/selectors/*/*";

  /** Nothing is asked of it: what it does, it does at the end. */
  static final class Extended implements Extension {}

  /** By Pekko, which has read its name in {@code understudy-tls.conf}. */
  public HangUp() {}

  @Override
  public ExtensionId<Extended> lookup() {
    return this;
  }

  @Override
  public Extended createExtension(ExtendedActorSystem system) {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseActorSystemTerminate(),
            "hang-up",
            () -> {
              later(system);
              return CompletableFuture.completedFuture(Done.getInstance());
            });
    return new Extended();
  }

  private static void later(ActorSystem system) {
    CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (!system.whenTerminated().isCompleted()) {
                now(system);
                later(system);
              }
            });
  }

  /** Closes all connections of this system. */
  static void now(ActorSystem system) {
    system.actorSelection(CONNECTIONS).tell(TcpMessage.abort(), ActorRef.noSender());
  }
}
