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

  /**
   * A node that dies accepts connections until its last socket is closed: asked again and again.
   */
  private static final Duration SOONEST = Duration.ofMillis(1);

  private static final Duration LATEST = Duration.ofMillis(50);

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
    return CompletableFuture.supplyAsync(() -> isRefusedSoon(address), blocking);
  }

  private static boolean isRefusedSoon(String address) {
    var end = System.nanoTime() + PATIENCE.toNanos();
    var pause = SOONEST;
    do {
      if (ask(address) == Answer.REFUSED) {
        return true;
      }
      LockSupport.parkNanos(pause.toNanos());
      pause = pause.compareTo(LATEST) < 0 ? pause.multipliedBy(2) : LATEST;
    } while (end - System.nanoTime() > 0);
    return false;
  }

  /** Asks once at host:port, and waits for half a second at most. */
  public static Answer ask(String address) {
    var colon = address.lastIndexOf(':');
    var port = Integer.parseInt(address.substring(colon + 1));
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.substring(0, colon), port), (int) PATIENCE.toMillis());
      return Answer.ACCEPTED;
    } catch (ConnectException e) {
      return String.valueOf(e.getMessage()).contains("refused") ? Answer.REFUSED : Answer.SILENCE;
    } catch (IOException e) {
      return Answer.SILENCE; // no answer, or no way there
    }
  }
}
