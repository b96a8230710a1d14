package io.understudy.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.ConfigFactory;
import io.understudy.Await;
import io.understudy.client.RequestFailed.Outcome;
import io.understudy.manager.Detour;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Primaries;
import io.understudy.manager.ManagerProtocol.Primary;
import io.understudy.manager.ManagerProtocol.WatchPrimaries;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.JacksonCodec;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a reference sends, and to whom, over real remoting addresses. */
class ModuleRefTest {
  /** So that there is always one on its way that is not held. */
  private static final int MORE_THAN_ARE_HELD = 12_000;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ActorTestKit kit =
      ActorTestKit.create(
          "understudy",
          ConfigFactory.parseString(
                  "pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }")
              .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
              .withFallback(ConfigFactory.load())
              .resolve());
  private final TestProbe<ManagerProtocol.Command> manager = kit.createTestProbe();
  private final TestProbe<ModuleCall> states = kit.createTestProbe();

  private ActorRef<ModuleCall> here;
  private ModuleRef<String, Integer> module;

  @BeforeEach
  void start() {
    here = kit.spawn(passingTo(states.ref()), "states");
    module = module(RequestLimits.DEFAULT);
  }

  private ModuleRef<String, Integer> module(RequestLimits limits) {
    return UnderstudyClient.create(kit.system(), manager.ref(), PATIENCE)
        .module(new ModuleId("A"), JacksonCodec.calls(String.class, Integer.class), limits);
  }

  private static Behavior<ModuleCall> passingTo(ActorRef<ModuleCall> probe) {
    return Behaviors.receiveMessage(
        call -> {
          probe.tell(call);
          return Behaviors.same();
        });
  }

  @AfterEach
  void end() {
    kit.shutdownTestKit();
  }

  private String address() {
    var self = Cluster.get(kit.system()).selfMember().address();
    return self.getHost().get() + ":" + self.getPort().get();
  }

  /** Answers the question who serves. */
  private void serves(long configuration, String copy) {
    serves(configuration, primary(copy, address()));
  }

  private static Primary primary(String copy, String address) {
    return new Primary(CopyId.parse(copy), 1, new HostId("H-" + copy), address);
  }

  private void serves(long configuration, Primary... primaries) {
    asked()
        .replyTo()
        .tell(
            new Primaries(
                new ModuleId("A"), new Epoch(configuration), configuration, List.of(primaries)));
  }

  private WatchPrimaries asked() {
    return manager.expectMessageClass(WatchPrimaries.class, PATIENCE);
  }

  private ModuleCall.Request sentTo(String copy) {
    var call = states.receiveMessage(PATIENCE);
    assertThat(call.copy()).isEqualTo(CopyId.parse(copy));
    return call.requests().getFirst();
  }

  private static ModuleCall.Request repeated(ModuleCall.Request request) {
    return new ModuleCall.Request(request.id(), request.command(), true);
  }

  private static CallAnswers reply(RequestId id, String text) {
    return new CallAnswers(List.of(new CallAnswer.Replied(id, Bytes.utf8(text))));
  }

  private static Throwable failure(CompletionStage<Integer> reply) {
    var thrown = catchThrowable(() -> reply.toCompletableFuture().get());
    return thrown.getCause();
  }

  @Test
  void whoIsNotAnsweredByTheManagerAsksByADetour() {
    var detour = kit.<Detour.Message>createTestProbe();
    var cutOff =
        UnderstudyClient.create(kit.system(), manager.ref(), () -> List.of(detour.ref()), PATIENCE)
            .module(new ModuleId("A"), JacksonCodec.calls(String.class, Integer.class));
    var reply = cutOff.ask("add");
    var question = detour.expectMessageClass(Detour.Question.class, PATIENCE);
    var serving =
        new Primaries(new ModuleId("A"), new Epoch(3), 3, List.of(primary("A1", address())));
    question.replyTo().tell(new Detour.Answered(serving));
    var call = states.receiveMessage(PATIENCE);
    call.replyTo().tell(reply(call.requests().getFirst().id(), "7"));
    assertThat(reply.toCompletableFuture().join()).isEqualTo(7);
    // it goes on to ask by the detour until the ReplicaManager itself answers
    assertThat(
            detour.expectMessageClass(Detour.Question.class, PATIENCE).asked().knownConfiguration())
        .isEqualTo(3);
  }

