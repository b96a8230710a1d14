package io.understudy.checkpoint;

import io.understudy.model.Epoch;
import io.understudy.state.Bytes;
import io.understudy.state.Position;
import io.understudy.state.RequestId;
import io.understudy.state.Update;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Updates of one epoch that are stored in one row; what they are in it is the stored format. */
record Batch(List<Update> updates) {
  private static final int VERSION = 1;

  Batch {
    updates = List.copyOf(updates);
  }

  Epoch epoch() {
    return updates.getFirst().at().epoch();
  }

  long first() {
    return updates.getFirst().sequence();
  }

  long last() {
    return updates.getLast().sequence();
  }

  /** Rows of these updates: a new one begins with each epoch, and before one gets too large. */
  static List<Batch> of(List<Update> updates) {
    var batches = new ArrayList<Batch>();
    var batch = new ArrayList<Update>();
    var bytes = 0L;
    for (var update : updates) {
      if (!batch.isEmpty() && (bytes + update.size() > Store.ROW_BYTES || opens(update, batch))) {
        batches.add(new Batch(batch));
        batch.clear();
        bytes = 0;
      }
      batch.add(update);
      bytes += update.size();
    }
    if (!batch.isEmpty()) {
      batches.add(new Batch(batch));
    }
    return batches;
  }

  private static boolean opens(Update update, List<Update> batch) {
    return !update.at().epoch().equals(batch.getLast().at().epoch());
  }

  byte[] toBytes() {
    var buffer = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(buffer)) {
      out.writeByte(VERSION);
      out.writeLong(epoch().value());
      out.writeLong(first());
      out.writeInt(updates.size());
      for (var update : updates) {
        write(out, update);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Packed.pack(buffer.toByteArray());
  }

  private static void write(DataOutputStream out, Update update) throws IOException {
    out.writeBoolean(update.request().isPresent());
    if (update.request().isPresent()) {
      out.writeUTF(update.request().get().client());
      out.writeLong(update.request().get().number());
    }
    update.payload().writeTo(out);
    update.reply().writeTo(out);
  }

  /** Throws {@link IOException} when it is not what {@link #toBytes} made. */
  static Batch fromBytes(byte[] packed) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(Packed.unpack(packed)));
    var version = in.readByte();
    if (version != VERSION) {
      throw new IOException("updates of format %d, not %d".formatted(version, VERSION));
    }
    var epoch = new Epoch(in.readLong());
    var next = in.readLong();
    var updates = new ArrayList<Update>();
    for (var left = in.readInt(); left > 0; left--) {
      updates.add(read(in, new Position(epoch, next++)));
    }
    return new Batch(updates);
  }

  private static Update read(DataInputStream in, Position at) throws IOException {
    var request =
        in.readBoolean()
            ? Optional.of(new RequestId(in.readUTF(), in.readLong()))
            : Optional.<RequestId>empty();
    return new Update(at, request, Optional.empty(), Bytes.readFrom(in), Bytes.readFrom(in));
  }
}
