package io.understudy.bench;

import io.understudy.bench.CounterModule.Command;
import io.understudy.bench.CounterModule.Event;
import io.understudy.bench.CounterModule.State;
import io.understudy.model.Epoch;
import io.understudy.module.ModuleCodec;
import io.understudy.state.Bytes;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.pcollections.TreePVector;

/** In binary, so that what is measured is the state log and not JSON. */
record CounterCodec() implements ModuleCodec<State, Command, Event, Long> {
  private static final byte ADD = 1;
  private static final byte READ = 2;
  private static final byte GROW = 3;
  private static final byte CRASH = 4;
  private static final byte HANG = 5;

  @Override
  public Bytes encodeCommand(Command command) {
    return switch (command) {
      case Command.Add(var payload) -> tagged(ADD, payload.buffer());
      case Command.Read read -> tagged(READ, ByteBuffer.allocate(0));
      case Command.Grow(var bytes) -> tagged(GROW, number(bytes));
      case Command.Crash(var in) -> tagged(CRASH, number(in));
      case Command.Hang(var in) -> tagged(HANG, number(in));
    };
  }

  @Override
  public Command decodeCommand(Bytes bytes) {
    var in = bytes.buffer();
    return switch (tag(in)) {
      case ADD -> new Command.Add(rest(in));
      case READ -> new Command.Read();
      case GROW -> new Command.Grow(in.getInt());
      case CRASH -> new Command.Crash(new Epoch(in.getLong()));
      case HANG -> new Command.Hang(new Epoch(in.getLong()));
      default -> throw new IllegalArgumentException("no command of a counter: " + bytes);
    };
  }

  @Override
  public Bytes encodeEvent(Event event) {
    return switch (event) {
      case Event.Added(var payload) -> tagged(ADD, payload.buffer());
      case Event.Grown(var bytes) -> tagged(GROW, number(bytes));
    };
  }

  @Override
  public Event decodeEvent(Bytes bytes) {
    var in = bytes.buffer();
    return switch (tag(in)) {
      case ADD -> new Event.Added(rest(in));
      case GROW -> new Event.Grown(in.getInt());
      default -> throw new IllegalArgumentException("no event of a counter: " + bytes);
    };
  }

  @Override
  public Bytes encodeReply(Long reply) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(reply).array());
  }

  @Override
  public Long decodeReply(Bytes bytes) {
    if (bytes.length() != Long.BYTES) {
      throw new IllegalArgumentException("no count: " + bytes);
    }
    return bytes.buffer().getLong();
  }

  @Override
  public void writeState(State state, OutputStream out) throws IOException {
    var data = new DataOutputStream(out);
    data.writeLong(state.count());
    state.last().writeTo(data);
    data.writeInt(state.ballast().size());
    for (Bytes block : state.ballast()) {
      block.writeTo(data);
    }
    data.flush();
  }

  @Override
  public State readState(InputStream in) throws IOException {
    var data = new DataInputStream(in);
    var count = data.readLong();
    var last = Bytes.readFrom(data);
    var blocks = data.readInt();
    var ballast = TreePVector.<Bytes>empty();
    for (int i = 0; i < blocks; i++) {
      ballast = ballast.plus(Bytes.readFrom(data));
    }
    return new State(count, last, ballast);
  }

  private static byte tag(ByteBuffer in) {
    return in.hasRemaining() ? in.get() : 0;
  }

  private static Bytes tagged(byte tag, ByteBuffer content) {
    return Bytes.wrap(ByteBuffer.allocate(1 + content.remaining()).put(tag).put(content).array());
  }

  private static ByteBuffer number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).flip();
  }

  private static ByteBuffer number(Epoch epoch) {
    return ByteBuffer.allocate(Long.BYTES).putLong(epoch.value()).flip();
  }

  private static Bytes rest(ByteBuffer in) {
    var left = new byte[in.remaining()];
    in.get(left);
    return Bytes.wrap(left);
  }
}
