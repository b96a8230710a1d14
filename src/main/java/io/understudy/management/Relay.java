package io.understudy.management;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.RootActorPath;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamRefs;
import org.apache.pekko.util.ByteString;

/**
 * Passes a call on to the manager's node and its answer back.
 *
 * <p>Over the cluster's remoting, not over HTTP: management is bound to loopback unless its
 * operator says otherwise, and each node knows only its own token. The node that was asked checks
 * the token; the one that answers never passes a call on again. Where the two do not reach each
 * other, a third one passes it on, once.
 */
final class Relay {
  static final String NAME = "understudy-management";
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Well below the frame size of remoting. */
  private static final int PART = 128 << 10;

  private Relay() {}

  /** What the relays of two nodes say to each other. */
  interface Message {}

  /**
   * Answer this call, which its own node could not.
   *
   * @param onward or pass it on to the node that can, which its own does not reach
   */
  record Pass(
      String method,
      List<String> path,
      Map<String, String> query,
      String accept,
      String body,
      boolean repeated,
      boolean onward,
      ActorRef<Passed> replyTo)
      implements Message {
    Call call() {
      return new Call(method, path, query, accept, "", body, repeated);
    }
  }

  /** The answer. */
  sealed interface Passed extends Message {
    Answer answer();
  }

  /** An answer that fits into one message. */
  record PassedWhole(int status, String contentType, Map<String, String> headers, String text)
      implements Passed {
    @Override
    public Answer answer() {
      var body = new Answer.Body.Whole(ByteString.fromString(text));
      return new Answer(status, contentType, headers, body);
    }
  }

  /** An answer whose body follows as it is read. */
  record PassedStream(
      int status, String contentType, Map<String, String> headers, SourceRef<ByteString> body)
      implements Passed {
    @Override
    public Answer answer() {
      return new Answer(status, contentType, headers, new Answer.Body.Stream(body.getSource()));
    }
  }

  static Behavior<Message> create(ManagementApi api) {
    return Behaviors.setup(
        context ->
            Behaviors.receive(Message.class)
                .onMessage(Pass.class, pass -> answering(context, api, pass))
                .build());
  }

  private static Behavior<Message> answering(
      ActorContext<Message> context, ManagementApi api, Pass pass) {
    var answered = pass.onward() ? api.answerOrPassOn(pass.call()) : api.answerHere(pass.call());
    answered.thenAccept(answer -> pass.replyTo().tell(passed(context.getSystem(), answer)));
    return Behaviors.same();
  }

  private static Passed passed(ActorSystem<?> system, Answer answer) {
    return switch (answer.body()) {
      case Answer.Body.Whole whole when whole.bytes().size() <= PART ->
          new PassedWhole(
              answer.status(), answer.contentType(), answer.headers(), whole.bytes().utf8String());
      case Answer.Body.Whole whole -> stream(system, answer, inParts(whole.bytes()));
      case Answer.Body.Stream stream -> stream(system, answer, stream.source());
    };
  }

  private static Passed stream(
      ActorSystem<?> system, Answer answer, Source<ByteString, NotUsed> body) {
    return new PassedStream(
        answer.status(),
        answer.contentType(),
        answer.headers(),
        body.runWith(StreamRefs.sourceRef(), system));
  }

  private static Source<ByteString, NotUsed> inParts(ByteString bytes) {
    return Source.unfold(
        bytes,
        rest ->
            rest.isEmpty()
                ? Optional.empty()
                : Optional.of(Pair.create(rest.drop(PART), rest.take(PART))));
  }

  /**
   * Has the call answered on another node; fails when nobody answers there.
   *
   * @param onward or on the manager's, if that node reaches it
   */
  static CompletionStage<Answer> pass(
      ActorSystem<?> system, Address node, Call call, boolean onward) {
    var path = new RootActorPath(node, "/").child("system").child(NAME);
    return Adapter.toClassic(system)
        .actorSelection(path)
        .resolveOne(PATIENCE)
        .thenCompose(
            found ->
                AskPattern.<Message, Passed>ask(
                    Adapter.toTyped(found),
                    replyTo ->
                        new Pass(
                            call.method(),
                            call.path(),
                            call.query(),
                            call.accept(),
                            call.body(),
                            call.repeated(),
                            onward,
                            replyTo),
                    PATIENCE,
                    system.scheduler()))
        .thenApply(Passed::answer);
  }
}
