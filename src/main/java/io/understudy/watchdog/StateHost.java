package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.PeerMessage;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where the copies with state of a host are found by those of other hosts and by clients; see
 * {@link #NAME}. It passes on, and answers for copies that are not here.
 */
public final class StateHost {
  /** Under {@code /user} of every node that hosts copies. */
  public static final String NAME = "states";

  /**
   * From one copy to another.
   *
   * @param run of the copy it is for: another run of it must not take it for its own
   */
  record Peer(CopyId to, long run, PeerMessage message) {}

  /** This run is here. */
  record Here(CopyId copy, long run, ActorRef<StateCopyProtocol.Command> state) {}

  private final ActorContext<Object> context;
  private final HostId host;
  private final Map<CopyId, Here> here = new HashMap<>();

  private StateHost(ActorContext<Object> context, HostId host) {
    this.context = context;
    this.host = host;
  }

  /** It takes {@link ModuleCall}s of clients, what its peers send, and what the WatchDog says. */
  public static Behavior<Object> create(HostId host) {
    return Behaviors.supervise(
            Behaviors.setup(
                (ActorContext<Object> context) -> new StateHost(context, host).passing()))
        .onFailure(SupervisorStrategy.resume()); // it knows who is here
  }

  private Behavior<Object> passing() {
    return Behaviors.receive(Object.class)
        .onAnyMessage(
            message -> {
              receive(message);
              return Behaviors.same();
            })
        .onSignal(
            Terminated.class,
            end -> {
              here.values().removeIf(copy -> copy.state().path().equals(end.getRef().path()));
              return Behaviors.same();
            })
        .build();
  }

  private void receive(Object message) {
    switch (message) {
      case Peer(var to, var run, var peer) -> {
        var copy = here.get(to);
        if (copy != null && copy.run() == run) {
          copy.state().tell(new StateCopyProtocol.FromPeer(peer));
        }
      }
      case ModuleCall call -> {
        var copy = here.get(call.copy());
        if (copy == null) {
          notHere(call);
        } else {
          copy.state().tell(new StateCopyProtocol.FromClient(call));
        }
      }
      case Here copy -> {
        here.put(copy.copy(), copy);
        context.watch(copy.state());
      }
      default -> context.getLog().warn("{} is not for copies", message.getClass());
    }
  }

  private void notHere(ModuleCall call) {
    var reason = "copy %s does not run on %s".formatted(call.copy(), host);
    call.replyTo()
        .tell(
            new CallAnswers(
                call.requests().stream()
                    .<CallAnswer>map(
                        asked -> new CallAnswer.NotPrimary(asked.id(), call.copy(), reason))
                    .toList()));
  }
}
