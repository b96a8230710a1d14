package io.understudy.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.client.Requests.Output;
import io.understudy.client.Requests.Step;
import io.understudy.model.CopyId;
import io.understudy.model.ModuleId;
import io.understudy.module.CallAnswer;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.RequestId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is sent where, and what askers are told; no threads, no clock. */
class RequestsTest {
  private static final Target A1 = new Target(CopyId.parse("A1"), 1, "h1:17355");
  private static final Target A2 = new Target(CopyId.parse("A2"), 1, "h2:17355");
  private static final RequestLimits LIMITS =
      new RequestLimits(4, 2, Duration.ofSeconds(10), Duration.ofSeconds(1));

  private Requests<String> requests =
      Requests.none(new Requests.Terms(new ModuleId("A"), "c", LIMITS));
  private Duration now = Duration.ZERO;
  private final List<String> said = new ArrayList<>();

  private void then(Function<Requests<String>, Step<String>> input) {
    var step = input.apply(requests);
    take(step);
    take(requests.flushed(now));
  }

  private void take(Step<String> step) {
    requests = step.next();
    step.outputs().forEach(output -> said.add(text(output)));
  }

  private static String text(Output<String> output) {
    return switch (output) {
      case Output.Send<String>(var to, var sent) ->
          "%s to %s".formatted(sent.stream().map(RequestsTest::text).toList(), to.copy());
      case Output.Succeed<String>(var asker, var reply) -> asker + " gets " + reply.utf8();
      case Output.Fail<String>(var asker, var outcome, var reason) ->
          "%s fails, %s: %s".formatted(asker, outcome, reason);
    };
  }

  private static String text(ModuleCall.Request request) {
    return request.id() + " " + request.command().utf8();
  }

  private void asks(String... askers) {
    for (String asker : askers) {
      then(it -> it.asked(asker, Bytes.utf8(asker), now));
    }
  }

  private void serve(Target... targets) {
    then(it -> it.served(List.of(targets), now));
  }

  private void answer(CallAnswer... answers) {
    then(it -> it.answered(List.of(answers), now));
  }

  private static CallAnswer replied(String client, long number, String reply) {
    return new CallAnswer.Replied(new RequestId(client, number), Bytes.utf8(reply));
  }

  private static CallAnswer notPrimary(String client, long number) {
    return notPrimary(A1, client, number);
  }

  private static CallAnswer notPrimary(Target by, String client, long number) {
    return new CallAnswer.NotPrimary(new RequestId(client, number), by.copy(), "a backup");
  }

  private void at(Duration moment) {
    now = moment;
    then(it -> it.woken(now));
  }

  private List<String> said() {
    var all = List.copyOf(said);
    said.clear();
    return all;
  }

  @Test
  void aRequestGoesToThePrimaryAndItsReplyToTheAsker() {
    serve(A1);
    asks("x");
    assertThat(said()).containsExactly("[c/0#1 x] to A1");
    answer(replied("c/0", 1, "1"));
    assertThat(said()).containsExactly("x gets 1");
    assertThat(requests.isEmpty()).isTrue();
  }

  @Test
  void whatWaitsForAPrimaryLeavesTogether() {
    asks("x", "y");
    assertThat(said()).isEmpty();
    serve(A1);
    assertThat(said()).containsExactly("[c/0#1 x, c/1#1 y] to A1");
  }

  @Test
  void requestsUnderWayHaveNamesOfTheirOwnAndTheOthersWaitForOne() {
    serve(A1);
    asks("x", "y", "z");
    assertThat(said()).containsExactly("[c/0#1 x] to A1", "[c/1#1 y] to A1");
    answer(replied("c/1", 1, "2"));
    assertThat(said()).containsExactly("y gets 2", "[c/1#2 z] to A1");
  }

  private void allowTen() {
    var limits = new RequestLimits(10, 10, LIMITS.patience(), LIMITS.resend());
    requests = Requests.none(new Requests.Terms(new ModuleId("A"), "c", limits));
  }

