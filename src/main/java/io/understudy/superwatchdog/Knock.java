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
 * Asks a host's kernel whether its node listens.
 *
 * <p>A refused connection is proof: the kernel lives, and the node, with which its copies die, does
 * not. Silence, or an accepted connection, proves nothing.
 */
public final class Knock {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** Whoever closes connections, and goes on listening, is not asked without end. */
  private static final Duration SOONEST = Duration.ofMillis(1);

  private static final Duration LATEST = Duration.ofMillis(50);

  /** The kernel says only once that a connection is over, and that may be lost. */
  private static final Duration LISTENS = Duration.ofMillis(100);

  private Knock() {}

  /** What a kernel answered. */
  public enum Answer {
    /** Nobody listens there. */
    REFUSED,
    /** Somebody does, or did until a moment ago. */
    ACCEPTED,
    /** None, which may mean anything. */
    SILENCE
  }

  /** Whether connections to host:port are refused, or begin to be while it is asked. */
  static CompletionStage<Boolean> refused(String address, Executor blocking) {
    return refused(address, PATIENCE, blocking);
  }

  static CompletionStage<Boolean> refused(String address, Duration patience, Executor blocking) {
    return CompletableFuture.supplyAsync(() -> isRefusedWithin(patience, address), blocking);
  }

  /**
   * A node that dies accepts connections until its last socket is closed. The kernel resets what
   * nobody had taken from the one that listened, and so says when to ask again.
   */
  private static boolean isRefusedWithin(Duration patience, String address) {
    var end = System.nanoTime() + patience.toNanos();
    var pause = Duration.ZERO;
    do {
      if (ask(address, socket -> awaitEnd(socket, end)) == Answer.REFUSED) {
        return true;
      }
      LockSupport.parkNanos(pause.toNanos());
      pause = longer(pause);
    } while (end - System.nanoTime() > 0);
    return false;
  }

  private static Duration longer(Duration pause) {
    if (pause.isZero()) {
      return SOONEST;
    }
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LATEST) < 0 ? twice : LATEST;
  }

  private static void awaitEnd(Socket socket, long end) throws IOException {
    var left = Duration.ofNanos(end - System.nanoTime()).toMillis() + 1; // 0 would be for ever
    socket.setSoTimeout((int) Math.clamp(left, 1, LISTENS.toMillis()));
    socket.getInputStream().read();
  }

  /** What to do with a connection that was accepted. */
  private interface Accepted {
    void with(Socket socket) throws IOException;
  }

  /** Asks once at host:port, and waits for half a second at most. */
  public static Answer ask(String address) {
    return ask(address, socket -> {});
  }

  private static Answer ask(String address, Accepted accepted) {
    var colon = address.lastIndexOf(':');
    var port = Integer.parseInt(address.substring(colon + 1));
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.substring(0, colon), port), (int) PATIENCE.toMillis());
      accepted.with(socket);
      return Answer.ACCEPTED;
    } catch (ConnectException e) {
      return String.valueOf(e.getMessage()).contains("refused") ? Answer.REFUSED : Answer.SILENCE;
    } catch (IOException e) {
      return Answer.SILENCE; // no answer, no way there, or an accepted one that went on or broke
    }
  }
}
