package io.understudy.module;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.understudy.state.Bytes;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * JSON by Jackson. Records and sealed interfaces of records need no annotations: of a sealed
 * interface, the field {@code type} has the record's simple name, which must not change as long as
 * there are states or events that were written with it. Times keep their zone: a copy that reads an
 * event has the same as the one that wrote it.
 */
public final class JacksonCodec<S, C, E, R> implements ModuleCodec<S, C, E, R> {
  /** Of what clients send, which may be anything: within Jackson's limits. */
  private static final ObjectMapper COMMANDS =
      SealedTypes.addTo(Json.mapper().copy())
          .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);

  /** Whatever was written can be read: a state with a name that is too long would be lost. */
  private static final ObjectMapper OWN = COMMANDS.copy();

  static {
    OWN.getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNameLength(Integer.MAX_VALUE)
                .maxNumberLength(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .build());
  }

  private final Form<S> state;
  private final Form<C> command;
  private final Form<E> event;
  private final Form<R> reply;

  private JacksonCodec(Form<S> state, Form<C> command, Form<E> event, Form<R> reply) {
    this.state = state;
    this.command = command;
    this.event = event;
    this.reply = reply;
  }

  /**
   * All four types of a module.
   *
   * @throws IllegalArgumentException when two records of a sealed interface have the same name
   */
  public static <S, C, E, R> JacksonCodec<S, C, E, R> of(
      Class<S> state, Class<C> command, Class<E> event, Class<R> reply) {
    return new JacksonCodec<>(
        new Form<>(state, OWN),
        new Form<>(command, COMMANDS),
        new Form<>(event, OWN),
        new Form<>(reply, OWN));
  }

  /** What a client needs. */
  public static <C, R> CallCodec<C, R> calls(Class<C> command, Class<R> reply) {
    return of(Void.class, command, Void.class, reply);
  }

  @Override
  public Bytes encodeCommand(C value) {
    return command.encode(value);
  }

  @Override
  public C decodeCommand(Bytes bytes) {
    var value = command.decode(bytes);
    if (value == null) { // no module expects it, and each primary in turn would be asked
      throw new IllegalArgumentException("null is no " + command.type.getName());
    }
    return value;
  }

  @Override
  public Bytes encodeEvent(E value) {
    return event.encode(value);
  }

  @Override
  public E decodeEvent(Bytes bytes) {
    return event.decode(bytes);
  }

  @Override
  public Bytes encodeReply(R value) {
    return reply.encode(value);
  }

  @Override
  public R decodeReply(Bytes bytes) {
    return reply.decode(bytes);
  }

  @Override
  public void writeState(S value, OutputStream out) throws IOException {
    state.writer.writeValue(out, value);
  }

  @Override
  public S readState(InputStream in) throws IOException {
    return state.reader.readValue(in);
  }

  /** One type's readers, which are looked up once. */
  private static final class Form<T> {
    private final Class<T> type;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    private Form(Class<T> type, ObjectMapper mapper) {
      SealedTypes.check(type);
      this.type = type;
      this.writer = mapper.writerFor(type);
      this.reader = mapper.readerFor(type);
    }

    private Bytes encode(T value) {
      try {
        return Bytes.wrap(writer.writeValueAsBytes(value));
      } catch (IOException e) {
        throw new IllegalArgumentException("%s cannot be written: %s".formatted(value, e), e);
      }
    }

    private T decode(Bytes bytes) {
      try {
        return reader.readValue(bytes.toArray());
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "these %d bytes are no %s: %s"
                .formatted(bytes.length(), type.getName(), e.getMessage()),
            e);
      }
    }
  }
}
