package io.understudy.bench;

import io.understudy.bench.RegisterModule.Answer;
import io.understudy.bench.RegisterModule.Command;
import io.understudy.bench.RegisterModule.Registers;
import io.understudy.bench.RegisterModule.Written;
import io.understudy.module.Decision;
import io.understudy.module.JacksonCodec;
import io.understudy.module.ModuleCodec;
import io.understudy.module.StatefulModule;
import java.util.Map;
import org.pcollections.HashTreePMap;

/** Named registers that each hold a number, at first 0. */
public final class RegisterModule implements StatefulModule<Registers, Command, Written, Answer> {
  /** The values of those that were written. */
  public record Registers(Map<String, Long> values) {
    long value(String key) {
      return values.getOrDefault(key, 0L);
    }
  }

  /** What it is asked. */
  public sealed interface Command {
    record Read(String key) implements Command {}

    record Write(String key, long value) implements Command {}

    /** Write the value if the present one is as expected. */
    record Swap(String key, long expected, long value) implements Command {}
  }

  /** What happens. */
  public record Written(String key, long value) {}

  /**
   * What it answers.
   *
   * @param done false only of a swap that found another value
   * @param value after the request
   */
  public record Answer(boolean done, long value) {}

  @Override
  public Registers initialState() {
    return new Registers(Map.of());
  }

  @Override
  public Decision<Written, Answer> decide(Registers state, Command command) {
    return switch (command) {
      case Command.Read(var key) -> Decision.reply(new Answer(true, state.value(key)));
      case Command.Write(var key, var value) -> written(key, value);
      case Command.Swap(var key, var expected, var value) when state.value(key) == expected ->
          written(key, value);
      case Command.Swap(var key, var expected, var value) ->
          Decision.reply(new Answer(false, state.value(key)));
    };
  }

  private static Decision<Written, Answer> written(String key, long value) {
    return Decision.of(new Answer(true, value), new Written(key, value));
  }

  @Override
  public Registers evolve(Registers state, Written event) {
    return new Registers(HashTreePMap.from(state.values()).plus(event.key(), event.value()));
  }

  @Override
  public ModuleCodec<Registers, Command, Written, Answer> codec() {
    return JacksonCodec.of(Registers.class, Command.class, Written.class, Answer.class);
  }
}
