package io.understudy.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The network between a manager and its database, which can be cut without a word to either. */
final class Wire implements AutoCloseable {
  private final ServerSocket door;
  private final List<Socket> open = new ArrayList<>();
  private final int port;
  private volatile CountDownLatch cut = new CountDownLatch(1);

  Wire(int port) throws IOException {
    this.port = port;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  /** From now on nothing passes, and nobody is told; what was open stays silent for ever. */
  void cut() {
    cut.countDown();
  }

  /** New connections pass. */
  void mend() {
    cut = new CountDownLatch(1);
  }

  private void accept() {
    try {
      while (true) {
        var near = keep(door.accept());
        if (cut.getCount() > 0) {
          connect(near);
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void connect(Socket near) throws IOException {
    try {
      var far = keep(new Socket(InetAddress.getLoopbackAddress(), port));
      var until = cut;
      Thread.ofVirtual().start(() -> pump(near, far, until));
      Thread.ofVirtual().start(() -> pump(far, near, until));
    } catch (IOException e) {
      near.close(); // the database is away
    }
  }

  private synchronized Socket keep(Socket socket) {
    open.add(socket);
    return socket;
  }

  private static void pump(Socket from, Socket to, CountDownLatch until) {
    var buffer = new byte[65536];
    try (from;
        to) {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (until.getCount() == 0) {
          new CountDownLatch(1).await(); // neither passes it on nor closes
        }
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException | InterruptedException e) {
      // closed by either side
    }
  }

  @Override
  public synchronized void close() {
    try {
      door.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
