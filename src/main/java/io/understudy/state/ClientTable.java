package io.understudy.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * The last reply to each client, so that a request that is repeated takes effect once.
 *
 * <p>It is a function of the log, the same on every copy. Of two generations the older is forgotten
 * when the younger is full: the last {@link #GENERATION} clients are known for sure, or as many as
 * have {@link #MOST_BYTES} of replies, and never more than twice as many are kept.
 *
 * @param bytes of the replies of the young ones
 */
public record ClientTable(HashPMap<String, Kept> young, HashPMap<String, Kept> old, long bytes) {
  public static final ClientTable EMPTY =
      new ClientTable(HashTreePMap.empty(), HashTreePMap.empty(), 0);

  static final int GENERATION = 50_000;
  static final long MOST_BYTES = 64L << 20;

  /** A client's last request that took effect. */
  public record Kept(long number, Position at, Bytes reply) {}

  /** With this update's reply in it. */
  ClientTable plus(Update update) {
    var id = update.request();
    return id.isEmpty()
        ? this
        : plus(id.get().client(), new Kept(id.get().number(), update.at(), update.reply()));
  }

  ClientTable plus(List<Update> updates) {
    var table = this;
    for (var update : updates) {
      table = table.plus(update);
    }
    return table;
  }

  private ClientTable plus(String client, Kept kept) {
    @Nullable Kept known = young.get(client);
    var length = kept.reply().length();
    var sum = bytes + length - (known == null ? 0 : known.reply().length());
    var full = (known == null && young.size() >= GENERATION) || sum > MOST_BYTES;
    return full
        ? new ClientTable(HashTreePMap.singleton(client, kept), young, length)
        : new ClientTable(young.plus(client, kept), old, sum);
  }

  Optional<Kept> last(String client) {
    @Nullable Kept kept = young.get(client);
    return Optional.ofNullable(kept != null ? kept : old.get(client));
  }

  void writeTo(DataOutput out) throws IOException {
    write(out, young);
    write(out, old);
  }

  static ClientTable readFrom(DataInput in) throws IOException {
    var young = read(in);
    var bytes = young.values().stream().mapToLong(kept -> kept.reply().length()).sum();
    return new ClientTable(young, read(in), bytes);
  }

  private static void write(DataOutput out, Map<String, Kept> clients) throws IOException {
    out.writeInt(clients.size());
    for (var entry : clients.entrySet()) {
      out.writeUTF(entry.getKey());
      out.writeLong(entry.getValue().number());
      Wire.write(out, entry.getValue().at());
      entry.getValue().reply().writeTo(out);
    }
  }

  private static HashPMap<String, Kept> read(DataInput in) throws IOException {
    HashPMap<String, Kept> clients = HashTreePMap.empty();
    for (var left = in.readInt(); left > 0; left--) {
      var client = in.readUTF();
      clients =
          clients.plus(client, new Kept(in.readLong(), Wire.readPosition(in), Bytes.readFrom(in)));
    }
    return clients;
  }
}
