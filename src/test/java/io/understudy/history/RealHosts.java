package io.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.understudy.Await;
import io.understudy.client.Registration;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.Readiness;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;

/**
 * Hosts as processes of their own on loopback addresses, of which three may manage, with a
 * Checkpoint Server; and an application that has joined them, as a user's would.
 */
final class RealHosts implements AutoCloseable {
  private static final List<String> MANAGERS = List.of("H1", "H2", "H3");
  private static final String REMOTING = ":17355";
  private static final String NEWEST_CHECKPOINT =
      """
      SELECT s."at_sequence" FROM "checkpoint_module" m
      JOIN "checkpoint_snapshot" s ON s."id" = m."snapshot" WHERE m."module" = ?
      """;
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final Path folder;
  private final String network;
  private final Map<String, RealHost> hosts = new TreeMap<>();
  private final RealHost checkpointServer;
  private final String journal;
  private final ActorSystem<Void> application;

  /** Where the copies of a module are, as in "H1 PRIMARY*+": * runs, + is in sync. */
  record Row(String copy, String host, String status, boolean running, boolean inSync) {}

  private RealHosts(Path folder, String network, List<String> names, List<String> settings)
      throws IOException {
    this.folder = folder;
    this.network = network;
    var port = freePort();
    journal = "jdbc:h2:tcp://127.0.0.1:%d/./understudy".formatted(port);
    checkpointServer =
        new RealHost(
            folder.resolve("checkpoint-server.log"),
            List.of(
                "checkpoint-server",
                "--port",
                Integer.toString(port),
                "--data",
                folder.resolve("store").toString()));
    Await.until(() -> assertThat(checkpointServer.said()).contains("" + port));
    for (String name : names) {
      var arguments = new ArrayList<>(arguments(name));
      settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
      hosts.put(name, new RealHost(folder.resolve(name + ".log"), arguments));
    }
    names.forEach(this::awaitUp);
    application = system(network + ".9");
    join();
  }

  /** Starts hosts named H1, H2 and so on, and waits until all are up. */
  static RealHosts start(Path folder, String network, List<String> names, String... settings)
      throws IOException {
    return new RealHosts(folder, network, names, List.of(settings));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void join() {
    var cluster = Cluster.get(application);
    var seeds =
        MANAGERS.stream()
            .map(name -> "pekko://understudy@" + address(name) + REMOTING)
            .map(AddressFromURIString::parse)
            .toList();
    cluster.manager().tell(new JoinSeedNodes(seeds));
    Await.until(() -> assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.up()));
  }

  /** Where a host is. */
  String address(String name) {
    return network + "." + name.substring(1);
  }

  /** Where a host's remoting listens. */
  String remoting(String name) {
    return address(name) + REMOTING;
  }

  /** An actor system that is in no cluster, as one that nobody has told anything. */
  ActorSystem<Void> stranger() {
    return system(network + ".8");
  }

  private static ActorSystem<Void> system(String address) {
    return ActorSystem.create(
        Behaviors.empty(),
        "understudy",
        ConfigFactory.parseMap(
                Map.of(
                    "pekko.remote.artery.canonical.hostname",
                    address,
                    "pekko.remote.artery.canonical.port",
                    0,
                    // The hosts end with the test, so there is nobody to say goodbye to.
                    "pekko.coordinated-shutdown.run-by-actor-system-terminate",
                    "off"))
            .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
            .withFallback(ConfigFactory.load())
            .resolve());
  }

  private List<String> arguments(String name) {
    var seeds = MANAGERS.stream().map(seed -> address(seed) + REMOTING).toList();
    return List.of(
        "node",
        "--host",
        name,
        "--address",
        address(name),
        "--roles",
        MANAGERS.contains(name) ? "watchdog,manager" : "watchdog",
        "--seeds",
        String.join(",", seeds),
        "--journal",
        journal,
        "--data",
        folder.resolve(name).toString());
  }

  RealHost host(String name) {
    return hosts.get(name);
  }

  UnderstudyClient client() {
    return UnderstudyClient.create(application);
  }

  Path folder() {
    return folder;
  }

  /** A module whose copies are on all these hosts. */
  ModuleSpec spec(
      String name, Class<?> module, ReplicationStyle style, int degree, StateSpec state) {
    return spec(name, module, List.copyOf(hosts.keySet()), style, degree, state);
  }

  /** A module whose copies are on these hosts, in this order. */
  static ModuleSpec spec(
      String name,
      Class<?> module,
      List<String> on,
      ReplicationStyle style,
      int degree,
      StateSpec state) {
    var location = new Location.ActorClass(module.getName());
    var copies = on.stream().map(host -> new Copy(new HostId(host), location)).toList();
    return ModuleSpec.of(new ModuleId(name), style, degree, copies).withState(state);
  }

