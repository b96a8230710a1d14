package io.understudy.watchdog;

import io.understudy.model.CopyId;
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
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** Writes what {@link StateReader} reads. */
final class StateWriter {
  private final DataOutput out;
  private final ActorRefResolver refs;

  /** One of a list, or what may be there. */
  private interface Part<T> {
    void write(T value) throws IOException;
  }

  StateWriter(DataOutput out, ActorRefResolver refs) {
    this.out = out;
    this.refs = refs;
  }

  void call(ModuleCall call) throws IOException {
    text(call.module().value());
    copy(call.copy());
    text(refs.toSerializationFormat(call.replyTo()));
    list(
        call.requests(),
        request -> {
          id(request.id());
          request.command().writeTo(out);
          out.writeBoolean(request.again());
        });
  }

  void answers(CallAnswers answers) throws IOException {
    list(answers.answers(), this::answer);
  }

  private void answer(CallAnswer answer) throws IOException {
    switch (answer) {
      case CallAnswer.Replied(var id, var reply, var kept) -> {
        begin('d', id);
        reply.writeTo(out);
        out.writeBoolean(kept);
      }
      case CallAnswer.NotPrimary(var id, var copy, var reason) -> {
        begin('n', id);
        copy(copy);
        text(reason);
      }
      case CallAnswer.CallRefused(var id, var reason, var kept) -> {
        begin('r', id);
        text(reason);
        out.writeBoolean(kept);
      }
      case CallAnswer.Forgotten(var id, var sequence) -> {
        begin('f', id);
        out.writeLong(sequence);
      }
      case CallAnswer.Overloaded(var id) -> begin('o', id);
    }
  }

  private void begin(char kind, RequestId id) throws IOException {
    out.writeByte(kind);
    id(id);
  }

  void peer(StateHost.Peer peer) throws IOException {
    copy(peer.to());
    out.writeLong(peer.run());
    switch (peer.message()) {
      case PeerMessage.Append(var sender, var previous, var updates, var commit, var round) -> {
        begin('A', sender);
        position(previous);
        list(updates, this::update);
        out.writeLong(commit);
        out.writeLong(round);
      }
      case PeerMessage.Appended(var sender, var end, var round) -> {
        begin('a', sender);
        position(end);
        out.writeLong(round);
      }
      case PeerMessage.Behind(var sender, var lineage) -> {
        begin('b', sender);
        lineage(lineage);
      }
      case PeerMessage.Pull(var sender, var lineage) -> {
        begin('p', sender);
        lineage(lineage);
      }
      case PeerMessage.SnapshotOffer(var sender, var at, var bytes) -> {
        begin('S', sender);
        position(at);
        out.writeLong(bytes);
      }
      case PeerMessage.FetchChunk(var sender, var at, var offset) -> {
        begin('f', sender);
        position(at);
        out.writeLong(offset);
      }
      case PeerMessage.Chunk(var sender, var at, var offset, var total, var bytes) -> {
        begin('C', sender);
        position(at);
        out.writeLong(offset);
        out.writeLong(total);
        bytes.writeTo(out);
      }
      case PeerMessage.Inquire(var sender) -> begin('I', sender);
      case PeerMessage.Inquired(var sender, var end) -> {
        begin('i', sender);
        position(end);
      }
      case PeerMessage.Forward(var sender, var requests) -> {
        begin('F', sender);
        list(requests, this::request);
      }
      case PeerMessage.ForwardBarrier(var sender, var ticket) -> {
        begin('B', sender);
        out.writeLong(ticket);
      }
      case PeerMessage.Answered(var sender, var origin, var reply) -> {
        begin('w', sender);
        origin(origin);
        reply(reply);
      }
    }
  }

  private void begin(char kind, PeerMessage.Sender sender) throws IOException {
    out.writeByte(kind);
    out.writeLong(sender.epoch().value());
    copy(sender.copy());
    out.writeLong(sender.run());
  }

  private void update(Update update) throws IOException {
    position(update.at());
    optional(update.request(), this::id);
    optional(update.origin(), this::origin);
    update.payload().writeTo(out);
    update.reply().writeTo(out);
  }

  private void request(Request request) throws IOException {
    origin(request.origin());
    optional(request.id(), this::id);
    request.command().writeTo(out);
    out.writeBoolean(request.again());
  }

  private void reply(Reply reply) throws IOException {
    switch (reply) {
      case Reply.Done(var at, var bytes, var duplicate, var kept) -> {
        out.writeByte('d');
        position(at);
        optional(bytes, it -> it.writeTo(out));
        out.writeBoolean(duplicate);
        out.writeBoolean(kept);
      }
      case Reply.NotPrimary(var reason) -> {
        out.writeByte('n');
        text(reason);
      }
      case Reply.Refused(var reason) -> {
        out.writeByte('r');
        text(reason);
      }
      case Reply.Overloaded(var reason) -> {
        out.writeByte('o');
        text(reason);
      }
    }
  }

  private void lineage(Lineage lineage) throws IOException {
    out.writeLong(lineage.base());
    list(lineage.marks(), this::position);
  }

  private void position(Position at) throws IOException {
    out.writeLong(at.epoch().value());
    out.writeLong(at.sequence());
  }

  private void origin(Origin origin) throws IOException {
    copy(origin.copy());
    out.writeLong(origin.run());
    out.writeLong(origin.ticket());
  }

  private void id(RequestId id) throws IOException {
    text(id.client());
    out.writeLong(id.number());
  }

  private void copy(CopyId copy) throws IOException {
    text(copy.module().value());
    out.writeInt(copy.number());
  }

  private void text(String text) throws IOException {
    Bytes.utf8(text).writeTo(out);
  }

  private <T> void optional(Optional<T> value, Part<T> part) throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      part.write(value.get());
    }
  }

  private <T> void list(List<T> values, Part<T> part) throws IOException {
    out.writeInt(values.size());
    for (var value : values) {
      part.write(value);
    }
  }
}
