package io.understudy.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.state.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Records and sealed interfaces without annotations. */
class JacksonCodecTest {
  sealed interface Command {
    record Add(int by) implements Command {}

    record Read() implements Command {}

    record Named(String name, Long number) implements Command {}

    sealed interface Timed extends Command {
      record Within(Duration time, Optional<String> why) implements Timed {}
    }
  }

  record Added(int by) {}

  record State(Map<String, Integer> counts) {}

  record Texts(Map<String, String> texts, BigInteger number) {}

  record Times(OffsetDateTime offset, ZonedDateTime zone) {}

  sealed interface Event {
    sealed interface OfAccount extends Event {
      record Opened(int number) implements OfAccount {}
    }

    sealed interface OfCard extends Event {
      record Opened(String holder) implements OfCard {}
    }
  }

  private static final JacksonCodec<State, Command, Added, Long> CODEC =
      JacksonCodec.of(State.class, Command.class, Added.class, Long.class);

  @Test
  void sealedInterfacesGoByTheNamesOfTheirRecords() {
    var add = CODEC.encodeCommand(new Command.Add(3));
    assertThat(add.utf8()).isEqualTo("{\"type\":\"Add\",\"by\":3}");
    assertThat(CODEC.decodeCommand(add)).isEqualTo(new Command.Add(3));
    var read = new Command.Read();
    assertThat(CODEC.decodeCommand(CODEC.encodeCommand(read))).isEqualTo(read);
    var within = new Command.Timed.Within(Duration.ofSeconds(2), Optional.of("late"));
    assertThat(CODEC.decodeCommand(CODEC.encodeCommand(within))).isEqualTo(within);
  }

  @Test
  void textsAndBoxedNumbersAreNoneThoughTheirTypesAreSealedInTheJdk() {
    var codec = JacksonCodec.of(Void.class, Command.class, Void.class, String.class);
    var named = new Command.Named("x", 3L);
    assertThat(codec.decodeCommand(codec.encodeCommand(named))).isEqualTo(named);
    assertThat(codec.encodeReply("x").utf8()).isEqualTo("\"x\"");
  }

  @Test
  void eventsAndRepliesArePlain() {
    assertThat(CODEC.encodeEvent(new Added(2)).utf8()).isEqualTo("{\"by\":2}");
    assertThat(CODEC.decodeReply(CODEC.encodeReply(7L))).isEqualTo(7L);
  }

  @Test
  void statesAreStreamed() throws IOException {
    var state = new State(Map.of("a", 1));
    var out = new ByteArrayOutputStream();
    CODEC.writeState(state, out);
    assertThat(CODEC.readState(new ByteArrayInputStream(out.toByteArray()))).isEqualTo(state);
  }

  @Test
  void whateverIsWrittenCanBeRead() throws IOException {
    var codec = JacksonCodec.of(Texts.class, Command.class, Texts.class, Texts.class);
    var number = BigInteger.TEN.pow(2_000);
    var large = new Texts(Map.of("k".repeat(100_000), "v".repeat(25_000_000)), number);
    var out = new ByteArrayOutputStream();
    codec.writeState(large, out);
    assertThat(codec.readState(new ByteArrayInputStream(out.toByteArray())).equals(large)).isTrue();
    var long100k = new Texts(Map.of("k".repeat(100_000), ""), number);
    assertThat(codec.decodeEvent(codec.encodeEvent(long100k)).equals(long100k)).isTrue();
    assertThat(codec.decodeReply(codec.encodeReply(long100k)).equals(long100k)).isTrue();
  }

  @Test
  void timesKeepTheirZone() {
    var codec = JacksonCodec.of(Void.class, Command.class, Times.class, Void.class);
    var times =
        new Times(
            OffsetDateTime.parse("2026-01-31T12:00:00+02:00"),
            ZonedDateTime.parse("2026-01-31T12:00:00+01:00[Europe/Berlin]"));
    assertThat(codec.decodeEvent(codec.encodeEvent(times))).isEqualTo(times);
  }

  @Test
  void recordsThatCannotBeToldApartAreRefused() {
    assertThatThrownBy(() -> JacksonCodec.of(Void.class, Command.class, Event.class, Void.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Event$OfAccount$Opened")
        .hasMessageContaining("Event$OfCard$Opened");
  }

  @Test
  void nothingIsNoCommand() {
    assertThatThrownBy(() -> CODEC.decodeCommand(Bytes.utf8("null")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Command");
  }

  @Test
  void whatIsNoCommandIsRefusedWithTheReason() {
    assertThatThrownBy(() -> CODEC.decodeCommand(Bytes.utf8("{\"type\":\"Bad\"}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Command");
  }
}
