package io.understudy.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that never change: an update, a command, a reply, a piece of a snapshot. */
public final class Bytes {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** A copy of these. */
  public static Bytes of(byte... bytes) {
    return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone());
  }

  /** These themselves: the caller never touches the array again. */
  public static Bytes wrap(byte[] owned) {
    return owned.length == 0 ? EMPTY : new Bytes(owned);
  }

  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads what {@link #writeTo} wrote. */
  public static Bytes readFrom(DataInput in) throws IOException {
    var bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return wrap(bytes);
  }

  /** The length in four bytes, and the bytes. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeInt(array.length);
    out.write(array);
  }

  public int length() {
    return array.length;
  }

  public byte[] toArray() {
    return array.clone();
  }

  /** A read-only view. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  public String utf8() {
    return new String(array, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  @Override
  public String toString() {
    return array.length + " bytes";
  }
}
