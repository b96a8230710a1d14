package io.understudy.watchdog;

import io.understudy.state.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Several byte strings as one: each after its length. */
final class Frames {
  private Frames() {}

  static Bytes join(List<Bytes> parts) {
    var size = parts.stream().mapToInt(part -> Integer.BYTES + part.length()).sum();
    var all = ByteBuffer.allocate(size);
    for (var part : parts) {
      all.putInt(part.length());
      all.put(part.buffer());
    }
    return Bytes.wrap(all.array());
  }

  /** Throws {@link IllegalArgumentException} if nothing of the kind was joined. */
  static List<Bytes> split(Bytes joined) {
    var parts = new ArrayList<Bytes>();
    var left = joined.buffer();
    while (left.hasRemaining()) {
      var length = left.remaining() < Integer.BYTES ? -1 : left.getInt();
      if (length < 0 || length > left.remaining()) {
        throw new IllegalArgumentException(
            "an update of %d bytes is cut off".formatted(joined.length()));
      }
      var part = new byte[length];
      left.get(part);
      parts.add(Bytes.wrap(part));
    }
    return parts;
  }
}
