package io.understudy.superwatchdog;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a SuperWatchDog listens for pulses: a datagram port, and the lifelines on the same number.
 */
final class PulsePort extends PulseLoop {
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int NAME_ROOM = 512;
  private static final int BACKLOG = 1024;

  /** Who could not be accepted for want of descriptors keeps the selector awake. */
  private static final long REST_NANOS = Duration.ofMillis(100).toNanos();

  /** Who is told, on this thread, and so must not block. */
  interface Ear {
    void heard(PulseMessage message, SocketAddress from);

    void lifelineOpened(String node);

    /** The last lifeline of this node closed. */
    void lifelineClosed(String node);
  }

  private final Ear ear;
  private final ServerSocketChannel lifelines;
  private final SelectionKey acceptance;
  private long refusedAt;
  private final Map<String, Integer> open = new HashMap<>();

  /** A lifeline, and what has been read of its node's name. */
  private static final class Line {
    final ByteBuffer name = ByteBuffer.allocate(NAME_ROOM);
    String node = "";
  }

  /** Throws {@link IOException} if the port is taken; port 0 takes any that is free. */
  PulsePort(InetSocketAddress at, Seal seal, Ear ear) throws IOException {
    super("understudy-pulse-port", at, seal);
    this.ear = ear;
    lifelines = ServerSocketChannel.open();
    try {
      lifelines.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      lifelines.bind(new InetSocketAddress(at.getAddress(), port()), BACKLOG);
      lifelines.configureBlocking(false);
      acceptance = lifelines.register(selector(), SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      lifelines.close();
      close();
      throw e;
    }
    begin();
  }

  void tell(PulseMessage message, SocketAddress to) {
    send(message, to);
  }

  @Override
  void received(PulseMessage message, SocketAddress from) {
    ear.heard(message, from);
  }

  @Override
  Duration atLeastEvery() {
    return EVERY;
  }

  @Override
  void now() {
    if (acceptance.isValid()
        && acceptance.interestOps() == 0
        && System.nanoTime() - refusedAt >= REST_NANOS) {
      acceptance.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  @Override
  void ready(SelectionKey key) {
    if (key.isAcceptable()) {
      accept();
    } else if (key.isReadable()) {
      read(key);
    }
  }

  private void accept() {
    try {
      var line = lifelines.accept();
      while (line != null) {
        line.configureBlocking(false);
        line.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        line.register(selector(), SelectionKey.OP_READ, new Line());
        line = lifelines.accept();
      }
    } catch (IOException refused) {
      // It closed before it was accepted, or there are no descriptors left, and it waits here.
      refusedAt = System.nanoTime();
      if (acceptance.isValid()) {
        acceptance.interestOps(0);
      }
    }
  }

  /** Each line says the name of its node, ended by a newline, and nothing after that. */
  private void read(SelectionKey key) {
    var line = (Line) key.attachment();
    try {
      var ended = ((SocketChannel) key.channel()).read(line.name) < 0;
      var said = new String(line.name.array(), 0, line.name.position(), StandardCharsets.UTF_8);
      if (line.node.isEmpty() && said.indexOf('\n') > 0) {
        line.node = said.substring(0, said.indexOf('\n'));
        open.merge(line.node, 1, Integer::sum);
        ear.lifelineOpened(line.node);
      }
      if (ended || !line.name.hasRemaining()) {
        close(key, line);
      }
    } catch (IOException broken) {
      close(key, line);
    }
  }

  private void close(SelectionKey key, Line line) {
    key.cancel();
    try {
      key.channel().close();
    } catch (IOException e) {
      // It is closed as far as this end can close it.
    }
    if (!line.node.isEmpty()
        && open.merge(line.node, -1, (was, one) -> was + one > 0 ? was + one : null) == null) {
      ear.lifelineClosed(line.node);
    }
  }
}
