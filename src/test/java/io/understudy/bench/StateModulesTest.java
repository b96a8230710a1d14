package io.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.understudy.model.CopyStatus;
import io.understudy.model.Epoch;
import io.understudy.module.StatefulModule;
import io.understudy.state.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The modules of the benchmark and of the proof, each command through bytes as in a cluster. */
class StateModulesTest {
  /** One copy; it tells what it answers to a command, and goes on from its own snapshot. */
  private static final class Alone<S, C, E, R> {
    private final StatefulModule<S, C, E, R> module;
    private S state;

    private Alone(StatefulModule<S, C, E, R> module) {
      this.module = module;
      this.state = module.initialState();
    }

    R ask(C command) throws IOException {
      var codec = module.codec();
      var decision = module.decide(state, codec.decodeCommand(codec.encodeCommand(command)));
      for (E event : decision.events()) {
        state = module.evolve(state, codec.decodeEvent(codec.encodeEvent(event)));
      }
      var snapshot = new ByteArrayOutputStream();
      codec.writeState(state, snapshot);
      var again = codec.readState(new ByteArrayInputStream(snapshot.toByteArray()));
      assertThat(again).isEqualTo(state);
      state = again;
      return codec.decodeReply(codec.encodeReply(decision.reply()));
    }
  }

  @Test
  void theCounterCounts() throws IOException {
    var counter = new Alone<>(new CounterModule());
    assertThat(counter.ask(new CounterModule.Command.Read())).isZero();
    assertThat(counter.ask(new CounterModule.Command.Add(Bytes.utf8("x")))).isEqualTo(1);
    assertThat(counter.ask(new CounterModule.Command.Add(Bytes.EMPTY))).isEqualTo(2);
    assertThat(counter.ask(new CounterModule.Command.Grow(1000))).isEqualTo(2);
    assertThat(counter.ask(new CounterModule.Command.Grow(1000))).isEqualTo(2);
    assertThat(counter.state.ballast()).hasSize(2).doesNotHaveDuplicates();
    assertThat(counter.ask(new CounterModule.Command.Read())).isEqualTo(2);
  }

  @Test
  void theCounterRefusesWhatItCannotRead() {
    for (var bytes : List.of(Bytes.EMPTY, Bytes.utf8("?"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CounterCodec().decodeCommand(bytes));
      assertThatIllegalArgumentException().isThrownBy(() -> new CounterCodec().decodeEvent(bytes));
      assertThatIllegalArgumentException().isThrownBy(() -> new CounterCodec().decodeReply(bytes));
    }
  }

  @Test
  void registersAreReadWrittenAndSwapped() throws IOException {
    var registers = new Alone<>(new RegisterModule());
    assertThat(registers.ask(new RegisterModule.Command.Read("x"))).isEqualTo(answer(true, 0));
    assertThat(registers.ask(new RegisterModule.Command.Write("x", 3))).isEqualTo(answer(true, 3));
    assertThat(registers.ask(new RegisterModule.Command.Swap("x", 2, 9)))
        .isEqualTo(answer(false, 3));
    assertThat(registers.ask(new RegisterModule.Command.Swap("x", 3, 9)))
        .isEqualTo(answer(true, 9));
    assertThat(registers.ask(new RegisterModule.Command.Read("y"))).isEqualTo(answer(true, 0));
    assertThat(registers.ask(new RegisterModule.Command.Read("x"))).isEqualTo(answer(true, 9));
  }

  @Test
  void theCounterCrashesInTheEpochThatItIsToldAndNotInTheNext() throws IOException {
    var module = new CounterModule();
    var counter = new Alone<>(module);
    module.statusChanged(CopyStatus.PRIMARY, new Epoch(3));
    assertThatIllegalStateException()
        .isThrownBy(() -> counter.ask(new CounterModule.Command.Crash(new Epoch(3))));
    module.statusChanged(CopyStatus.PRIMARY, new Epoch(4));
    assertThat(counter.ask(new CounterModule.Command.Crash(new Epoch(3)))).isZero();
    assertThat(counter.ask(new CounterModule.Command.Hang(new Epoch(3)))).isZero();
  }

  private static RegisterModule.Answer answer(boolean done, long value) {
    return new RegisterModule.Answer(done, value);
  }
}
