package io.understudy.state;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * The last long reply to each client, for as long as there is room and as its request is sure to be
 * known: of two generations the older is forgotten when the younger is full.
 *
 * @param bytes of the young ones
 */
record LongReplies(HashPMap<String, One> young, HashPMap<String, One> old, long bytes) {
  static final LongReplies NONE = new LongReplies(HashTreePMap.empty(), HashTreePMap.empty(), 0);

  static final long MOST_BYTES = 16L << 20;

  /** To a client's request of this number. */
  record One(long number, Bytes reply) {}

  LongReplies plus(String client, long number, Bytes reply) {
    var one = new One(number, reply);
    @Nullable One known = young.get(client);
    var sum = bytes + reply.length() - (known == null ? 0 : known.reply().length());
    var crowded = known == null && young.size() >= ClientTable.GENERATION;
    return sum > MOST_BYTES || crowded
        ? new LongReplies(HashTreePMap.singleton(client, one), young, reply.length())
        : new LongReplies(young.plus(client, one), old, sum);
  }

  Optional<Bytes> to(String client, long number) {
    @Nullable One one = young.getOrDefault(client, old.get(client));
    return Optional.ofNullable(one).filter(it -> it.number() == number).map(One::reply);
  }

  void writeTo(DataOutput out) throws IOException {
    write(out, young);
    write(out, old);
  }

  static LongReplies readFrom(DataInput in) throws IOException {
    var young = read(in);
    var bytes = young.values().stream().mapToLong(one -> one.reply().length()).sum();
    return new LongReplies(young, read(in), bytes);
  }

  static void skip(DataInputStream in) throws IOException {
    for (var generation = 0; generation < 2; generation++) {
      for (var left = in.readInt(); left > 0; left--) {
        in.skipNBytes(in.readUnsignedShort());
        in.readLong();
        in.skipNBytes(in.readInt());
      }
    }
  }

  private static void write(DataOutput out, Map<String, One> replies) throws IOException {
    out.writeInt(replies.size());
    for (var entry : replies.entrySet()) {
      out.writeUTF(entry.getKey());
      out.writeLong(entry.getValue().number());
      entry.getValue().reply().writeTo(out);
    }
  }

  private static HashPMap<String, One> read(DataInput in) throws IOException {
    HashPMap<String, One> replies = HashTreePMap.empty();
    for (var left = in.readInt(); left > 0; left--) {
      replies = replies.plus(in.readUTF(), new One(in.readLong(), Bytes.readFrom(in)));
    }
    return replies;
  }
}
