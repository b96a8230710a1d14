package io.understudy.superwatchdog;

import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.apache.pekko.actor.typed.ActorRef;

/** A {@link PulsePort} whose ear is an actor. */
final class PulseVoice implements Surroundings.Voice {
  private final PulsePort port;

  private PulseVoice(PulsePort port) {
    this.port = port;
  }

  static Surroundings.Voice open(InetSocketAddress at, Seal seal, ActorRef<Command> ear) {
    try {
      return new PulseVoice(new PulsePort(at, seal, new Ear(ear)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no heartbeats can be heard at %s: set understudy.pulse-port to a port that is free there"
              .formatted(at),
          e);
    }
  }

  @Override
  public void tell(PulseMessage message, SocketAddress to) {
    port.tell(message, to);
  }

  @Override
  public void close() {
    port.close();
  }

  private record Ear(ActorRef<Command> actor) implements PulsePort.Ear {
    @Override
    public void heard(PulseMessage message, SocketAddress from) {
      actor.tell(new SuperWatchDog.Heard(message, from));
    }

    @Override
    public void lifelineOpened(String node) {
      actor.tell(new SuperWatchDog.Lifeline(node, true));
    }

    @Override
    public void lifelineClosed(String node) {
      actor.tell(new SuperWatchDog.Lifeline(node, false));
    }
  }
}
