package io.understudy.history;

import io.understudy.history.Tally.Added;
import io.understudy.history.Tally.Command;
import io.understudy.history.Tally.Count;
import io.understudy.module.Decision;
import io.understudy.module.JacksonCodec;
import io.understudy.module.ModuleCodec;
import io.understudy.module.StatefulModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * A counter that breaks when it is told to. Each increment is answered with the new value, so no
 * two of them are answered alike unless one was lost.
 */
public final class Tally implements StatefulModule<Count, Command, Added, Long> {
  static final JacksonCodec<Count, Command, Added, Long> CODEC =
      JacksonCodec.of(Count.class, Command.class, Added.class, Long.class);

  /** Counted so far. */
  public record Count(long value) {}

  /** One more. */
  public record Added() {}

  /** What it is asked. */
  public sealed interface Command {
    record Add() implements Command {}

    record Read() implements Command {}

    /**
     * Break, if this file is there: the copy that deletes it breaks, and nobody that is asked again
     * does.
     */
    record Break(How how, String file) implements Command {}
  }

  /** Ways to break. */
  public enum How {
    THROW,
    /** An error that no program can handle. */
    OVERFLOW,
    /** Neither answers nor listens to an interrupt. */
    HANG
  }

  @Override
  public Count initialState() {
    return new Count(0);
  }

  @Override
  public Decision<Added, Long> decide(Count state, Command command) {
    return switch (command) {
      case Command.Add add -> Decision.of(state.value() + 1, new Added());
      case Command.Read read -> Decision.reply(state.value());
      case Command.Break(var how, var file) -> {
        breakIfToldTo(how, Path.of(file));
        yield Decision.reply(state.value());
      }
    };
  }

  private static void breakIfToldTo(How how, Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        switch (how) {
          case THROW -> throw new IllegalStateException("it was told to break");
          case OVERFLOW -> throw new StackOverflowError("it was told to break");
          case HANG -> hang();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void hang() {
    while (true) {
      LockSupport.parkNanos(1_000_000);
      var unused = Thread.interrupted();
    }
  }

  @Override
  public Count evolve(Count state, Added event) {
    return new Count(state.value() + 1);
  }

  @Override
  public ModuleCodec<Count, Command, Added, Long> codec() {
    return CODEC;
  }
}
