package io.understudy.state;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * The last request of each client that took effect, so that one that is repeated does not do so
 * again, and the reply to it.
 *
 * <p>It is a function of the log, the same on every copy. Of two generations the older is forgotten
 * when the younger is full: the last {@link #GENERATION} clients are known for sure, and never more
 * than twice as many are kept. Long replies are forgotten sooner, their requests are not.
 */
public record ClientTable(
    HashPMap<String, Kept> young, HashPMap<String, Kept> old, LongReplies replies) {
  public static final ClientTable EMPTY =
      new ClientTable(HashTreePMap.empty(), HashTreePMap.empty(), LongReplies.NONE);

  static final int GENERATION = 50_000;

  /** In bytes; as many of these as there may be clients have room in memory. */
  static final int LONGEST_HERE = 256;

  /**
   * A client's last request that took effect.
   *
   * @param reply unless it is no longer known
   */
  public record Kept(long number, Position at, Optional<Bytes> reply) {}

  /** With this update's reply in it. */
  ClientTable plus(Update update) {
    var id = update.request();
    return id.isEmpty() ? this : plus(id.get(), update.at(), update.reply());
  }

  ClientTable plus(List<Update> updates) {
    var table = this;
    for (var update : updates) {
      table = table.plus(update);
    }
    return table;
  }

  private ClientTable plus(RequestId id, Position at, Bytes reply) {
    var here = Optional.of(reply).filter(it -> it.length() <= LONGEST_HERE);
    var client = id.client();
    var kept = new Kept(id.number(), at, here);
    var all = here.isPresent() ? replies : replies.plus(client, id.number(), reply);
    return young.size() >= GENERATION && !young.containsKey(client)
        ? new ClientTable(HashTreePMap.singleton(client, kept), young, all)
        : new ClientTable(young.plus(client, kept), old, all);
  }

  Optional<Kept> last(String client) {
    @Nullable Kept kept = young.get(client);
    return Optional.ofNullable(kept != null ? kept : old.get(client)).map(it -> whole(client, it));
  }

  private Kept whole(String client, Kept kept) {
    return kept.reply().isPresent()
        ? kept
        : new Kept(kept.number(), kept.at(), replies.to(client, kept.number()));
  }

  void writeTo(DataOutput out) throws IOException {
    write(out, young);
    write(out, old);
    replies.writeTo(out);
  }

  static ClientTable readFrom(DataInput in) throws IOException {
    return new ClientTable(read(in), read(in), LongReplies.readFrom(in));
  }

  /** It had each reply with its request. */
  static ClientTable readVersion1From(DataInput in) throws IOException {
    var updates = new ArrayList<Update>();
    for (var generation = 0; generation < 2; generation++) {
      for (var left = in.readInt(); left > 0; left--) {
        var id = new RequestId(in.readUTF(), in.readLong());
        var at = Wire.readPosition(in);
        var reply = Bytes.readFrom(in);
        updates.add(new Update(at, Optional.of(id), Optional.empty(), Bytes.EMPTY, reply));
      }
    }
    updates.sort(Comparator.comparingLong(Update::sequence));
    return EMPTY.plus(updates);
  }

  /** Goes past one that was written, by this version or the first. */
  static void skip(DataInputStream in, boolean version1) throws IOException {
    for (var generation = 0; generation < 2; generation++) {
      for (var left = in.readInt(); left > 0; left--) {
        in.skipNBytes(in.readUnsignedShort());
        in.readLong();
        Wire.readPosition(in);
        if (version1 || in.readBoolean()) {
          in.skipNBytes(in.readInt());
        }
      }
    }
    if (!version1) {
      LongReplies.skip(in);
    }
  }

  private static void write(DataOutput out, Map<String, Kept> clients) throws IOException {
    out.writeInt(clients.size());
    for (var entry : clients.entrySet()) {
      var kept = entry.getValue();
      out.writeUTF(entry.getKey());
      out.writeLong(kept.number());
      Wire.write(out, kept.at());
      out.writeBoolean(kept.reply().isPresent());
      if (kept.reply().isPresent()) {
        kept.reply().get().writeTo(out);
      }
    }
  }

  private static HashPMap<String, Kept> read(DataInput in) throws IOException {
    HashPMap<String, Kept> clients = HashTreePMap.empty();
    for (var left = in.readInt(); left > 0; left--) {
      clients = clients.plus(in.readUTF(), readKept(in));
    }
    return clients;
  }

  private static Kept readKept(DataInput in) throws IOException {
    var number = in.readLong();
    var at = Wire.readPosition(in);
    return new Kept(
        number, at, in.readBoolean() ? Optional.of(Bytes.readFrom(in)) : Optional.empty());
  }
}