  @Test
  void howeverOftenItHasAskedByADetourItGoesOnWithOneQuestion() {
    var detour = kit.<Detour.Message>createTestProbe();
    var cutOff =
        UnderstudyClient.create(kit.system(), manager.ref(), () -> List.of(detour.ref()), PATIENCE)
            .module(new ModuleId("A"), JacksonCodec.calls(String.class, Integer.class));
    cutOff.ask("add");
    var questions =
        Stream.generate(() -> detour.expectMessageClass(Detour.Question.class, PATIENCE))
            .limit(20)
            .toList();
    var serving =
        new Primaries(new ModuleId("A"), new Epoch(3), 3, List.of(primary("A1", address())));
    questions.getFirst().replyTo().tell(new Detour.Answered(serving));
    var call = states.receiveMessage(PATIENCE);
    call.replyTo().tell(reply(call.requests().getFirst().id(), "7"));
    questions.forEach(question -> question.replyTo().tell(new Detour.Answered(serving)));
    cutOff.ask("more");
    states.receiveMessage(PATIENCE); // by then it has heard all of them
    var last = questions.getFirst();
    detour.ref().tell(last);
    var more =
        Stream.generate(() -> detour.receiveMessage(PATIENCE)).takeWhile(next -> next != last);
    assertThat(more.count()).isLessThan(questions.size());
  }

  @Test
  void aCommandGoesToThePrimaryAndItsReplyIsTyped() {
    var reply = module.ask("add");
    serves(1, "A1");
    var call = states.receiveMessage(PATIENCE);
    assertThat(call.requests().getFirst().command().utf8()).isEqualTo("\"add\"");
    call.replyTo().tell(reply(call.requests().getFirst().id(), "7"));
    assertThat(reply.toCompletableFuture().join()).isEqualTo(7);
  }

  /** The name of the thread on which whoever waits for it hears of it. */
  private static CompletableFuture<String> heardOn(CompletionStage<Integer> reply) {
    var thread = new CompletableFuture<String>();
    reply.whenComplete((value, failure) -> thread.complete(Thread.currentThread().getName()));
    return thread;
  }

  @Test
  void whoWaitsForAReplyOrAFailureDoesNotHoldUpTheThreadThatCarriesMessages() {
    var replied = module.ask("add");
    var hearsReply = heardOn(replied);
    serves(1, "A1");
    var call = states.receiveMessage(PATIENCE);
    var failed = module.ask("more");
    var hearsFailure = heardOn(failed);
    call.replyTo().tell(reply(call.requests().getFirst().id(), "7"));
    assertThat(hearsReply.join()).doesNotContain("state-dispatcher");
    module.close();
    assertThat(hearsFailure.join()).doesNotContain("state-dispatcher");
    assertThat(failure(failed)).isInstanceOf(RequestFailed.class);
  }

  @Test
  void aNewPrimaryGetsThePendingRequestWithTheSameId() {
    serves(1, "A1");
    var reply = module.ask("add");
    var first = sentTo("A1");
    assertThat(asked().knownConfiguration()).isEqualTo(1);
    module.ask("more");
    sentTo("A1");
    serves(2, "A2");
    var again = states.receiveMessage(PATIENCE);
    assertThat(again.copy()).isEqualTo(CopyId.parse("A2"));
    assertThat(again.requests()).contains(repeated(first));
    again.replyTo().tell(reply(first.id(), "8"));
    assertThat(reply.toCompletableFuture().join()).isEqualTo(8);
  }

