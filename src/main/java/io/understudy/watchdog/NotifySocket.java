package io.understudy.watchdog;

import io.understudy.model.CopyOrder;
import io.understudy.model.Detection;
import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a copy speaks sd_notify(3), so that a program with support for systemd's watchdog needs no
 * change. A socket of its own for each copy tells who speaks.
 *
 * <p>Descriptors that come with BARRIER are not taken, so that the kernel closes them: that is the
 * answer which the copy waits for.
 */
final class NotifySocket implements AutoCloseable {
  /** What the kernel takes for a path, without the byte that ends it. */
  static final int LONGEST_PATH = 107;

  private static final Logger LOG = LoggerFactory.getLogger(NotifySocket.class);
  private static final int LONGEST_MESSAGE = 4096;

  private final CopyOrder order;
  private final Consumer<CopyNews> run;
  private final Map<String, String> environment;
  private final @Nullable AFUNIXDatagramSocket socket;

  private NotifySocket(
      CopyOrder order,
      Consumer<CopyNews> run,
      Map<String, String> environment,
      @Nullable AFUNIXDatagramSocket socket) {
    this.order = order;
    this.run = run;
    this.environment = Map.copyOf(environment);
    this.socket = socket;
  }

  /** Opens it in the copy's folder; a host on which it cannot be opened does without. */
  static NotifySocket open(CopyOrder order, CopyFolder folder, Consumer<CopyNews> run) {
    var path = folder.path().resolve("notify");
    var length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      LOG.warn(
          "{}: {} is too long for a socket ({} bytes, at most {}), so sd_notify is not understood:"
              + " give the node a shorter understudy.data",
          order.copy(),
          path,
          length,
          LONGEST_PATH);
      return new NotifySocket(order, run, Map.of(), null);
    }
    try {
      var socket = bind(path);
      return new NotifySocket(order, run, environment(order, path), socket);
    } catch (IOException | LinkageError e) {
      LOG.warn("{}: sd_notify is not understood here: {}", order.copy(), e.toString());
      return new NotifySocket(order, run, Map.of(), null);
    }
  }

  private static AFUNIXDatagramSocket bind(Path path) throws IOException {
    Files.deleteIfExists(path);
    var socket = AFUNIXDatagramSocket.newInstance();
    socket.bind(AFUNIXSocketAddress.of(path));
    return socket;
  }

  private static Map<String, String> environment(CopyOrder order, Path path) {
    var environment = new HashMap<String, String>();
    environment.put("NOTIFY_SOCKET", path.toString());
    if (order.launch().detection() instanceof Detection.Heartbeat heartbeat) {
      environment.put("WATCHDOG_USEC", "" + micros(heartbeat.timeout()));
    }
    return environment;
  }

  private static long micros(Duration duration) {
    return TimeUnit.MICROSECONDS.convert(duration);
  }

  /** What tells the copy of it. */
  Map<String, String> environment() {
    return environment;
  }

  /** Hears what the copy says, and what it has said already, until this is closed. */
  void listen() {
    var from = socket;
    if (from != null) {
      Thread.ofPlatform()
          .daemon()
          .name("understudy-notify-" + order.copy())
          .start(() -> receive(from));
    }
  }

  private void receive(AFUNIXDatagramSocket from) {
    var packet = new DatagramPacket(new byte[LONGEST_MESSAGE], LONGEST_MESSAGE);
    while (!from.isClosed()) {
      try {
        packet.setLength(LONGEST_MESSAGE);
        from.receive(packet);
        new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)
            .lines()
            .forEach(this::hear);
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void hear(String line) {
    switch (line) {
      case "READY=1" -> run.accept(new CopyNews.SaidReady());
      case "WATCHDOG=1" -> run.accept(new CopyNews.Beat(OptionalInt.empty()));
      case String said when said.startsWith("STATUS=") || said.equals("STOPPING=1") ->
          LOG.info("{} says {}", order.copy(), said);
      case String other -> LOG.debug("{} says {}, which means nothing here", order.copy(), other);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
