package io.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.understudy.Await;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Nodes on hosts of their own ({@link Namespaces}), the Checkpoint Server at the switch, and
 * modules whose copies write down what they do ({@link BeatingCopy}).
 */
final class Lan implements AutoCloseable {
  static final String TOKEN = "token-of-this-test";

  /** A Checkpoint Server that listens on more than loopback wants one. */
  private static final String JOURNAL_PASSWORD = "secret";

  /** For what hosts that are up do: many times what it takes. */
  static final Duration PATIENCE = Duration.ofSeconds(40);

  private static final int PACE_MILLIS = 20;

  /**
   * What kind of nodes there are.
   *
   * @param managers that may manage; of the hosts, the first two come up first, as age matters
   *     there
   * @param managersHost whether the hosts of the managers host copies, too
   * @param more settings of each
   */
  record Plan(List<String> hosts, List<String> managers, boolean managersHost, String more) {
    /** With the settings that a node has by itself. */
    static final Plan FIG_1 = new Plan(Fig1.HOSTS, List.of("H2", "H5", "H6"), true, "");

    String roles(String host) {
      var manages = managers.contains(host);
      return manages && managersHost ? "watchdog, manager" : manages ? "manager" : "watchdog";
    }

    List<String> hosting() {
      return hosts.stream().filter(host -> roles(host).contains("watchdog")).toList();
    }
  }

  private final Path data;
  private final Plan plan;
  private final Path beats;
  private final Path program;
  private final Namespaces net;
  private final Map<String, LanHost> hosts = new LinkedHashMap<>();
  private final Envoy envoy;

  /** Modules that never may have two primaries. */
  private final Set<String> single = new HashSet<>();

  /** Brings the hosts up. */
  static Lan up(Path data, Plan plan) {
    var net = Namespaces.of(plan.hosts());
    try {
      var lan = new Lan(data, net, plan);
      lan.start();
      return lan;
    } catch (Throwable e) {
      net.close();
      throw new AssertionError("the hosts do not come up: " + e.getMessage(), e);
    }
  }

  private Lan(Path data, Namespaces net, Plan plan) throws IOException {
    Shell.run(Map.of(), "rm", "-rf", data.toString()).ok();
    this.data = data;
    this.plan = plan;
    this.net = net;
    beats = Files.createDirectories(data.resolve("beats"));
    program = program();
    for (String name : plan.hosts()) {
      hosts.put(name, new LanHost(net, name, settings(name), data.resolve(name + ".log")));
    }
    envoy = Envoy.to(net.inside(Namespaces.SWITCH));
  }

  private Path program() throws IOException {
    var file = data.resolve("beating");
    var built = Shell.PROJECT.resolve("target/understudy");
    var text =
        """
        #!/bin/sh
        exec '%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx16m -Xss256k \\
          -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off -XX:SharedArchiveFile='%s' \\
          -Djava.net.preferIPv4Stack=true -cp '%s:%s' %s '%s' %d
        """
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                built.resolve("understudy.jsa"),
                built.resolve("understudy.jar"),
                Envoy.CLASSES,
                BeatingCopy.class.getName(),
                beats,
                PACE_MILLIS);
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path settings(String host) throws IOException {
    var seeds =
        plan.managers().stream().map(name -> "\"%s:17355\"".formatted(Namespaces.address(name)));
    var text =
        """
        understudy {
          host = %1$s
          address = %2$s
          roles = [%3$s]
          seeds = [%4$s]
          data = "%5$s"
          pulse-secret = "of these hosts"
          journal { url = "jdbc:h2:tcp://%6$s:9092/./understudy", password = %9$s }
          management { address = %2$s, token = %7$s }
          watchdog.allowed-paths = ["%8$s"]
          %10$s
        }
        """
            .formatted(
                host,
                Namespaces.address(host),
                plan.roles(host),
                seeds.collect(Collectors.joining(", ")),
                data.resolve(host),
                Namespaces.SWITCH_ADDRESS,
                TOKEN,
                data,
                JOURNAL_PASSWORD,
                plan.more());
    return Files.writeString(data.resolve(host + ".conf"), text);
  }

  private void start() throws IOException {
    Shell.run(Map.of(), "deploy/understudy", "--version").ok(); // which prepares a fast start, once
    startCheckpointServer();
    var managers = hosts.keySet().stream().filter(plan.managers()::contains).limit(2).toList();
    for (String host : managers) {
      host(host).powerOn();
      host(host).awaitReady();
    }
    var others = hosts.keySet().stream().filter(Predicate.not(managers::contains)).toList();
    others.forEach(host -> host(host).powerOn());
    others.forEach(host -> host(host).awaitReady());
  }