  @Test
  void whoHasTwoMessagesInHandGetsTheRestTogetherWhenOneIsAnswered() {
    allowTen();
    serve(A1);
    asks("w", "x", "y", "z");
    assertThat(said()).containsExactly("[c/0#1 w] to A1", "[c/1#1 x] to A1");
    answer(replied("c/1", 1, "1"));
    assertThat(said()).containsExactly("x gets 1", "[c/1#2 y, c/2#1 z] to A1");
  }

  @Test
  void whoHasEnoughInHandIsPassedOver() {
    allowTen();
    serve(A1, A2);
    asks("v", "w", "x");
    answer(replied("c/1", 1, "1"));
    said();
    asks("y", "z");
    assertThat(said()).containsExactly("[c/1#2 y] to A2", "[c/3#1 z] to A2");
  }

  @Test
  void whatIsRepeatedOrGivenUpMakesRoom() {
    allowTen();
    serve(A1);
    asks("x", "y", "z");
    said();
    at(LIMITS.resend());
    assertThat(said()).containsExactly("[c/0#1 x, c/1#1 y, c/2#1 z] to A1");
    asks("v", "w");
    assertThat(said()).containsExactly("[c/3#1 v] to A1");
    at(LIMITS.patience().plusSeconds(1));
    said();
    asks("u");
    assertThat(said()).hasSize(1);
  }

  @Test
  void ofTwoPrimariesEachHasItsTurn() {
    serve(A1, A2);
    asks("x", "y");
    assertThat(said()).containsExactly("[c/0#1 x] to A1", "[c/1#1 y] to A2");
  }

  @Test
  void whatLeavesTogetherGoesToOneOfTwoPrimaries() {
    asks("x", "y");
    serve(A1, A2);
    assertThat(said()).containsExactly("[c/0#1 x, c/1#1 y] to A1");
    answer(replied("c/0", 1, "1"));
    asks("z");
    assertThat(said()).containsExactly("x gets 1", "[c/0#2 z] to A2");
  }

  @Test
  void aNewPrimaryGetsWhatTheOldOneHasNotAnsweredWithTheSameId() {
    serve(A1);
    asks("x", "y");
    said();
    serve(A2);
    assertThat(said()).containsExactly("[c/0#1 x, c/1#1 y] to A2");
    answer(replied("c/0", 1, "1"), replied("c/0", 1, "1"));
    assertThat(said()).as("the second answer is of the old primary").containsExactly("x gets 1");
  }

  @Test
  void aPrimaryThatStaysIsNotSentAnythingAgain() {
    serve(A1, A2);
    asks("x", "y");
    said();
    serve(A1);
    assertThat(said()).containsExactly("[c/1#1 y] to A1");
  }

  @Test
  void aPrimaryThatWasStartedAgainIsAnother() {
    serve(A1);
    asks("x");
    said();
    serve(new Target(A1.copy(), 2, A1.address()));
    assertThat(said()).containsExactly("[c/0#1 x] to A1");
  }

  @Test
  void whoDoesNotServeYetIsAskedAgainSoonAndThenLessOften() {
    serve(A1);
    asks("x");
    said();
    answer(notPrimary("c/0", 1));
    assertThat(said()).isEmpty();
    assertThat(requests.wake()).isEqualTo(Duration.ofMillis(5));
    at(requests.wake());
    assertThat(said()).containsExactly("[c/0#1 x] to A1");
    answer(notPrimary("c/0", 1));
    assertThat(requests.wake()).isEqualTo(Duration.ofMillis(15));
  }

  @Test
  void aRefusedRequestIsSentAtOnceWhenThePrimariesChange() {
    serve(A1);
    asks("x");
    answer(notPrimary("c/0", 1));
    said();
    serve(A2);
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
  }

  @Test
  void anOverloadedCopyIsAskedAgainALittleLater() {
    serve(A1);
    asks("x");
    said();
    answer(new CallAnswer.Overloaded(new RequestId("c/0", 1)));
    at(requests.wake());
    assertThat(said()).containsExactly("[c/0#1 x] to A1");
  }

