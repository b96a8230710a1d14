package io.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.model.ModuleSpec;
import io.understudy.wire.ModuleFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Real hosts on loopback addresses: N1 to N3 may manage, N4 and N5 have copies alone. */
final class BenchCluster implements AutoCloseable {
  private static final List<String> MANAGERS = List.of("N1", "N2", "N3");
  private static final List<String> WORKERS = List.of("N4", "N5");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofMillis(30);
  private static final int TOKEN_BYTES = 16;

  private final String token = token();
  private final ManagementClient client = new ManagementClient(token);
  private final List<BenchNode> nodes = new ArrayList<>();
  private final Shape shape;
  private final Path data;
  private final CheckpointServer server;

  /**
   * How the hosts are started.
   *
   * @param network the first three numbers of their addresses, as in 127.0.1
   * @param javaOptions more options for their JVMs, or an empty text
   * @param programs the folder of the programs that they may start
   * @param workers those that have copies alone, as N4
   * @param settings more of theirs, each as key=value
   */
  record Shape(
      String network,
      String javaOptions,
      Path programs,
      List<String> workers,
      List<String> settings) {
    Shape(String network, String javaOptions, Path programs) {
      this(network, javaOptions, programs, WORKERS, List.of());
    }

    Shape withoutWorkers() {
      return new Shape(network, javaOptions, programs, List.of(), settings);
    }

    Shape withSettings(List<String> more) {
      return new Shape(network, javaOptions, programs, workers, more);
    }
  }

  private BenchCluster(Shape shape, Path data, CheckpointServer server) {
    this.shape = shape;
    this.data = data;
    this.server = server;
  }

  /** Starts it, and waits until every host is up. */
  static BenchCluster start(Shape shape, Path data) throws IOException {
    var server = CheckpointServer.start(shape.network() + ".110", data);
    var cluster = new BenchCluster(shape, data, server);
    try {
      for (String host : MANAGERS) {
        cluster.launch(host, "watchdog,manager");
      }
      for (String host : shape.workers()) {
        cluster.launch(host, "watchdog");
      }
      cluster.nodes.forEach(cluster::awaitUp);
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static String token() {
    var bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void launch(String host, String roles) throws IOException {
    var folder = data.resolve(host);
    var arguments =
        new ArrayList<>(
            List.of(
                "node",
                "--host",
                host,
                "--address",
                address(host),
                "--roles",
                roles,
                "--seeds",
                String.join(",", seeds()),
                "--journal",
                server.journal().url(),
                "--data",
                folder.toString(),
                "--set",
                "understudy.watchdog.allowed-paths=[\"%s\"]".formatted(shape.programs())));
    shape.settings().forEach(setting -> arguments.addAll(List.of("--set", setting)));
    var environment =
        Map.of(
            "UNDERSTUDY_OPERATOR_TOKEN",
            token,
            "UNDERSTUDY_JAVA_OPTS",
            "%s %s".formatted(Taken.JAVA_OPTION, shape.javaOptions()));
    nodes.add(new BenchNode(host, address(host), arguments, environment, folder));
  }

  /** Where others join, as host:port. */
  List<String> seeds() {
    return MANAGERS.stream().map(seed -> BenchNode.remoting(address(seed))).toList();
  }

  /** An address that no host of it has. */
  String freeAddress() {
    return shape.network() + ".200";
  }

  private String address(String host) {
    return shape.network() + "." + host.substring(1);
  }

  BenchNode node(String host) {
    return nodes.stream().filter(node -> node.host().equals(host)).findFirst().orElseThrow();
  }

  Stream<BenchNode> managersBut(String host) {
    return nodes.stream()
        .filter(node -> MANAGERS.contains(node.host()) && !node.host().equals(host));
  }

  /** What all hosts have taken of the steps of recoveries since then. */
  List<Taken> steps(Moment since) {
    return nodes.stream()
        .flatMap(BenchNode::steps)
        .filter(taken -> taken.nanos() > since.nanos())
        .toList();
  }

  JournalSettings journal() {
    return server.journal();
  }

  ManagementClient client() {
    return client;
  }

  void register(ModuleSpec spec) {
    var path = "/understudy/modules/" + spec.module();
    client.put(anyManager(), path, ModuleFile.json(spec, Optional.empty()));
  }

  /** Stops the module's copies, and waits until it is gone. */
  void deregister(ModuleSpec spec) {
    client.delete(anyManager(), "/understudy/modules/" + spec.module());
    var name = spec.module().value();
    await(
        "module %s to be gone".formatted(name),
        () -> table().filter(table -> module(table, name).isEmpty()));
  }

  private String anyManager() {
    return nodes.getFirst().management();
  }

  /** The table's version, as soon as a manager tells it. */
  long version() {
    return Until.seen("the table", PATIENCE, PAUSE, this::table).path("version").asLong();
  }

  Optional<JsonNode> hosts() {
    return get("/understudy/hosts");
  }

  /** The processor time that each host's JVM and the Checkpoint Server have used. */
  Map<String, Duration> work() {
    var work = new TreeMap<String, Duration>();
    nodes.forEach(node -> work.put(node.host(), Started.work(node.pid())));
    work.put("checkpoint-server", Started.work(server.pid()));
    return work;
  }

  /** The table, from the first of the managers' nodes that has it. */
  Optional<JsonNode> table() {
    return get("/understudy/table");
  }

  private Optional<JsonNode> get(String path) {
    return nodes.stream()
        .filter(node -> MANAGERS.contains(node.host()))
        .map(node -> client.get(node.management(), path))
        .flatMap(Optional::stream)
        .findFirst();
  }

  static Optional<JsonNode> module(JsonNode table, String name) {
    return StreamSupport.stream(table.path("modules").spliterator(), false)
        .filter(module -> module.path("module").asText().equals(name))
        .findFirst();
  }

  /** The module, as soon as it is PROTECTED and fits. */
  JsonNode awaitProtected(ModuleSpec spec, Predicate<JsonNode> fits) {
    var name = spec.module().value();
    return await(
        "module %s to be PROTECTED".formatted(name),
        () ->
            table()
                .flatMap(table -> module(table, name))
                .filter(module -> module.path("condition").asText().equals("PROTECTED"))
                .filter(fits));
  }

  /** Waits until the host's WatchDog of the present process is registered. */
  void awaitUp(BenchNode node) {
    await(
        "host %s to be up".formatted(node.host()),
        () -> get("/understudy/hosts").filter(hosts -> isUp(hosts, node)));
  }

  private static boolean isUp(JsonNode hosts, BenchNode node) {
    return StreamSupport.stream(hosts.path("hosts").spliterator(), false)
        .anyMatch(
            host ->
                host.path("host").asText().equals(node.host())
                    && host.path("state").asText().equals("UP")
                    && host.path("pid").asLong() == node.pid());
  }

  /** Waits until the ring has all SuperWatchDogs again. */
  void awaitRing() {
    await(
        "the ring of SuperWatchDogs",
        () -> get("/understudy/ring").filter(ring -> ring.path("ring").size() == MANAGERS.size()));
  }

  private <T> T await(String what, Supplier<Optional<T>> question) {
    return Until.seen(
        what,
        PATIENCE,
        PAUSE,
        () -> {
          nodes.forEach(BenchNode::requireAlive);
          return question.get();
        });
  }

  @Override
  public void close() {
    nodes.forEach(BenchNode::end);
    nodes.forEach(BenchNode::close);
    server.close();
  }
}
