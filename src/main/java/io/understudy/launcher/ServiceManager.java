package io.understudy.launcher;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how this node is, as sd_notify(3) does, where systemd has started it and asks.
 * Never blocks: a thread of its own speaks.
 */
final class ServiceManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

  /** Well within the half of the time that sd_watchdog_enabled(3) recommends. */
  private static final int SIGNS_PER_TIMEOUT = 4;

  private final Optional<String> socket;
  private final Optional<Long> signEveryNanos;
  private final AtomicLong lastSign = new AtomicLong(System.nanoTime());
  private final ExecutorService speaker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("understudy-systemd").factory());

  /** As the environment of a service says. */
  ServiceManager(Map<String, String> environment, long pid) {
    socket = text(environment, "NOTIFY_SOCKET");
    var others = text(environment, "WATCHDOG_PID").filter(it -> !it.equals(Long.toString(pid)));
    signEveryNanos =
        text(environment, "WATCHDOG_USEC")
            .filter(it -> others.isEmpty() && it.matches("[1-9][0-9]{0,15}"))
            .map(it -> TimeUnit.MICROSECONDS.toNanos(Long.parseLong(it)) / SIGNS_PER_TIMEOUT);
  }

  private static Optional<String> text(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(it -> !it.isEmpty());
  }

  /** Of a node that systemd did not start. */
  static ServiceManager none() {
    return new ServiceManager(Map.of(), 0);
  }

  /** The node is ready, and says so in these words. */
  void ready(String status) {
    say("READY=1\nSTATUS=" + status.lines().findFirst().orElse(""));
  }

  /** The node begins to stop. */
  void stopping() {
    say("STOPPING=1");
  }

  /** The node is alive; passed on as often as systemd needs it. */
  void alive() {
    signEveryNanos.ifPresent(
        every -> {
          var last = lastSign.get();
          var now = System.nanoTime();
          if (now - last >= every && lastSign.compareAndSet(last, now)) {
            say("WATCHDOG=1");
          }
        });
  }

  private void say(String text) {
    try {
      socket.ifPresent(to -> speaker.execute(() -> send(to, text)));
    } catch (RejectedExecutionException closed) {
      LOG.debug("not said to systemd any more: {}", text);
    }
  }

  private static void send(String to, String text) {
    try (var from = AFUNIXDatagramSocket.newInstance()) {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      from.connect(address(to));
      from.send(new DatagramPacket(bytes, bytes.length));
    } catch (IOException | LinkageError e) {
      LOG.warn("systemd at NOTIFY_SOCKET={} does not hear {}: {}", to, text, e.toString());
    }
  }

  /** An at-sign stands for the null byte of an address that is in no folder. */
  private static AFUNIXSocketAddress address(String to) throws IOException {
    return to.startsWith("@")
        ? AFUNIXSocketAddress.inAbstractNamespace(to.substring(1))
        : AFUNIXSocketAddress.of(Path.of(to));
  }

  @Override
  public void close() {
    speaker.shutdown();
  }
}
