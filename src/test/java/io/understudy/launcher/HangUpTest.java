package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.understudy.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** That Pekko keeps its connections where they are looked for. */
class HangUpTest {
  @Test
  @DisplayName("a connection that nobody would close => is closed, at both ends")
  void closes() throws Exception {
    var system = ActorSystem.create("hangup", ConfigFactory.load());
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var ended =
          Source.<ByteString>maybe()
              .via(Tcp.get(system).outgoingConnection("127.0.0.1", server.getLocalPort()))
              .toMat(Sink.ignore(), Keep.right())
              .run(system)
              .toCompletableFuture();
      try (var accepted = server.accept()) {
        accepted.setSoTimeout((int) Await.LONG.toMillis());
        Await.until(
            () -> {
              HangUp.now(system); // the stream may not have heard yet that it is connected
              assertThat(ended).isCompletedExceptionally();
            });
        assertThat(isClosed(accepted)).isTrue();
      }
    } finally {
      system.terminate();
      Await.until(() -> assertThat(system.whenTerminated().isCompleted()).isTrue());
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }
}
