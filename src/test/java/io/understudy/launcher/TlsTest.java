package io.understudy.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.understudy.Authority;
import io.understudy.Authority.Issued;
import io.understudy.Await;
import io.understudy.client.Registration;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.Copy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLSocket;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes and an application with certificates of one authority, and who else comes along. */
class TlsTest {
  private static final String NAME = "CN=understudy";

  /** How a connection of remoting begins. */
  private static final byte[] MAGIC = "AKKA\1".getBytes(StandardCharsets.US_ASCII);

  private static final Duration A_WHILE = Duration.ofMillis(300);

  @TempDir private static Path folder;
  private static Authority authority;
  private static InProcess.Running manager;
  private static InProcess.Running host;

  /** Calls itself as the real one does. */
  private static Authority pretender;

  @BeforeAll
  static void begin() throws Exception {
    authority = new Authority(folder, "authority");
    pretender = new Authority(folder, "authority");
    manager = node("H2", "manager", authority.issue(NAME).settings());
    manager.ready();
    host = joining("H1", authority.issue(NAME).settings());
    host.ready();
  }

  @AfterAll
  static void end() {
    host.close();
    manager.close();
  }

  private static InProcess.Running node(String name, String role, Map<String, Object> more) {
    var given = new HashMap<>(more);
    given.put("understudy.roles", List.of(role));
    return InProcess.node(name, folder.resolve(name), given);
  }

  private static InProcess.Running joining(String name, Map<String, Object> tls) {
    var given = new HashMap<>(tls);
    given.put("understudy.seeds", List.of(manager.node().remoting()));
    return node(name, "watchdog", given);
  }

  /** Configured as the README tells the author of one. */
  private static ActorSystem<Void> application(Issued issued) {
    var text =
        """
        include classpath("understudy-cluster.conf")
        include classpath("understudy-tls.conf")
        understudy.tls { certificate = "%s", key = "%s", authority = "%s" }
        pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        pekko.cluster.seed-nodes = ["pekko://understudy@%s"]
        pekko.coordinated-shutdown.exit-jvm = off
        """
            .formatted(
                issued.certificate(), issued.key(), issued.authority(), manager.node().remoting());
    return ActorSystem.create(
        Behaviors.empty(), "understudy", ConfigFactory.load(ConfigFactory.parseString(text)));
  }

  @Test
  @DisplayName("nodes and an application of one authority => its module is PROTECTED")
  void ofOneAuthority() throws Exception {
    var application = application(authority.issue(NAME));
    var spec =
        ModuleSpec.of(
            new ModuleId("sleeper"),
            ReplicationStyle.COLD,
            1,
            List.of(new Copy(new HostId("H1"), Location.parse("/bin/sleep"), List.of("3600"))));
    var answer = UnderstudyClient.create(application).register(spec).toCompletableFuture();

    assertThat(answer.get(InProcess.PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(Registration.Registered.class);
    Await.until(
        () ->
            assertThat(InProcess.run("table", "-n", host.url(), "--json").out())
                .contains("PROTECTED"));
    application.terminate();
    application
        .getWhenTerminated()
        .toCompletableFuture()
        .get(InProcess.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("nodes of another authority, with another name, or without TLS => stay outside")
  void strangers() throws Exception {
    try (var foreign = joining("H3", pretender.issue(NAME).settings());
        var other = joining("H4", authority.issue("CN=another cluster").settings());
        var plain = joining("H5", Map.of())) {
      var strangers = List.of(foreign, other, plain);
      Await.until(
          () ->
              assertThat(strangers)
                  .allSatisfy(
                      it ->
                          assertThat(it.node().readiness().unready().orElse(""))
                              .contains("waits for one of its seeds to let it in")));
      assertThat(foreign.node().readiness().unready().orElse(""))
          .endsWith("or correct understudy.seeds, or understudy.tls so that it fits theirs");
      Await.throughout( // longer than it took H1 to be ready
          Duration.ofSeconds(2),
          () -> {
            assertThat(hosts()).containsExactlyInAnyOrder("host-H1", "host-H2");
            assertThat(strangers).noneMatch(it -> it.line().isDone());
          });
    }
  }

  /** The roles of the cluster's members that name their hosts. */
  private static List<String> hosts() {
    var members = Cluster.get(manager.node().system()).state().getMembers();
    return StreamSupport.stream(members.spliterator(), false)
        .flatMap(member -> member.getRoles().stream())
        .filter(role -> role.startsWith("host-"))
        .toList();
  }

  @Test
  @DisplayName("who says without TLS what a node says => is hung up on")
  void inTheClear() throws Exception {
    try (var socket = connected(Await.LONG)) {
      socket.getOutputStream().write(MAGIC);
      assertThat(socket.getInputStream().read()).isNegative();
    }
  }

  @Test
  @DisplayName("the server is content with a client only if its certificate and its name are right")
  void clients() throws Exception {
    assertThatThrownBy(() -> read(Optional.of(authority.issue(NAME)), A_WHILE))
        .as("nothing is said to a peer that may stay")
        .isInstanceOf(SocketTimeoutException.class);
    var refused =
        List.of(
            Optional.<Issued>empty(),
            Optional.of(pretender.issue(NAME)),
            Optional.of(authority.issue("CN=another cluster")),
            Optional.of(authority.issueExpired(NAME)));
    for (var client : refused) {
      assertThat(isHungUpOn(client)).as(client.toString()).isTrue();
    }
  }

  private static boolean isHungUpOn(Optional<Issued> client) throws Exception {
    try {
      return read(client, Await.LONG) < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** What is heard as a client that takes anybody for its server. */
  private static int read(Optional<Issued> client, Duration patience) throws Exception {
    var context = Authority.careless(client);
    try (var plain = connected(patience);
        var socket =
            (SSLSocket)
                context
                    .getSocketFactory()
                    .createSocket(plain, "127.0.0.1", plain.getPort(), true)) {
      socket.startHandshake();
      socket.getOutputStream().write(MAGIC);
      return socket.getInputStream().read();
    }
  }

  private static Socket connected(Duration patience) throws IOException {
    var port = Integer.parseInt(manager.node().remoting().replaceFirst(".*:", ""));
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) patience.toMillis());
    return socket;
  }
}
