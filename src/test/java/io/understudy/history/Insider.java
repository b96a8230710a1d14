package io.understudy.history;

import io.understudy.model.CopyId;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.RequestId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A client that asks one copy of a {@link Tally}, whatever has become of that copy, and keeps what
 * it is answered.
 */
final class Insider {
  private final CopyId copy;
  private final ActorRef<ModuleCall> host;
  private final ActorRef<CallAnswers> answered;
  private final Map<RequestId, CallAnswer> answers = new HashMap<>();
  private long asked;

  /** Asks this copy on the host at this address. */
  Insider(ActorSystem<?> system, CopyId copy, String remoting) {
    this.copy = copy;
    host =
        ActorRefResolver.get(system)
            .resolveActorRef("pekko://%s@%s/user/states".formatted(system.name(), remoting));
    answered =
        system.systemActorOf(
            Behaviors.<CallAnswers>receiveMessage(
                message -> {
                  keep(message);
                  return Behaviors.same();
                }),
            "insider-" + copy,
            Props.empty());
  }

  private synchronized void keep(CallAnswers message) {
    message.answers().forEach(answer -> answers.putIfAbsent(answer.request(), answer));
  }

  /** One more; each by a client of its own, so that none is taken for a repetition. */
  synchronized RequestId ask(Tally.Command command) {
    var id = new RequestId("insider-%s-%d".formatted(copy, asked++), 1);
    host.tell(ModuleCall.of(copy, id, Tally.CODEC.encodeCommand(command), answered));
    return id;
  }

  synchronized List<CallAnswer> answers(List<RequestId> to) {
    var all = new ArrayList<CallAnswer>();
    to.forEach(id -> all.addAll(answers.containsKey(id) ? List.of(answers.get(id)) : List.of()));
    return all;
  }
}