  private void startCheckpointServer() throws IOException {
    var log = data.resolve("checkpoint-server.log");
    var builder =
        new ProcessBuilder(
                net.inside(
                    Namespaces.SWITCH,
                    "deploy/understudy",
                    "checkpoint-server",
                    "--address",
                    Namespaces.SWITCH_ADDRESS,
                    "--data",
                    data.toString()))
            .directory(Shell.PROJECT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().put("UNDERSTUDY_JOURNAL_PASSWORD", JOURNAL_PASSWORD);
    builder.start();
    Await.until(() -> assertThat(Files.readString(log)).contains("is ready"));
  }

  /** Skips the tests where there can be no hosts of this kind. */
  static void assumePermitted() {
    var forbidden = Namespaces.forbidden();
    forbidden.ifPresent(why -> System.out.println("tests of real hosts are skipped: " + why));
    assumeTrue(forbidden.isEmpty(), () -> forbidden.orElse(""));
  }

  void assumeLossy() {
    assumeTrue(net.canLosePackets(), "iptables with its statistic match is not installed");
  }

  Namespaces net() {
    return net;
  }

  LanHost host(String name) {
    return Optional.ofNullable(hosts.get(name)).orElseThrow();
  }

  /** Those that may manage. */
  List<String> managers() {
    return plan.managers();
  }

  List<String> names() {
    return List.copyOf(hosts.keySet());
  }

  /** All hosts but these. */
  List<String> without(String... some) {
    var them = List.of(some);
    return names().stream().filter(Predicate.not(them::contains)).toList();
  }

  /** As any host shows it. */
  Seen seen() {
    return new Seen(envoy, names());
  }

  /** As these hosts show it. */
  Seen seenFrom(List<String> some) {
    return new Seen(envoy, some);
  }

  /** What the copies have written down so far. */
  Witness witness() {
    return Witness.in(beats);
  }

  /**
   * Registers a module.
   *
   * @param style with the degree, as in "warm 3"
   */
  void register(String module, String style, String... on) {
    var words = style.split(" ", 2);
    var copies = Stream.of(on).map(this::copy).toList();
    var spec =
        """
        module = %s, style = %s, degree = %s, ready = api
        failover = on-each-failure, detection { polling { interval = 1s, timeout = 500ms } }
        copies = [ %s ]
        """
            .formatted(module, words[0], words[1], String.join(", ", copies));
    if (!words[0].equals("hot")) {
      single.add(module);
    }
    Await.until(() -> assertThat(ask("PUT", module, spec).status()).isIn(200, 201));
  }

  private String copy(String host) {
    return "{ host = %s, location = \"%s\" }".formatted(host, program);
  }

  /** Takes all modules out of the table, and waits until nothing of them runs. */
  void deregisterAll() {
    for (String module : seen().modules()) {
      Await.until(() -> assertThat(ask("DELETE", module, "").status()).isIn(204, 404));
    }
    Await.within(PATIENCE, () -> assertThat(seen().modules()).isEmpty());
  }

  private Envoy.Answer ask(String method, String module, String body) throws IOException {
    return seen().ask(method, seen().manager(), "/understudy/modules/" + module, body);
  }

  /** How long hardship lasts: so long, or as {@code -Dunderstudy.minutes=10} says. */
  static Duration lasting(Duration usually) {
    return Optional.ofNullable(Long.getLong("understudy.minutes"))
        .map(Duration::ofMinutes)
        .orElse(usually);
  }

  /** No node of theirs ends meanwhile; all else is read from journal and witness afterwards. */
  void hold(Duration time, List<String> some) {
    var nodes = some.stream().map(name -> host(name).node()).toList();
    Await.throughout(
        time, () -> assertThat(nodes).as("nodes of %s", some).allMatch(Process::isAlive));
  }

  /** Ends all that was done to the hosts, and waits until they are up. */
  void heal() {
    net.heal();
    hosts.values().forEach(LanHost::powerOn);
    awaitAllUp();
  }

  /** Waits until every host is up and every manager on the ring, in the eyes of each. */
  void awaitAllUp() {
    for (String host : names()) {
      var eyes = seenFrom(List.of(host));
      Await.within(
          PATIENCE,
          () -> {
            assertThat(eyes.hostStates())
                .as("hosts as %s sees them", host)
                .hasSize(plan.hosting().size())
                .containsOnly("UP");
            assertThat(eyes.ring())
                .as("ring as %s sees it", host)
                .containsExactlyInAnyOrderElementsOf(plan.managers());
          });
    }
  }

  /** What never may be, in all that the copies have written down (I4, I5). */
  void assertNeverTwoPrimaries() {
    for (String module : single) {
      var of = witness().of(module);
      assertThat(of.overlaps()).as("two primaries of %s at one time (I5)", module).isEmpty();
      assertThat(of.epochsThatDidNotRise()).as("epochs of %s (I4)", module).isEmpty();
    }
  }

  /** In the log of every host, where a test is looked for when it has failed. */
  void say(String what) {
    hosts.values().forEach(host -> host.note(what));
  }

  /** Removes hosts and whatever runs there, and sees that nothing is left. */
  @Override
  public void close() {
    hosts.values().forEach(LanHost::disable);
    envoy.close();
    net.close();
    assertThat(Namespaces.left()).as("namespaces left behind").isEmpty();
    assertThat(Fig1Test.processesOn(data)).as("processes left behind").isEmpty();
  }
}
