package io.understudy.watchdog;

import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.ByteBufferSerializer;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * How copies with state, and their clients, speak over the network: in bytes without names, because
 * there are tens of thousands of these messages in a second.
 *
 * <p>Nothing of this is kept. Nodes of one cluster must agree on it: a change of the format gets
 * another manifest.
 */
public final class StateSerializer extends SerializerWithStringManifest
    implements ByteBufferSerializer {
  private static final int IDENTIFIER = 981_090;
  private static final String PEER = "P2";
  private static final String CALL = "C2";
  private static final String ANSWERS = "A3";

  private final ActorRefResolver refs;

  /** Called by Pekko. */
  public StateSerializer(ExtendedActorSystem system) {
    refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object value) {
    return switch (value) {
      case StateHost.Peer peer -> PEER;
      case ModuleCall call -> CALL;
      case CallAnswers answers -> ANSWERS;
      default ->
          throw new IllegalArgumentException(
              "%s is not spoken among copies".formatted(value.getClass().getName()));
    };
  }

  @Override
  public byte[] toBinary(Object value) {
    var bytes = new ByteArrayOutputStream(256);
    write(value, bytes);
    return bytes.toByteArray();
  }

  @Override
  public void toBinary(Object value, ByteBuffer buffer) {
    write(value, new Filling(buffer));
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    return read(new ByteArrayInputStream(bytes), manifest);
  }

  @Override
  public Object fromBinary(ByteBuffer buffer, String manifest) {
    return read(new Draining(buffer), manifest);
  }

  private void write(Object value, OutputStream stream) {
    var out = new StateWriter(new DataOutputStream(stream), refs);
    try {
      switch (value) {
        case StateHost.Peer peer -> out.peer(peer);
        case ModuleCall call -> out.call(call);
        case CallAnswers answers -> out.answers(answers);
        default -> throw new IllegalArgumentException(value.getClass().getName());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object read(InputStream stream, String manifest) {
    var in = new StateReader(new DataInputStream(stream), refs);
    try {
      return switch (manifest) {
        case PEER -> in.peer();
        case CALL -> in.call();
        case ANSWERS -> in.answers();
        default ->
            throw new IllegalArgumentException(
                "\"%s\" is of another release: run one release on all nodes".formatted(manifest));
      };
    } catch (IOException e) {
      throw new UncheckedIOException("a message of %s ends too early".formatted(manifest), e);
    }
  }

  private static final class Filling extends OutputStream {
    private final ByteBuffer buffer;

    private Filling(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void write(int one) {
      buffer.put((byte) one);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      buffer.put(bytes, from, length);
    }
  }

  private static final class Draining extends InputStream {
    private final ByteBuffer buffer;

    private Draining(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
      var count = Math.min(length, buffer.remaining());
      if (count == 0 && length > 0) {
        return -1;
      }
      buffer.get(bytes, from, count);
      return count;
    }
  }
}
