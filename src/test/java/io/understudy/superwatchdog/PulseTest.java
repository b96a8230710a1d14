package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.Await;
import io.understudy.model.HostId;
import io.understudy.watchdog.Lease;
import io.understudy.watchdog.WatchDogProtocol.Heartbeat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PulseTest {
  private static final LeaseTerms TERMS =
      new LeaseTerms(Duration.ofSeconds(2), Duration.ofMillis(200), 0.02);

  private static final Heartbeat BEAT = new Heartbeat(new HostId("H4"), "127.0.0.1:1#1/1");

  @Test
  @Timeout(20)
  @DisplayName("[48] a SuperWatchDog's name means nothing for now => the others hear each beat")
  void nobodyKnowsTheName() throws Exception {
    try (var ear = DatagramChannel.open()) {
      ear.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      var at = new LinkedHashMap<HostId, InetSocketAddress>();
      at.put(new HostId("H1"), InetSocketAddress.createUnresolved("h1.invalid", 17356));
      at.put(new HostId("H2"), (InetSocketAddress) ear.getLocalAddress());
      at.put(new HostId("H3"), InetSocketAddress.createUnresolved("h3.invalid", 17356));
      try (var pulse =
          Pulse.open("127.0.0.1:1#1", "127.0.0.1", TERMS, () -> at, Seal.NONE, () -> {})) {
        while (pulse.lastWords().isEmpty()) {
          Thread.onSpinWait(); // it has not looked yet where they are
        }
        pulse.beat(BEAT);
        assertThat(ear.receive(ByteBuffer.allocate(1000))).isNotNull();
      }
    }
  }

  @Test
  @Timeout(60)
  @DisplayName("a beat that is not answered is repeated before the WatchDog's next")
  void repeats() throws Exception {
    try (var deaf = DatagramChannel.open()) {
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      var at = Map.of(new HostId("H1"), (InetSocketAddress) deaf.getLocalAddress());
      try (var pulse =
          Pulse.open("127.0.0.1:1#1", "127.0.0.1", TERMS, () -> at, Seal.NONE, () -> {})) {
        while (pulse.lastWords().isEmpty()) {
          Thread.onSpinWait(); // it has not looked yet where they are
        }
        pulse.beat(BEAT);
        var first = hears(deaf);
        assertThat(hears(deaf).askedAt()).as("asked once more").isGreaterThan(first.askedAt());
      }
    }
  }

  @Test
  @Timeout(20)
  @DisplayName("what its guard is to say: that it is dead, that its copies are, and to whom")
  void lastWords() throws Exception {
    var node = "127.0.0.1:1#n";
    var at = Map.of(new HostId("H1"), InetSocketAddress.createUnresolved("127.0.0.1", 17356));
    var seal = Seal.of("s");
    try (var pulse = Pulse.open(node, "127.0.0.1", TERMS, () -> at, seal, () -> {})) {
      while (pulse.lastWords().isEmpty()) {
        Thread.onSpinWait();
      }
      var words = pulse.lastWords().split(" ");
      assertThat(said(words[0], seal)).isEqualTo(new PulseMessage.Ended(node));
      assertThat(said(words[1], seal)).isEqualTo(new PulseMessage.LastWord(node));
      assertThat(words).hasSize(3).endsWith("127.0.0.1/17356");
    }
  }

  @Test
  @Timeout(20)
  @DisplayName("a SuperWatchDog whose leases are shorter than this host's => they end when it says")
  void shorterLeases() throws Exception {
    try (var ear = DatagramChannel.open()) {
      ear.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      var h1 = new HostId("H1");
      var at = Map.of(h1, (InetSocketAddress) ear.getLocalAddress());
      try (var pulse =
          Pulse.open("127.0.0.1:1#1", "127.0.0.1", TERMS, () -> at, Seal.NONE, () -> {})) {
        while (pulse.lastWords().isEmpty()) {
          Thread.onSpinWait(); // it has not looked yet where they are
        }
        pulse.beat(BEAT);
        var bytes = ByteBuffer.allocate(1000);
        var from = ear.receive(bytes);
        var beat = beat(bytes);
        var grant = new HostLease.Grant(beat.askedAt(), 1);
        var lease = Duration.ofMillis(700);
        var granted = new PulseMessage.Granted(h1, BEAT.incarnation(), grant, lease);
        ear.send(ByteBuffer.wrap(granted.encoded()), from);
        Await.until(
            () ->
                assertThat(pulse.lease())
                    .isEqualTo(new Lease.Until(beat.askedAt() + 500_000_000L)));
      }
    }
  }

  /** As printf writes it. */
  private static PulseMessage said(String word, Seal seal) {
    var bytes = new ByteArrayOutputStream();
    for (String octet : word.substring(1).split("\\\\")) {
      bytes.write(Integer.parseInt(octet, 8));
    }
    return PulseMessage.decoded(seal.opened(bytes.toByteArray()).orElseThrow()).orElseThrow();
  }

  private static PulseMessage.Beat hears(DatagramChannel ear) throws IOException {
    var bytes = ByteBuffer.allocate(1000);
    var unused = ear.receive(bytes);
    return beat(bytes);
  }

  private static PulseMessage.Beat beat(ByteBuffer bytes) {
    return (PulseMessage.Beat)
        PulseMessage.decoded(Arrays.copyOf(bytes.array(), bytes.position())).orElseThrow();
  }
}