  @Test
  void withoutAnAnswerARequestIsSentAgainToAnotherIfThereIsOne() {
    serve(A1, A2);
    asks("x");
    said();
    at(Duration.ofMillis(999));
    assertThat(said()).isEmpty();
    at(Duration.ofSeconds(1));
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
    serve(A2);
    at(Duration.ofSeconds(2));
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
  }

  @Test
  void whoDoesNotServeIsReplacedAtOnceAndAskedNoMore() {
    serve(A1, A2);
    asks("x");
    said();
    answer(notPrimary("c/0", 1));
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
    answer(replied("c/0", 1, "1"));
    asks("y", "z");
    assertThat(said()).containsExactly("x gets 1", "[c/0#2 y] to A2", "[c/1#1 z] to A2");
    assertThat(requests.repeated()).isEqualTo(1);
  }

  @Test
  void whatTheOtherHasInHandIsNotRepeatedWhenTheTableFollows() {
    serve(A1, A2);
    asks("x");
    answer(notPrimary("c/0", 1));
    said();
    serve(A2);
    assertThat(said()).isEmpty();
  }

  @Test
  void aRefusalOfWhomItWasSentToBeforeIsTooLate() {
    serve(A1, A2);
    asks("x");
    at(Duration.ofSeconds(1));
    said();
    answer(notPrimary(A1, "c/0", 1));
    assertThat(said()).as("A2 has it").isEmpty();
    answer(replied("c/0", 1, "1"));
    assertThat(said()).containsExactly("x gets 1");
  }

  @Test
  void whenNobodyServesYetEachIsAskedAgainALittleLater() {
    serve(A1, A2);
    asks("x");
    answer(notPrimary(A1, "c/0", 1));
    said();
    answer(notPrimary(A2, "c/0", 1));
    assertThat(said()).isEmpty();
    at(Duration.ofMillis(10));
    assertThat(said()).containsExactly("[c/0#1 x] to A1");
  }

  @Test
  void whatADeadHostHasNotAnsweredGoesToTheOtherOnceAndNothingGoesToItAgain() {
    serve(A1, A2);
    asks("x", "y");
    said();
    then(it -> it.died(A1.address(), now));
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
    answer(replied("c/1", 1, "1"));
    asks("z");
    serve(A1, A2); // not yet on record
    serve(A2);
    assertThat(said()).containsExactly("y gets 1", "[c/1#2 z] to A2");
    serve(new Target(A1.copy(), 2, A1.address()), A2);
    answer(replied("c/0", 1, "2"));
    asks("w");
    assertThat(said()).containsExactly("x gets 2", "[c/0#2 w] to A1");
    assertThat(requests.repeated()).isEqualTo(1);
  }

  @Test
  void whoWasTakenForDeadHasNothingInHandAnyMore() {
    allowTen();
    serve(A1, A2);
    asks("v", "w", "x", "y");
    then(it -> it.died(A1.address(), now));
    answer(replied("c/0", 1, "1"), replied("c/1", 1, "2"));
    answer(replied("c/2", 1, "3"), replied("c/3", 1, "4"));
    said();
    serve(A1);
    asks("z");
    assertThat(said()).containsExactly("[c/3#2 z] to A1");
  }

  @Test
  void onlyPrimariesOfADeadHostAreOut() {
    serve(A1);
    asks("x");
    then(it -> it.died(A1.address(), now));
    said();
    serve(A1, A2);
    assertThat(said()).as("nobody else was there before").containsExactly("[c/0#1 x] to A2");
  }

  @Test
  void whoSaysNothingIsOutForASecond() {
    serve(A1, A2);
    asks("x");
    at(Duration.ofSeconds(1));
    said();
    asks("y");
    assertThat(said()).containsExactly("[c/1#1 y] to A2");
    answer(replied("c/0", 1, "1"), replied("c/1", 1, "2"));
    now = Duration.ofSeconds(2);
    said();
    asks("z", "w");
    assertThat(said()).containsExactlyInAnyOrder("[c/1#2 z] to A2", "[c/0#2 w] to A1");
  }

