package io.understudy.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.understudy.management.EventsSource.Recorded;
import io.understudy.manager.ManagerProtocol;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.Electors;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.wire.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/**
 * Three nodes of one cluster: the ReplicaManager, which is a stub, runs on H2; H1 has none and may
 * be cut off from it, H3 reaches both.
 */
final class Rig implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final StubManager manager = new StubManager(new HostId("H2"));
  final CopyOnWriteArrayList<Recorded> journal = new CopyOnWriteArrayList<>();
  final ActorTestKit h2 = kit("H2", "manager");
  final ActorTestKit h1 = kit("H1", "watchdog");
  final ActorTestKit h3 = kit("H3", "manager");
  final String atManager;
  final String elsewhere;
  volatile List<HostHeard> heard = List.of();
  volatile boolean cut;
  volatile Optional<String> unready = Optional.empty();
  volatile Optional<String> journalAway = Optional.empty();

  Rig() throws Exception {
    var cluster = Cluster.get(h2.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    Cluster.get(h1.system()).manager().tell(Join.create(cluster.selfMember().address()));
    var ref = h2.spawn(manager.behavior(), "manager");
    h2.spawn(superWatchDog(), SuperWatchDogs.NAME);
    Cluster.get(h3.system()).manager().tell(Join.create(cluster.selfMember().address()));
    var text = ActorRefResolver.get(h2.system()).toSerializationFormat(ref);
    atManager = start(h2, "H2", ref, Optional.of(this::events), List::of);
    elsewhere = start(h1, "H1", wire(h1, text), Optional.empty(), this::aroundTheCut);
    start(
        h3,
        "H3",
        ActorRefResolver.get(h3.system()).resolveActorRef(text),
        Optional.empty(),
        List::of);
    awaitUp();
  }

  /** The one of H2, which is the primary. */
  private Behavior<SuperWatchDogProtocol.Command> superWatchDog() {
    var place = new RingView(new HostId("H2"), true, Optional.empty(), Optional.empty(), 0);
    var electors = new Electors(Map.of(new HostId("H2"), "a#1", new HostId("H3"), "b#1"), 3);
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case SuperWatchDogProtocol.GetRing ask -> ask.replyTo().tell(place);
            case SuperWatchDogProtocol.GetHosts ask -> ask.replyTo().tell(new HostsHeard(heard));
            case SuperWatchDogProtocol.GetElectors ask -> ask.replyTo().tell(electors);
            default -> throw new AssertionError("unexpected: " + command);
          }
          return Behaviors.same();
        });
  }

  /** What goes this way arrives, unless it is cut. */
  private ActorRef<ManagerProtocol.Command> wire(ActorTestKit from, String to) {
    ActorRef<ManagerProtocol.Command> end = ActorRefResolver.get(from.system()).resolveActorRef(to);
    return from.spawn(
        Behaviors.receiveMessage(
            message -> {
              if (!cut) {
                end.tell(message);
              }
              return Behaviors.same();
            }));
  }

  private List<Address> aroundTheCut() {
    return cut ? List.of(Cluster.get(h3.system()).selfMember().address()) : List.of();
  }

  private void awaitUp() {
    TestProbe<Object> probe = h1.createTestProbe();
    probe.awaitAssert(
        PATIENCE,
        () -> {
          var up = 0;
          for (var member : Cluster.get(h1.system()).state().getMembers()) {
            up += member.status().equals(MemberStatus.up()) ? 1 : 0;
          }
          if (up != 3) {
            throw new AssertionError(up + " members are up");
          }
          return up;
        });
  }

  private java.util.concurrent.CompletionStage<java.util.List<Recorded>> events(
      long after, Optional<io.understudy.model.ModuleId> module, int limit) {
    if (journalAway.isPresent()) {
      return CompletableFuture.failedFuture(new java.sql.SQLException(journalAway.get()));
    }
    return CompletableFuture.completedFuture(
        journal.stream()
            .filter(event -> event.sequence() > after)
            .filter(event -> module.isEmpty() || event.event().module().equals(module))
            .limit(limit)
            .toList());
  }

  private String start(
      ActorTestKit kit,
      String host,
      ActorRef<ManagerProtocol.Command> manager,
      Optional<EventsSource> events,
      Supplier<List<Address>> around)
      throws Exception {
    var ports =
        new Ports(
            new HostId(host),
            manager,
            around,
            events,
            new OperatorToken("token-of-" + host, "the test"),
            () -> CompletableFuture.completedFuture(unready));
    var uri =
        Management.get(kit.system())
            .start(ports)
            .toCompletableFuture()
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return "http://127.0.0.1:" + uri.getPort();
  }

  private static ActorTestKit kit(String host, String role) {
    var own =
        """
        pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        pekko.cluster.roles = [%s, host-%s]
        pekko.management.http { hostname = "127.0.0.1", port = 0 }
        pekko.persistence.journal.auto-start-journals = []
        pekko.persistence.snapshot-store.auto-start-snapshot-stores = []
        pekko.coordinated-shutdown.exit-jvm = off
        pekko.loglevel = ERROR
        """
            .formatted(role, host);
    return ActorTestKit.create(
        "understudy",
        ConfigFactory.parseString(own)
            .withFallback(ConfigFactory.parseResources("understudy-cluster.conf"))
            .withFallback(ConfigFactory.load()));
  }

  /** An answer. */
  record Said(int status, String type, String body, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return Json.mapper().readTree(body);
      } catch (IOException e) {
        throw new AssertionError(body, e);
      }
    }

    String detail() {
      return json().get("detail").asText();
    }
  }

  Said get(String node, String path) {
    return ask("GET", node, path, Map.of(), "");
  }

  Said text(String node, String path) {
    return ask("GET", node, path, Map.of("Accept", "text/plain"), "");
  }

  /** With the token of the node that is asked. */
  Said write(String method, String node, String path, String body) {
    var token = node.equals(atManager) ? "token-of-H2" : "token-of-H1";
    return ask(method, node, path, Map.of("Authorization", "Bearer " + token), body);
  }

  Said ask(String method, String node, String path, Map<String, String> headers, String body) {
    return ask(method, node, path, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  Said ask(String method, String node, String path, Map<String, String> headers, byte[] body) {
    var request =
        HttpRequest.newBuilder(URI.create(node + path))
            .timeout(PATIENCE)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    try {
      var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      var type = response.headers().firstValue("Content-Type").orElse("");
      return new Said(response.statusCode(), type, response.body(), response);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpResponse<java.io.InputStream> stream(String node, String path, String accept) {
    var request =
        HttpRequest.newBuilder(URI.create(node + path)).header("Accept", accept).GET().build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    h1.shutdownTestKit();
    h3.shutdownTestKit();
    h2.shutdownTestKit();
  }
}
