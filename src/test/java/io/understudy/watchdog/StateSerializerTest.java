package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.understudy.model.CopyId;
import io.understudy.model.Epoch;
import io.understudy.module.CallAnswer;
import io.understudy.module.CallAnswers;
import io.understudy.module.ModuleCall;
import io.understudy.state.Bytes;
import io.understudy.state.Lineage;
import io.understudy.state.Origin;
import io.understudy.state.PeerMessage;
import io.understudy.state.PeerMessage.Sender;
import io.understudy.state.Position;
import io.understudy.state.Reply;
import io.understudy.state.Request;
import io.understudy.state.RequestId;
import io.understudy.state.Update;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.ByteBufferSerializer;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message between copies and with clients comes out as it went in. */
class StateSerializerTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "wire",
          ConfigFactory.parseString("pekko.actor.provider = local")
              .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
              .withFallback(ConfigFactory.load())
              .resolve());
  private static final CopyId A1 = CopyId.parse("A1");
  private static final CopyId WEB = CopyId.parse("web1-2");
  private static final Position AT = new Position(new Epoch(3), 12_345_678_901L);
  private static final RequestId ID = new RequestId("client-ü", 7);
  private static final Origin ORIGIN = new Origin(WEB, 4, 99);
  private static final Sender SENDER = new Sender(new Epoch(3), A1, 2);
  private static final Bytes BYTES = Bytes.utf8("some bytes");

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  static Stream<Reply> replies() {
    return Stream.of(
        new Reply.Done(AT, Optional.of(BYTES), true),
        new Reply.Done(AT, Optional.empty(), true),
        new Reply.Done(AT, Optional.of(BYTES), false, false),
        new Reply.NotPrimary("it is a backup"),
        new Reply.Refused("no"),
        new Reply.Overloaded("later"));
  }

  static Stream<PeerMessage> peerMessages() {
    var full = new Update(AT, Optional.of(ID), Optional.of(ORIGIN), BYTES, Bytes.utf8("reply"));
    var bare = new Update(AT, Optional.empty(), Optional.empty(), Bytes.EMPTY, Bytes.EMPTY);
    var asked =
        List.of(
            new Request(ORIGIN, Optional.of(ID), BYTES),
            new Request(ORIGIN, Optional.of(ID), BYTES, true),
            new Request(ORIGIN, Optional.empty(), Bytes.EMPTY));
    return Stream.concat(
        Stream.of(
            new PeerMessage.Append(SENDER, AT, List.of(full, bare), 5, 6),
            new PeerMessage.Append(SENDER, Position.NONE, List.of(), 0, 1),
            new PeerMessage.Appended(SENDER, AT, 8),
            new PeerMessage.Behind(SENDER, new Lineage(4, List.of(Position.NONE, AT))),
            new PeerMessage.Pull(SENDER, new Lineage(0, List.of(AT))),
            new PeerMessage.ForwardBarrier(SENDER, 8),
            new PeerMessage.SnapshotOffer(SENDER, AT, 1L << 40),
            new PeerMessage.FetchChunk(SENDER, AT, 1 << 18),
            new PeerMessage.Chunk(SENDER, AT, 1 << 18, 1L << 40, BYTES),
            new PeerMessage.Inquire(SENDER),
            new PeerMessage.Inquired(SENDER, AT),
            new PeerMessage.Forward(SENDER, asked)),
        replies().map(reply -> new PeerMessage.Answered(SENDER, ORIGIN, reply)));
  }

  static Stream<Object> messages() {
    var replyTo = KIT.<CallAnswers>createTestProbe().getRef();
    return Stream.concat(
        peerMessages().map(message -> new StateHost.Peer(WEB, 4, message)),
        Stream.of(
            new ModuleCall(
                A1.module(), A1, List.of(new ModuleCall.Request(ID, BYTES, true)), replyTo),
            new CallAnswers(
                List.of(
                    new CallAnswer.Replied(ID, BYTES),
                    new CallAnswer.Replied(ID, BYTES, false),
                    new CallAnswer.NotPrimary(ID, WEB, "it is a backup"),
                    new CallAnswer.CallRefused(ID, "not understood"),
                    new CallAnswer.Forgotten(ID, 9),
                    new CallAnswer.Overloaded(ID)))));
  }

  private static SerializerWithStringManifest serializer(Object message) {
    var all = SerializationExtension.get(Adapter.toClassic(KIT.system()));
    return (SerializerWithStringManifest) all.findSerializerFor(message);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void goesRound(Object message) throws Exception {
    var serializer = serializer(message);
    assertThat(serializer).isInstanceOf(StateSerializer.class);
    var manifest = serializer.manifest(message);
    var bytes = serializer.toBinary(message);
    assertThat(serializer.fromBinary(bytes, manifest)).isEqualTo(message);
    var buffer = ByteBuffer.allocateDirect(4096);
    ((ByteBufferSerializer) serializer).toBinary(message, buffer);
    buffer.flip();
    assertThat(buffer.remaining()).isEqualTo(bytes.length);
    assertThat(((ByteBufferSerializer) serializer).fromBinary(buffer, manifest)).isEqualTo(message);
  }

  @Test
  @DisplayName("the largest update of a process fits into a frame of remoting")
  void largest() {
    var payload = Bytes.wrap(new byte[StateApi.MAX_UPDATE]);
    var id = new RequestId("ü".repeat(StateApi.MAX_CLIENT), Long.MAX_VALUE);
    var update = new Update(AT, Optional.of(id), Optional.of(ORIGIN), payload, Bytes.EMPTY);
    var append = new PeerMessage.Append(SENDER, AT, List.of(update), 5, 6);
    var peer = new StateHost.Peer(WEB, 4, append);
    var frame =
        KIT.system()
            .settings()
            .config()
            .getBytes("pekko.remote.artery.advanced.maximum-frame-size");
    var header = 10_000; // more than remoting needs
    assertThat(serializer(peer).toBinary(peer).length + header).isLessThan(frame.intValue());
  }

  @Test
  void everyKindIsAmongThem() {
    assertThat(kinds(peerMessages())).isEqualTo(permitted(PeerMessage.class));
    assertThat(kinds(replies())).isEqualTo(permitted(Reply.class));
  }

  private static Set<Class<?>> kinds(Stream<?> samples) {
    return samples.map(Object::getClass).collect(Collectors.toSet());
  }

  private static Set<Class<?>> permitted(Class<?> type) {
    return Arrays.stream(type.getPermittedSubclasses()).collect(Collectors.toSet());
  }

  @Test
  void whatIsCutOffIsRefused() {
    var message = messages().findFirst().orElseThrow();
    var serializer = serializer(message);
    var bytes = serializer.toBinary(message);
    var half = Arrays.copyOf(bytes, bytes.length / 2);
    assertThatThrownBy(() -> serializer.fromBinary(half, serializer.manifest(message)))
        .hasMessageContaining("ends too early");
  }
}
