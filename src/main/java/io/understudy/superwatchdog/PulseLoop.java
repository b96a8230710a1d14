package io.understudy.superwatchdog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread of its own for sockets that must not wait for anything else on the node. */
abstract class PulseLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PulseLoop.class);
  private static final int ROOM = 65_536;

  private final Selector selector;
  private final DatagramChannel datagrams;
  private final Thread thread;
  private final Seal seal;

  /** Binds a datagram socket there; throws {@link IOException} if it is taken. */
  PulseLoop(String name, InetSocketAddress at, Seal seal) throws IOException {
    this.seal = seal;
    selector = Selector.open();
    datagrams = DatagramChannel.open();
    try {
      datagrams.bind(at);
      datagrams.configureBlocking(false);
      datagrams.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      datagrams.close();
      selector.close();
      throw e;
    }
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  final void begin() {
    thread.start();
  }

  final Selector selector() {
    return selector;
  }

  final int port() {
    return datagrams.socket().getLocalPort();
  }

  final InetAddress localAddress() {
    return datagrams.socket().getLocalAddress();
  }

  /** A datagram arrived. */
  abstract void received(PulseMessage message, SocketAddress from);

  /** A stream socket is ready. */
  abstract void ready(SelectionKey key);

  /** Called whenever this thread wakes. */
  abstract void now();

  /** After so long it wakes by itself; asked each time before it sleeps. */
  abstract Duration atLeastEvery();

  /** Sends it or loses it, and never waits. From any thread. */
  final void send(PulseMessage message, SocketAddress to) {
    try {
      datagrams.send(ByteBuffer.wrap(seal.sealed(message.encoded())), to);
    } catch (IOException | UnresolvedAddressException lost) {
      // No way there, or no such name, for now: the next one says the same and more.
      LOG.trace("a datagram to {} is lost", to, lost);
    }
  }

  private void run() {
    var buffer = ByteBuffer.allocate(ROOM);
    while (selector.isOpen()) {
      try {
        selector.select(key -> handle(key, buffer), atLeastEvery().toMillis());
        now();
      } catch (ClosedSelectorException end) {
        return;
      } catch (IOException | RuntimeException e) {
        LOG.warn("the pulse goes on after a failure", e);
      }
    }
  }

  private void handle(SelectionKey key, ByteBuffer buffer) {
    if (key.channel() instanceof DatagramChannel) {
      receive(buffer);
    } else if (key.isValid()) {
      ready(key);
    }
  }

  private void receive(ByteBuffer buffer) {
    try {
      buffer.clear();
      var from = datagrams.receive(buffer);
      while (from != null) {
        buffer.flip();
        var sender = from;
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        seal.opened(bytes)
            .flatMap(PulseMessage::decoded)
            .ifPresent(message -> received(message, sender));
        buffer.clear();
        from = datagrams.receive(buffer);
      }
    } catch (IOException lost) {
      // Some peer's port was unreachable; which one does not matter.
      LOG.trace("a datagram is lost", lost);
    }
  }

  @Override
  public void close() {
    try {
      for (var key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
      datagrams.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
