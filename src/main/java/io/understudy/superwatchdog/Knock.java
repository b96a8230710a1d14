package io.understudy.superwatchdog;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Asks a silent host's kernel whether its node still listens.
 *
 * <p>A refused connection is proof: the kernel lives, and the node, with which its copies die, does
 * not. Silence, or an accepted connection, proves nothing.
 */
final class Knock {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private Knock() {}

  /** Whether the connection to host:port is refused. */
  static CompletionStage<Boolean> refused(String address, Executor blocking) {
    return CompletableFuture.supplyAsync(() -> isRefused(address), blocking);
  }

  private static boolean isRefused(String address) {
    var colon = address.lastIndexOf(':');
    var port = Integer.parseInt(address.substring(colon + 1));
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.substring(0, colon), port), (int) PATIENCE.toMillis());
      return false;
    } catch (ConnectException e) {
      return String.valueOf(e.getMessage()).contains("refused");
    } catch (IOException e) {
      return false; // no answer, or no way there
    }
  }
}
