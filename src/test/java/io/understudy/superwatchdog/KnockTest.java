package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KnockTest {
  private static final int PATIENCE_SECONDS = 20;

  private static ServerSocketChannel listen() throws IOException {
    var door = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    door.configureBlocking(false);
    return door;
  }

  private static String at(ServerSocketChannel door) throws IOException {
    return "127.0.0.1:" + ((InetSocketAddress) door.getLocalAddress()).getPort();
  }

  private static CompletableFuture<Boolean> knock(String address) {
    return Knock.refused(address, ForkJoinPool.commonPool()).toCompletableFuture();
  }

  @Test
  @DisplayName("nobody listens => refused")
  void refused() throws Exception {
    String address;
    try (var door = listen()) {
      address = at(door);
    }
    assertThat(knock(address).get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(Knock.ask(address)).isEqualTo(Knock.Answer.REFUSED);
  }

  @Test
  @DisplayName("somebody listens, but takes no connection => not refused, and asked a few times")
  void open() throws Exception {
    try (var door = listen()) {
      assertThat(knock(at(door)).get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isFalse();
      assertThat(waiting(door)).isBetween(1, 6); // for 100 ms each, of 500
      assertThat(Knock.ask(at(door))).isEqualTo(Knock.Answer.ACCEPTED);
    }
  }

  private static int waiting(ServerSocketChannel door) throws IOException {
    var connections = 0;
    for (var next = door.accept(); next != null; next = door.accept()) {
      next.close();
      connections++;
    }
    return connections;
  }

  @Test
  @Timeout(PATIENCE_SECONDS * 2)
  @DisplayName("what listened dies while it is asked => refused, as soon as that is so")
  void dies() throws Exception {
    try (var door = listen()) {
      var soon = Duration.ofSeconds(PATIENCE_SECONDS);
      var answer = Knock.refused(at(door), soon.multipliedBy(9), ForkJoinPool.commonPool());
      door.configureBlocking(true);
      door.accept().close();
      door.close();
      assertThat(answer.toCompletableFuture()).succeedsWithin(soon).isEqualTo(true);
    }
  }
}
