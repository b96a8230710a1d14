package io.understudy.state;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What stands before the module's own bytes in a snapshot's file.
 *
 * @param at the last update that is in the state
 * @param clients whose last replies are kept, up to that update
 */
public record SnapshotHeader(Position at, ClientTable clients) {
  /** Before the first update. */
  public static final SnapshotHeader NONE = new SnapshotHeader(Position.NONE, ClientTable.EMPTY);

  private static final int MAGIC = 0x55530002; // "US", and the version of the format
  private static final int VERSION_1 = 0x55530001; // the Checkpoint Server may have such

  public void writeTo(DataOutput out) throws IOException {
    out.writeInt(MAGIC);
    Wire.write(out, at);
    clients.writeTo(out);
  }

  /** Throws {@link IOException} with the reason when it is not one. */
  public static SnapshotHeader readFrom(DataInput in) throws IOException {
    var version1 = isVersion1(in);
    var at = Wire.readPosition(in);
    return new SnapshotHeader(
        at, version1 ? ClientTable.readVersion1From(in) : ClientTable.readFrom(in));
  }

  /**
   * Goes on to the module's own bytes: 100,000 clients take several 100 ms to read.
   *
   * @throws IOException with the reason when it is not one
   */
  public static void skip(DataInputStream in) throws IOException {
    var version1 = isVersion1(in);
    Wire.readPosition(in);
    ClientTable.skip(in, version1);
  }

  private static boolean isVersion1(DataInput in) throws IOException {
    var magic = in.readInt();
    if (magic != MAGIC && magic != VERSION_1) {
      throw new IOException(
          "this is no snapshot of version 1 or 2: it begins with %08x".formatted(magic));
    }
    return magic == VERSION_1;
  }
}
