package io.understudy.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateGroup;
import io.understudy.model.StateSpec;
import io.understudy.module.CallAnswer;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.Decision;
import io.understudy.state.Input;
import io.understudy.state.Output;
import io.understudy.state.Replica;
import io.understudy.state.Reply;
import io.understudy.state.Request;
import io.understudy.state.RequestId;
import io.understudy.state.Self;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A client and the sequencer that it asks, for one thing from a stock: what it is told is what
 * became of its request, however often it was sent.
 */
class RepeatedDecisionTest {
  private static final CopyId A1 = CopyId.parse("A1");
  private static final Target PRIMARY = new Target(A1, 1, "h1:17355");
  private static final RequestLimits LIMITS =
      new RequestLimits(4, 2, Duration.ofSeconds(10), Duration.ofSeconds(1));

  private final List<ModuleCall.Request> sent = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Map<Long, RequestId> tickets = new HashMap<>();
  private final List<CallAnswer> answers = new ArrayList<>();
  private Requests<String> client = Requests.none(new Requests.Terms(A1.module(), "c", LIMITS));
  private Replica sequencer =
      Replica.create(new Self(A1, 1, ReplicationStyle.WARM, Self.Follows.DECISIONS));
  private Duration now = Duration.ofSeconds(1);
  private final Queue<Input> module = new ArrayDeque<>();
  private int stock;

  @BeforeEach
  void serves() {
    var spec = StateSpec.DEFAULT.withCheckpoint(new CheckpointPolicy.None());
    var member = new StateGroup.Member(A1, 1, new HostId("H1"), "h1:17355", true);
    give(new Input.Ordered(new Epoch(1), new StateGroup(1, spec, A1, List.of(member))));
    take(client.served(List.of(PRIMARY), now));
  }

  private void take(Requests.Step<String> step) {
    client = step.next();
    for (var output : step.outputs()) {
      switch (output) {
        case Requests.Output.Send<String>(var to, var requests) -> sent.addAll(requests);
        case Requests.Output.Succeed<String>(var asker, var reply) -> told.add(reply.utf8());
        case Requests.Output.Fail<String>(var asker, var outcome, var reason) ->
            told.add(outcome.toString());
      }
    }
  }

  private void asks() {
    take(client.asked("asker", Bytes.utf8("take"), now));
    take(client.flushed(now));
  }

  /** So long without an answer. */
  private void waits(Duration time) {
    now = now.plus(time);
    take(client.woken(now));
    take(client.flushed(now));
  }

  private Request received(long ticket, ModuleCall.Request request) {
    tickets.put(ticket, request.id());
    return sequencer.request(ticket, request.id(), request.command(), request.again());
  }

  private Request delivered(long ticket) {
    return sequencer.request(
        ticket, Optional.of(new RequestId("supplier", ticket)), Bytes.utf8("put"));
  }

  /** With what the module makes of it. */
  private void give(Input input) {
    module.add(input);
    while (!module.isEmpty()) {
      var step = sequencer.decide(module.remove(), now);
      sequencer = step.replica();
      step.outputs().forEach(this::follow);
    }
  }

  private void follow(Output output) {
    switch (output) {
      case Output.Decide(var generation, var requests) ->
          module.add(new Input.Decided(generation, requests.stream().map(this::decided).toList()));
      case Output.Answer(var ticket, var reply) when tickets.containsKey(ticket) ->
          answers.add(answer(tickets.get(ticket), reply));
      default -> {}
    }
  }

  private static CallAnswer answer(RequestId id, Reply reply) {
    return switch (reply) {
      case Reply.Done done -> new CallAnswer.Replied(id, done.reply().orElseThrow(), done.kept());
      default -> throw new AssertionError(reply);
    };
  }

  private Decision decided(Request request) {
    if (request.command().utf8().equals("put")) {
      stock++;
      return new Decision(Optional.of(request.command()), Bytes.utf8("put"));
    }
    if (stock == 0) {
      return new Decision(Optional.empty(), Bytes.utf8("none left"));
    }
    stock--;
    return new Decision(Optional.of(request.command()), Bytes.utf8("taken"));
  }

  private void isTold() {
    take(client.answered(answers, now));
  }

  @Test
  @DisplayName(
      "the primary pauses, and finds the request, what makes it possible, and the request again"
          + " => the client is told what became of it")
  void pause() {
    asks();
    waits(Duration.ofSeconds(1));
    assertThat(sent).hasSize(2);
    give(new Input.Ask(List.of(received(1, sent.get(0)), delivered(2), received(3, sent.get(1)))));
    isTold();
    assertThat(told).containsExactly(stock == 1 ? "none left" : "taken");
  }

  @Test
  @DisplayName("the request is late, sent again and answered => it takes no effect when it comes")
  void late() {
    asks();
    waits(Duration.ofSeconds(1));
    give(new Input.Ask(List.of(received(1, sent.get(1)))));
    isTold();
    assertThat(told).containsExactly("none left");
    give(new Input.Ask(List.of(delivered(2))));
    give(new Input.Ask(List.of(received(3, sent.get(0)))));
    assertThat(stock).as("none left, the client was told").isEqualTo(1);
  }

  @Test
  @DisplayName("sent once => a refusal makes no update")
  void once() {
    asks();
    give(new Input.Ask(List.of(received(1, sent.get(0)))));
    isTold();
    assertThat(told).containsExactly("none left");
    assertThat(sequencer.end().sequence()).isZero();
  }
}
