package io.understudy.superwatchdog;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks a silent host's kernel whether its node still listens.
 *
 * <p>A refused connection is proof: the kernel lives, and the node, with which its copies die, does
 * not. Silence, or an accepted connection, proves nothing.
 */
final class Knock {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /**
   * A node that dies accepts connections until its last socket is closed: asked again and again.
   */
  private static final Duration PAUSE = Duration.ofMillis(2);

  private Knock() {}

  /** Whether connections to host:port are refused, or begin to be while it is asked. */
  static CompletionStage<Boolean> refused(String address, Executor blocking) {
    return CompletableFuture.supplyAsync(() -> isRefusedSoon(address), blocking);
  }

  private static boolean isRefusedSoon(String address) {
    var end = System.nanoTime() + PATIENCE.toNanos();
    do {
      if (isRefused(address)) {
        return true;
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    } while (end - System.nanoTime() > 0);
    return false;
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
