package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.state.Bytes;
import io.understudy.state.Position;
import io.understudy.state.Reply;
import io.understudy.state.RequestId;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

/** What is sent to those who wait, without a network. */
class WaitingTest {
  private final TestInbox<CallAnswers> client = TestInbox.create();
  private final Waiting waiting = new Waiting(CopyId.parse("A1"), false, () -> true);

  private List<CallAnswers> answered(int requests, int bytes) {
    for (var ticket = 0; ticket < requests; ticket++) {
      waiting.add(ticket, new RequestId("c", ticket), client.getRef());
    }
    for (var ticket = 0; ticket < requests; ticket++) {
      var at = new Position(new Epoch(1), ticket);
      waiting.answer(ticket, new Reply.Done(at, Optional.of(Bytes.wrap(new byte[bytes])), false));
    }
    waiting.flush();
    return client.getAllReceived();
  }

  @Test
  void whoseReplyIsForgottenIsTold() {
    waiting.add(1, new RequestId("c", 5), client.getRef());
    waiting.answer(1, new Reply.Done(new Position(new Epoch(1), 7), Optional.empty(), true));
    waiting.flush();
    assertThat(client.getAllReceived().getFirst().answers())
        .containsExactly(new CallAnswer.Forgotten(new RequestId("c", 5), 7));
  }

  @Test
  void shortAnswersGoTogether() {
    assertThat(answered(100, 10)).hasSize(1);
  }

  @Test
  void noMessageIsLongerThanRemotingCarries() {
    var messages = answered(128, 10_000);
    assertThat(messages.stream().flatMap(it -> it.answers().stream()))
        .extracting(CallAnswer::request)
        .hasSize(128)
        .doesNotHaveDuplicates();
    assertThat(messages)
        .allSatisfy(it -> assertThat(it.answers()).hasSizeBetween(1, 256 * 1024 / 10_000));
  }
}
