package io.understudy.superwatchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that can open no more files; it is a JVM of its own. */
class PulsePortTest {
  @TempDir Path folder;

  @Test
  @Timeout(60)
  @DisplayName("no descriptors are left => lifelines wait, nobody spins; there are => they open")
  void restsUntilThereAreDescriptors() throws Exception {
    var said = folder.resolve("said");
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var node =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -n 256; exec \"$@\"",
                "node",
                java.toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                PulsePortTest.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(node.waitFor()).as("%s", Files.readString(said)).isZero();
    } finally {
      node.destroyForcibly();
    }
  }

  private record Opened(BlockingQueue<String> nodes) implements PulsePort.Ear {
    @Override
    public void heard(PulseMessage message, SocketAddress from) {}

    @Override
    public void lifelineOpened(String node) {
      nodes.add(node);
    }

    @Override
    public void lifelineClosed(String node) {}
  }

  /** The node. */
  public static void main(String[] arguments) throws Exception {
    var ear = new Opened(new LinkedBlockingQueue<>());
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var port = new PulsePort(any, Seal.NONE, ear);
        var first = SocketChannel.open();
        var second = SocketChannel.open()) {
      var acceptance = acceptance(port);
      open(first, acceptance, "a");
      expect("a", ear.nodes().take()); // each class that it takes is there now
      var held = exhaust();
      open(second, acceptance, "b");
      while (acceptance.interestOps() != 0) {
        Thread.onSpinWait(); // until it rests
      }
      for (var file : held) {
        file.close();
      }
      expect("b", ear.nodes().take());
    }
    Runtime.getRuntime().halt(0);
  }

  private static void expect(String node, String opened) {
    if (!opened.equals(node)) {
      throw new IllegalStateException(opened);
    }
  }

  private static SelectionKey acceptance(PulsePort port) {
    return port.selector().keys().stream()
        .filter(key -> key.channel() instanceof ServerSocketChannel)
        .findFirst()
        .orElseThrow();
  }

  private static void open(SocketChannel line, SelectionKey to, String node) throws IOException {
    line.connect(((ServerSocketChannel) to.channel()).getLocalAddress());
    line.write(ByteBuffer.wrap((node + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static ArrayList<FileInputStream> exhaust() {
    var held = new ArrayList<FileInputStream>();
    var nothing = new File("/dev/null");
    try {
      while (true) {
        held.add(new FileInputStream(nothing));
      }
    } catch (IOException full) {
      return held;
    }
  }
}
