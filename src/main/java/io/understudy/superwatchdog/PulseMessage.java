package io.understudy.superwatchdog;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.RingBeat.Last;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What travels as one datagram; see {@link Pulse}. */
sealed interface PulseMessage {
  /** The largest that is sent: a datagram's limit is 65,507 bytes. */
  int MOST_BYTES = 60_000;

  /**
   * A WatchDog is alive, and asks for its lease to be renewed.
   *
   * @param askedAt on the host's own clock
   * @param answered the last of its beats that it knows this SuperWatchDog to have answered
   */
  record Beat(HostId host, String incarnation, long askedAt, OptionalLong answered)
      implements PulseMessage {}

  /**
   * A lease is renewed, as asked for then.
   *
   * @param lease for how long by the terms of this SuperWatchDog: its configuration may differ from
   *     the host's
   */
  record Granted(HostId by, String incarnation, HostLease.Grant grant, Duration lease)
      implements PulseMessage {}

  /** A beat was heard, and its lease is not renewed. */
  record Noted(HostId by, String incarnation, HostLease.Answer answer) implements PulseMessage {}

  /**
   * A node's JVM is dead: none of its threads will run again, though the kernel may still hold open
   * what was its; by its guard. Its bytes hold no newline, which would end a datagram that a shell
   * sends.
   */
  record Ended(String node) implements PulseMessage {}

  /**
   * A node's JVM is dead, and so are the processes that were its copies: by the guard that outlives
   * it. No newline either.
   */
  record LastWord(String node) implements PulseMessage {}

  /** A SuperWatchDog speaks to another. */
  record Ringing(RingBeat beat) implements PulseMessage {}

  /** Says what this is, and its version: datagrams of others are ignored. */
  int MAGIC = 0x55_44_50_04;

  /** As bytes. */
  default byte[] encoded() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      switch (this) {
        case Beat beat -> write(out, beat);
        case Granted granted -> write(out, granted);
        case Noted noted -> write(out, noted);
        case Ended(var node) -> {
          out.writeByte('E');
          out.writeUTF(node);
        }
        case LastWord(var node) -> {
          out.writeByte('L');
          out.writeUTF(node);
        }
        case Ringing(var beat) -> write(out, beat);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Empty when these bytes are no message of this version. */
  static Optional<PulseMessage> decoded(byte[] bytes) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readInt() != MAGIC) {
        return Optional.empty();
      }
      return switch (in.readByte()) {
        case 'B' -> Optional.of(beat(in));
        case 'G' -> Optional.of(granted(in));
        case 'N' -> Optional.of(noted(in));
        case 'E' -> Optional.of(new Ended(in.readUTF()));
        case 'L' -> Optional.of(new LastWord(in.readUTF()));
        case 'R' -> Optional.of(new Ringing(ringBeat(in)));
        default -> Optional.empty();
      };
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void write(DataOutput out, Beat beat) throws IOException {
    out.writeByte('B');
    out.writeUTF(beat.host().value());
    out.writeUTF(beat.incarnation());
    out.writeLong(beat.askedAt());
    out.writeBoolean(beat.answered().isPresent());
    out.writeLong(beat.answered().orElse(0));
  }

  private static Beat beat(DataInput in) throws IOException {
    var host = new HostId(in.readUTF());
    var incarnation = in.readUTF();
    var askedAt = in.readLong();
    var isAnswered = in.readBoolean();
    var answered = in.readLong();
    return new Beat(
        host, incarnation, askedAt, isAnswered ? OptionalLong.of(answered) : OptionalLong.empty());
  }

  private static void write(DataOutput out, Noted noted) throws IOException {
    out.writeByte('N');
    out.writeUTF(noted.by().value());
    out.writeUTF(noted.incarnation());
    out.writeLong(noted.answer().askedAt());
    out.writeBoolean(noted.answer().member());
  }

  private static Noted noted(DataInput in) throws IOException {
    return new Noted(
        new HostId(in.readUTF()),
        in.readUTF(),
        new HostLease.Answer(in.readLong(), in.readBoolean()));
  }

  private static void write(DataOutput out, Granted granted) throws IOException {
    out.writeByte('G');
    out.writeUTF(granted.by().value());
    out.writeUTF(granted.incarnation());
    out.writeLong(granted.grant().askedAt());
    out.writeInt(granted.grant().electors());
    out.writeLong(granted.lease().toNanos());
  }

  private static Granted granted(DataInput in) throws IOException {
    return new Granted(
        new HostId(in.readUTF()),
        in.readUTF(),
        new HostLease.Grant(in.readLong(), in.readInt()),
        Duration.ofNanos(in.readLong()));
  }

  private static void write(DataOutputStream out, RingBeat beat) throws IOException {
    out.writeByte('R');
    out.writeUTF(beat.from().value());
    out.writeUTF(beat.node());
    out.writeLong(beat.life());
    out.writeLong(beat.sequence());
    out.writeShort(beat.heard().size());
    for (var last : beat.heard().entrySet()) {
      out.writeUTF(last.getKey().value());
      out.writeLong(last.getValue().life());
      out.writeLong(last.getValue().sequence());
    }
    for (var vote : beat.votes().entrySet()) {
      if (out.size() > MOST_BYTES - 2_000) {
        break;
      }
      out.writeBoolean(true);
      out.writeUTF(vote.getKey());
      out.writeBoolean(vote.getValue().isCertain());
      out.writeUTF(vote.getValue().reason());
    }
    out.writeBoolean(false);
  }

  private static RingBeat ringBeat(DataInput in) throws IOException {
    var from = new HostId(in.readUTF());
    var node = in.readUTF();
    var life = in.readLong();
    var sequence = in.readLong();
    Map<HostId, Last> heard = new HashMap<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      heard.put(new HostId(in.readUTF()), new Last(in.readLong(), in.readLong()));
    }
    Map<String, Vote> votes = new HashMap<>();
    while (in.readBoolean()) {
      var subject = in.readUTF();
      var certain = in.readBoolean();
      var reason = in.readUTF();
      votes.put(subject, certain ? Vote.certain(reason) : Vote.suspected(reason));
    }
    return new RingBeat(from, node, life, sequence, votes, heard);
  }
}
