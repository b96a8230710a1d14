package io.understudy.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Bytes as they are stored: their length and checksum, then themselves, deflated if it helps. */
final class Packed {
  private static final int HEADER = 2 * Integer.BYTES;

  private Packed() {}

  static byte[] pack(byte[] bytes) {
    return pack(bytes, bytes.length);
  }

  /** The first so many of these. */
  static byte[] pack(byte[] bytes, int length) {
    var packed = new byte[HEADER + length];
    ByteBuffer.wrap(packed).putInt(length).putInt(checksum(bytes, length));
    var deflated = deflate(bytes, length, packed);
    if (deflated < length) {
      return Arrays.copyOf(packed, HEADER + deflated);
    }
    System.arraycopy(bytes, 0, packed, HEADER, length);
    return packed;
  }

  /** How long they get; as long as they were when they do not get shorter. */
  private static int deflate(byte[] bytes, int length, byte[] into) {
    var deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(bytes, 0, length);
      deflater.finish();
      var size = deflater.deflate(into, HEADER, length);
      return deflater.finished() ? size : length;
    } finally {
      deflater.end();
    }
  }

  /** Throws {@link IOException} when they are not as they were. */
  static byte[] unpack(byte[] packed) throws IOException {
    if (packed.length < HEADER || packed[0] < 0) {
      throw new IOException(
          "%d bytes are damaged: so many were never stored".formatted(packed.length));
    }
    var header = ByteBuffer.wrap(packed);
    var length = header.getInt();
    var checksum = header.getInt();
    var bytes = packed.length - HEADER < length ? inflate(packed, length) : body(packed);
    if (bytes.length != length || checksum(bytes, length) != checksum) {
      throw new IOException("%d bytes are damaged: their checksum differs".formatted(length));
    }
    return bytes;
  }

  private static byte[] body(byte[] packed) {
    return Arrays.copyOfRange(packed, HEADER, packed.length);
  }

  private static byte[] inflate(byte[] packed, int length) throws IOException {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(packed, HEADER, packed.length - HEADER);
      var bytes = new byte[length];
      return Arrays.copyOf(bytes, inflater.inflate(bytes));
    } catch (DataFormatException e) {
      throw new IOException("%d bytes are damaged: %s".formatted(length, e.getMessage()), e);
    } finally {
      inflater.end();
    }
  }

  private static int checksum(byte[] bytes, int length) {
    var checksum = new CRC32();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}
