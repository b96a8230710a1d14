package io.understudy.watchdog;

import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.Lineage;
import io.understudy.state.Origin;
import io.understudy.state.PeerMessage;
import io.understudy.state.Position;
import io.understudy.state.Reply;
import io.understudy.state.Request;
import io.understudy.state.RequestId;
import io.understudy.state.Update;
import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** Reads what {@link StateWriter} wrote. */
final class StateReader {
  private final DataInput in;
  private final ActorRefResolver refs;

  /** One of a list, or what may be there. */
  private interface Part<T> {
    T read() throws IOException;
  }

  StateReader(DataInput in, ActorRefResolver refs) {
    this.in = in;
    this.refs = refs;
  }

  ModuleCall call() throws IOException {
    var module = new ModuleId(text());
    var copy = copy();
    var replyTo = refs.<CallAnswers>resolveActorRef(text());
    var requests = list(() -> new ModuleCall.Request(id(), Bytes.readFrom(in), in.readBoolean()));
    return new ModuleCall(module, copy, requests, replyTo);
  }

  CallAnswers answers() throws IOException {
    return new CallAnswers(list(this::answer));
  }

  private CallAnswer answer() throws IOException {
    var kind = in.readByte();
    var id = id();
    return switch (kind) {
      case 'd' -> new CallAnswer.Replied(id, Bytes.readFrom(in), in.readBoolean());
      case 'n' -> new CallAnswer.NotPrimary(id, copy(), text());
      case 'r' -> new CallAnswer.CallRefused(id, text(), in.readBoolean());
      case 'f' -> new CallAnswer.Forgotten(id, in.readLong());
      case 'o' -> new CallAnswer.Overloaded(id);
      default -> throw unknown(kind);
    };
  }

  StateHost.Peer peer() throws IOException {
    return new StateHost.Peer(copy(), in.readLong(), message());
  }

  private PeerMessage message() throws IOException {
    var kind = in.readByte();
    var sender = new PeerMessage.Sender(new Epoch(in.readLong()), copy(), in.readLong());
    return switch (kind) {
      case 'A' -> {
        var previous = position();
        var updates = list(this::update);
        yield new PeerMessage.Append(sender, previous, updates, in.readLong(), in.readLong());
      }
      case 'a' -> new PeerMessage.Appended(sender, position(), in.readLong());
      case 'b' -> new PeerMessage.Behind(sender, lineage());
      case 'p' -> new PeerMessage.Pull(sender, lineage());
      case 'S' -> new PeerMessage.SnapshotOffer(sender, position(), in.readLong());
      case 'f' -> new PeerMessage.FetchChunk(sender, position(), in.readLong());
      case 'C' ->
          new PeerMessage.Chunk(
              sender, position(), in.readLong(), in.readLong(), Bytes.readFrom(in));
      case 'I' -> new PeerMessage.Inquire(sender);
      case 'i' -> new PeerMessage.Inquired(sender, position());
      case 'F' -> new PeerMessage.Forward(sender, list(this::request));
      case 'B' -> new PeerMessage.ForwardBarrier(sender, in.readLong());
      case 'w' -> new PeerMessage.Answered(sender, origin(), reply());
      default -> throw unknown(kind);
    };
  }

  private Update update() throws IOException {
    var at = position();
    var request = optional(this::id);
    var origin = optional(this::origin);
    return new Update(at, request, origin, Bytes.readFrom(in), Bytes.readFrom(in));
  }

  private Request request() throws IOException {
    var origin = origin();
    var id = optional(this::id);
    return new Request(origin, id, Bytes.readFrom(in), in.readBoolean());
  }

  private Reply reply() throws IOException {
    var kind = in.readByte();
    return switch (kind) {
      case 'd' ->
          new Reply.Done(
              position(), optional(() -> Bytes.readFrom(in)), in.readBoolean(), in.readBoolean());
      case 'n' -> new Reply.NotPrimary(text());
      case 'r' -> new Reply.Refused(text());
      case 'o' -> new Reply.Overloaded(text());
      default -> throw unknown(kind);
    };
  }

  private Lineage lineage() throws IOException {
    var base = in.readLong();
    return new Lineage(base, list(this::position));
  }

  private Position position() throws IOException {
    return new Position(new Epoch(in.readLong()), in.readLong());
  }

  private Origin origin() throws IOException {
    return new Origin(copy(), in.readLong(), in.readLong());
  }

  private RequestId id() throws IOException {
    return new RequestId(text(), in.readLong());
  }

  private CopyId copy() throws IOException {
    return new CopyId(new ModuleId(text()), in.readInt());
  }

  private String text() throws IOException {
    return Bytes.readFrom(in).utf8();
  }

  private <T> Optional<T> optional(Part<T> part) throws IOException {
    return in.readBoolean() ? Optional.of(part.read()) : Optional.empty();
  }

  private <T> List<T> list(Part<T> part) throws IOException {
    var count = in.readInt();
    var values = new ArrayList<T>(Math.min(count, 1024));
    for (var left = count; left > 0; left--) {
      values.add(part.read());
    }
    return values;
  }

  private static IllegalArgumentException unknown(byte kind) {
    return new IllegalArgumentException("'%c' is no kind of message".formatted(kind));
  }
}