  @Test
  void aFullReferenceRefusesAtOnce() {
    asks("v", "w", "x", "y", "z");
    assertThat(said())
        .containsExactly(
            "z fails, NOT_DONE: module A: 4 requests wait for an answer already; slow down, or"
                + " raise the limit");
  }

  @Test
  void whatWasNeverSentIsKnownNotToBeDoneWhenItIsLate() {
    asks("x");
    at(Duration.ofSeconds(9));
    assertThat(said()).isEmpty();
    at(Duration.ofSeconds(10));
    assertThat(said())
        .containsExactly(
            "x fails, NOT_DONE: module A: no primary serves within 10000 ms; see its condition and"
                + " reason in the table");
    serve(A1);
    assertThat(said()).isEmpty();
  }

  @Test
  void whatWasSentHasAnUnknownOutcomeWhenItIsLate() {
    serve(A1);
    asks("x");
    said();
    at(Duration.ofSeconds(10));
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("x fails, UNKNOWN: module A: its prim");
    answer(replied("c/0", 1, "1"));
    asks("y");
    assertThat(said())
        .as("a number that the late one cannot have")
        .containsExactly("[c/0#2 y] to A1");
  }

  @Test
  void aRefusedCommandIsNotRepeated() {
    serve(A1);
    asks("x");
    said();
    answer(new CallAnswer.CallRefused(new RequestId("c/0", 1), "module A: not JSON"));
    assertThat(said()).containsExactly("x fails, NOT_DONE: module A: not JSON");
  }

  @Test
  void whatWasDoneAndIsForgottenIsNotRepeated() {
    serve(A1);
    asks("x");
    said();
    answer(new CallAnswer.Forgotten(new RequestId("c/0", 1), 7));
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("x fails, DONE: module A: it was done, as update 7, and its reply");
    asks("y");
    assertThat(said()).containsExactly("[c/0#2 y] to A1");
  }

  @Test
  void ofAModuleThatIsNotRegisteredNothingIsHeld() {
    serve(A1);
    asks("x", "y", "z");
    said();
    then(it -> it.unknown("module A is not registered"));
    assertThat(said())
        .containsExactly(
            "x fails, UNKNOWN: module A is not registered",
            "y fails, UNKNOWN: module A is not registered",
            "z fails, NOT_DONE: module A is not registered");
    serve(A2);
    asks("w");
    assertThat(said()).singleElement().asString().endsWith("#2 w] to A2");
  }

  @Test
  void nothingIsSentTwiceWhileThereIsNoPrimary() {
    serve(A1);
    asks("x");
    said();
    serve();
    at(Duration.ofSeconds(2));
    at(Duration.ofSeconds(4));
    serve(A2);
    assertThat(said()).containsExactly("[c/0#1 x] to A2");
  }

  @Test
  void whatIsTooLongForOneMessageLeavesInSeveralAlsoWhenItIsSentAgain() {
    var command = "x".repeat(200_000);
    asks(command, command);
    serve(A1);
    assertThat(said())
        .containsExactly("[c/0#1 " + command + "] to A1", "[c/1#1 " + command + "] to A1");
    at(Duration.ofSeconds(1));
    assertThat(said())
        .containsExactly("[c/0#1 " + command + "] to A1", "[c/1#1 " + command + "] to A1");
  }

  @Test
  void aCommandThatNoMessageCarriesIsRefusedAtOnce() {
    serve(A1);
    then(it -> it.asked("x", Bytes.wrap(new byte[1_000_001]), now));
    assertThat(said())
        .containsExactly(
            "x fails, NOT_DONE: module A: a command of 1000001 bytes, and 1000000 is the most; make"
                + " several of it");
    assertThat(requests.isEmpty()).isTrue();
  }
}