  /** A module whose copies are programs on all these hosts, which serve at this port of theirs. */
  ModuleSpec programs(
      String name, Path program, int port, ReplicationStyle style, int degree, StateSpec state) {
    var location = new Location.Executable(program.toString());
    var copies =
        hosts.keySet().stream()
            .map(host -> new Copy(new HostId(host), location, List.of(address(host) + ":" + port)))
            .toList();
    return ModuleSpec.of(new ModuleId(name), style, degree, copies)
        .withReadiness(new Readiness(Readiness.When.MODULE_API, Duration.ofSeconds(30)))
        .withState(state);
  }

  /** Registers it, and waits until it is protected. */
  void register(ModuleSpec spec) {
    var answer = client().register(spec).toCompletableFuture().join();
    assertThat(answer).isInstanceOf(Registration.Registered.class);
    awaitWhole(spec);
  }

  /** Takes all modules out of the table. */
  void deregisterAll() {
    var names =
        stream(get("/understudy/table").get("modules")).map(it -> it.get("module").asText());
    for (String name : names.toList()) {
      client().deregister(new ModuleId(name)).toCompletableFuture().join();
    }
    Await.until(() -> assertThat(get("/understudy/table").get("modules")).isEmpty());
  }

  /** A path of whichever manager's node answers. */
  JsonNode get(String path) {
    return MANAGERS.stream()
        .filter(name -> hosts.get(name).isAlive())
        .map(name -> get(name, path))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nobody answers " + path));
  }

  private Optional<JsonNode> get(String name, String path) {
    var uri = URI.create("http://%s:7626%s".formatted(address(name), path));
    var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
    try {
      var answer = HTTP.send(request, BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.of(Json.mapper().readTree(answer.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it is dead, or not yet alive
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  JsonNode module(String name) {
    return stream(get("/understudy/table").get("modules"))
        .filter(module -> module.get("module").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  static List<Row> rows(JsonNode module) {
    return stream(module.get("copies"))
        .map(
            copy ->
                new Row(
                    copy.get("id").asText(),
                    copy.get("host").asText(),
                    copy.get("status").asText(),
                    copy.get("running").asBoolean(),
                    copy.path("inSync").asBoolean()))
        .toList();
  }

  /** The host of the copy that numbers the updates: the primary, in hot style one of them. */
  String sequencer(String module) {
    var row = module(module);
    var sequencer = row.get("sequencer").asText();
    return rows(row).stream()
        .filter(copy -> copy.copy().equals(sequencer))
        .findFirst()
        .orElseThrow()
        .host();
  }

  /** The process of a module's copy on this host. */
  long pid(String module, String host) {
    return stream(module(module).get("copies"))
        .filter(copy -> copy.get("host").asText().equals(host))
        .mapToLong(copy -> copy.get("pid").asLong())
        .findFirst()
        .orElseThrow();
  }

  /** The last update in the newest checkpoint that the Checkpoint Server has whole; 0 is none. */
  long checkpointed(String module) throws SQLException {
    try (var connection = DriverManager.getConnection(journal, "sa", "");
        var newest = connection.prepareStatement(NEWEST_CHECKPOINT)) {
      newest.setString(1, module);
      try (var found = newest.executeQuery()) {
        return found.next() ? found.getLong(1) : 0;
      }
    }
  }

  String manager() {
    return get("/understudy/table").get("manager").asText();
  }

  /** Waits until as many copies run as should, and all of them are in sync. */
  void awaitWhole(ModuleSpec spec) {
    Await.until(
        () -> {
          var module = module(spec.module().value());
          assertThat(module.get("condition").asText()).as("%s", module).isEqualTo("PROTECTED");
          assertThat(rows(module))
              .as("%s", module)
              .filteredOn(Row::running)
              .hasSize(spec.runningCopies())
              .allMatch(Row::inSync);
        });
  }

  /** Waits until the host's present process is up. */
  void awaitUp(String name) {
    Await.until(() -> assertUp(name));
  }

  private void assertUp(String name) {
    assertThat(stream(get("/understudy/hosts").get("hosts")))
        .as("hosts, of which %s should be up", name)
        .anyMatch(
            host ->
                host.get("host").asText().equals(name)
                    && host.get("state").asText().equals("UP")
                    && host.get("pid").asLong() == hosts.get(name).pid());
  }

  /** Waits until all SuperWatchDogs are there again. */
  void awaitRing() {
    Await.until(this::assertRing);
  }

  private void assertRing() {
    assertThat(get("/understudy/ring").get("ring")).hasSize(MANAGERS.size());
  }

  /**
   * Starts what has ended, as a supervisor of nodes does, until all hosts are up.
   *
   * @return how many nodes were started
   */
  int awaitAllUp() {
    var started = new AtomicInteger();
    Await.until(
        () -> {
          for (var host : hosts.values()) {
            if (!host.isAlive()) {
              host.startAgain();
              started.incrementAndGet();
            }
          }
          hosts.keySet().forEach(this::assertUp);
          assertRing();
        });
    return started.get();
  }

  /** A file that says that a copy is to break. */
  String breaking() {
    try {
      return Files.createTempFile(folder, "break", "").toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    application.terminate();
    hosts.values().forEach(RealHost::close);
    checkpointServer.close();
    application.getWhenTerminated().toCompletableFuture().join();
  }
}
