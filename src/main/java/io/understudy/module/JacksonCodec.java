package io.understudy.module;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.understudy.state.Bytes;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * JSON by Jackson. Records and sealed interfaces of records need no annotations: of a sealed
 * interface, the field {@code type} has the record's simple name, which must not change as long as
 * there are states or events that were written with it.
 */
public final class JacksonCodec<S, C, E, R> implements ModuleCodec<S, C, E, R> {
  private static final ObjectMapper MAPPER = SealedTypes.addTo(Json.mapper().copy());

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

  /** All four types of a module. */
  public static <S, C, E, R> JacksonCodec<S, C, E, R> of(
      Class<S> state, Class<C> command, Class<E> event, Class<R> reply) {
    return new JacksonCodec<>(
        new Form<>(state), new Form<>(command), new Form<>(event), new Form<>(reply));
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
    return command.decode(bytes);
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

    private Form(Class<T> type) {
      this.type = type;
      this.writer = MAPPER.writerFor(type);
      this.reader = MAPPER.readerFor(type);
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