  @Test
  void whatADeadHostHasNotAnsweredIsRepeatedOnceAtTheOtherPrimary() {
    asked(); // what the usual reference asks
    module.close();
    module = module(new RequestLimits(10, 2, PATIENCE, PATIENCE));
    var other = ActorTestKit.create("understudy", kit.system().settings().config());
    try {
      TestProbe<ModuleCall> there = other.createTestProbe();
      other.spawn(passingTo(there.ref()), "states");
      var far = Cluster.get(other.system()).selfMember().address();
      serves(
          1,
          primary("A1", address()),
          primary("A2", far.getHost().get() + ":" + far.getPort().get()));
      module.ask("add");
      var first = sentTo("A1");
      kit.stop(here);
      var again = there.receiveMessage(PATIENCE);
      assertThat(again.requests()).containsExactly(repeated(first));
      again.replyTo().tell(reply(first.id(), "8"));
      module.ask("more");
      var next = there.receiveMessage(PATIENCE);
      assertThat(next.requests()).as("nobody has said yet who serves").hasSize(1);
      assertThat(module.repeated()).isEqualTo(1);
    } finally {
      other.shutdownTestKit();
    }
  }

  @Test
  void whoWaitsAsksAgainWhoServesInCaseTheManagerIsGone() {
    assertThat(asked().knownConfiguration()).isZero();
    var reply = module.ask("add");
    assertThat(asked().knownConfiguration()).as("not answered").isZero();
    serves(1, "A1");
    sentTo("A1");
    assertThat(reply.toCompletableFuture()).isNotDone();
  }

  @Test
  void ofAModuleThatIsNotRegisteredTheAskerIsTold() {
    var reply = module.ask("add");
    asked().replyTo().tell(new ManagerProtocol.Refused("module A is not registered"));
    assertThat(failure(reply))
        .isInstanceOf(RequestFailed.class)
        .hasMessage("module A is not registered")
        .extracting(it -> ((RequestFailed) it).outcome())
        .isEqualTo(Outcome.NOT_DONE);
  }

  @Test
  void aReplyThatCannotBeReadFails() {
    serves(1, "A1");
    var reply = module.ask("add");
    var call = states.receiveMessage(PATIENCE);
    call.replyTo().tell(reply(call.requests().getFirst().id(), "seven"));
    assertThat(failure(reply)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aClosedReferenceGivesUp() {
    serves(1, "A1");
    var sent = module.ask("add");
    sentTo("A1");
    module.close();
    assertThat(failure(sent)).hasMessage("module A: its reference was closed");
    assertThat(failure(module.ask("add"))).hasMessage("module A: its reference was closed");
  }

  @Test
  void whoAsksWhileTheActorSystemEndsIsToldSo() throws InterruptedException {
    var room = new Semaphore(MORE_THAN_ARE_HELD);
    var waiting = ConcurrentHashMap.<CompletionStage<Integer>>newKeySet();
    var askers =
        Stream.generate(() -> Thread.ofPlatform().start(() -> ask(room, waiting)))
            .limit(4)
            .toList();
    Await.until(() -> assertThat(waiting).hasSizeGreaterThan(RequestLimits.DEFAULT.held() - 1));
    ActorTestKit.shutdown(kit.system(), PATIENCE);
    for (var asker : askers) {
      asker.interrupt();
      asker.join();
    }
    for (var reply : waiting) {
      assertThat(reply.toCompletableFuture())
          .failsWithin(PATIENCE)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(RequestFailed.class);
    }
  }

  /** Until it is told of the end; what has been answered makes room for more. */
  private void ask(Semaphore room, Set<CompletionStage<Integer>> waiting) {
    try {
      var ended = new AtomicBoolean();
      while (!ended.get()) {
        room.acquire();
        var reply = module.ask("add");
        waiting.add(reply);
        reply.whenComplete(
            (answer, failure) -> {
              ended.compareAndSet(false, failure.getMessage().contains("the actor system"));
              waiting.remove(reply);
              room.release();
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whoIsPatientForLongerThanAnyTimerIsToldSo() {
    assertThatThrownBy(() -> RequestLimits.DEFAULT.withPatience(ChronoUnit.FOREVER.getDuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 200 days");
    var longest = module(RequestLimits.DEFAULT.withPatience(Duration.ofDays(200)));
    asked(); // what the usual reference asks
    longest.ask("add");
    serves(1, "A1");
    sentTo("A1");
  }

  @Test
  void whoAsksWhenTheActorSystemHasEndedIsToldSo() {
    kit.shutdownTestKit();
    var reply = module.ask("add").toCompletableFuture();
    assertThat(reply)
        .failsWithin(PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(RequestFailed.class);
  }
}
