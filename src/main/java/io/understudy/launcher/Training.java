package io.understudy.launcher;

import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.ReplicationStyle;
import io.understudy.wire.ModuleFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A node in this JVM that lives through what a node may live through; above all the deaths of other
 * hosts, since what follows from one is done for the first time, and must be fast.
 */
final class Training implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final String ADDRESS = "127.0.0.1";
  private static final HostId SELF = new HostId("train");
  private static final HostId FIRST = new HostId("train-first");

  private final Path folder;
  private final int firstPort = freePort();
  private final int ownPort = freePort();
  private final String journal;
  private final List<TrainedWith> others = new ArrayList<>();
  private String url = "";

  Training(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    this.journal = checkpointServer();
  }

  void run() throws IOException, InterruptedException {
    var first = start(FIRST, firstPort);
    first.awaitReady(PATIENCE);
    var settings = NodeSettings.from(SettingsFile.load(Optional.empty(), settings(SELF, ownPort)));
    var ready = new CountDownLatch(1);
    var node = Node.start(settings, false, line -> ready.countDown());
    require(ready, "the node to learn from");
    url = node.management().toCompletableFuture().join();
    register(module("train-away", ReplicationStyle.WARM, FIRST, SELF));
    register(module("train-here", ReplicationStyle.COLD, SELF));
    awaitTable(Training::allProtected);
    show();
    first.kill();
    awaitTable(table -> isManager(table, SELF) && primaries(table, SELF) == 2);
    show();
    command("deregister", "--data", dataOf(SELF), "train-away");
    node.stop().toCompletableFuture().join();
  }

  /** It ends with the JVM. */
  private String checkpointServer() throws IOException, InterruptedException {
    var port = freePort();
    var data = folder.resolve("checkpoints").toString();
    var ready = new CountDownLatch(1);
    var out =
        new StringWriter() {
          @Override
          public void flush() {
            ready.countDown();
          }
        };
    Thread.ofPlatform()
        .daemon()
        .start(
            () ->
                Cli.commandLine()
                    .setOut(new PrintWriter(out))
                    .execute("checkpoint-server", "--port", "" + port, "--data", data));
    require(ready, "the Checkpoint Server");
    return "jdbc:h2:tcp://%s:%d/./understudy;WRITE_DELAY=0;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
        .formatted(ADDRESS, port);
  }

  private static void require(CountDownLatch ready, String what) throws InterruptedException {
    if (!ready.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new Complaint(Complaint.REFUSED, what + " does not become ready");
    }
  }

  private TrainedWith start(HostId host, int port) throws IOException {
    var other = TrainedWith.start(settings(host, port), folder.resolve(host + ".conf"));
    others.add(other);
    return other;
  }

  private Map<String, Object> settings(HostId host, int port) {
    var given = new HashMap<String, Object>();
    given.put("understudy.host", host.value());
    given.put("understudy.address", ADDRESS);
    given.put("understudy.port", port);
    given.put("understudy.pulse-port", 0);
    given.put("understudy.management.port", 0);
    given.put("understudy.seeds", List.of(ADDRESS + ":" + firstPort, ADDRESS + ":" + ownPort));
    given.put("understudy.data", dataOf(host));
    given.put("understudy.watchdog.allowed-paths", List.of("/"));
    given.put("understudy.journal.url", journal);
    return given;
  }

  private String dataOf(HostId host) {
    return folder.resolve(host.value()).toString();
  }

  private static ModuleSpec module(String name, ReplicationStyle style, HostId... hosts) {
    var program = TrainedWith.java("train", TrainCommand.COPY);
    var location = Location.parse(program.getFirst());
    var arguments = program.subList(1, program.size());
    var copies = List.of(hosts).stream().map(host -> new Copy(host, location, arguments)).toList();
    return ModuleSpec.of(new ModuleId(name), style, copies.size(), copies)
        .withReadiness(new Readiness(Readiness.When.MODULE_API, PATIENCE));
  }

  private void register(ModuleSpec spec) throws IOException {
    var file = folder.resolve(spec.module() + ".conf");
    Files.writeString(file, ModuleFile.json(spec, Optional.empty()));
    command("register", "--data", dataOf(SELF), file.toString());
  }

  private void show() {
    command("table");
    command("hosts");
    command("ring");
    command("events");
  }

  private static boolean allProtected(String table) {
    return table.contains("\"PROTECTED\"")
        && !table.contains("DEGRADED")
        && !table.contains("DOWN");
  }

  private static boolean isManager(String table, HostId host) {
    return table.contains("\"manager\":\"%s\"".formatted(host));
  }

  private static long primaries(String table, HostId host) {
    return List.of(table.split("\\{")).stream()
        .filter(copy -> copy.contains("\"host\":\"%s\"".formatted(host)))
        .filter(copy -> copy.contains("\"PRIMARY\"") && copy.contains("\"running\":true"))
        .count();
  }

  private void awaitTable(Predicate<String> fits) {
    var end = System.nanoTime() + PATIENCE.toNanos();
    while (!fits.test(command("table", "--json").replaceAll("\\s", ""))) {
      if (System.nanoTime() - end > 0) {
        throw new Complaint(Complaint.REFUSED, "the hosts to learn from do not settle");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** What it prints; a manager may be away just now. */
  private String command(String name, String... arguments) {
    var all = new ArrayList<String>(List.of(name, "-n", url));
    all.addAll(List.of(arguments));
    var out = new StringWriter();
    var unused =
        Cli.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(all.toArray(String[]::new));
    return out.toString();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    others.forEach(TrainedWith::kill);
  }
}
