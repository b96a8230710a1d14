package io.understudy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Hosts that are Linux network namespaces, each with an address of its own and a cable to a switch,
 * a namespace as well. Cables are pulled, pairs cut, packets lost; nothing of it is seen outside,
 * and nothing stays: what an earlier run could not remove is removed by the next.
 *
 * <p>Hosts are named H1 to H9; H3 has the address 10.99.0.3.
 */
final class Namespaces implements AutoCloseable {
  /** The namespace of the switch, and of whatever is to be reached by all. */
  static final String SWITCH = "switch";

  static final String SWITCH_ADDRESS = "10.99.0.254";

  private static final String PREFIX = "understudy-";
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String BRIDGE = "br0";
  private static final String OTHER_BRIDGE = "br1";

  private final String prefix =
      "%s%d-%d-".formatted(PREFIX, ProcessHandle.current().pid(), COUNT.incrementAndGet());
  private final List<String> hosts;
  private final Thread atExit = new Thread(this::remove, "remove-namespaces");

  private Namespaces(List<String> hosts) {
    this.hosts = hosts;
  }

  /** Makes switch and hosts, and connects them. */
  static Namespaces of(List<String> hosts) {
    sweep();
    var made = new Namespaces(List.copyOf(hosts));
    Runtime.getRuntime().addShutdownHook(made.atExit);
    try {
      made.make();
    } catch (Throwable e) {
      made.close();
      throw e;
    }
    return made;
  }

  /** Why there can be none on this machine, if so. */
  static Optional<String> forbidden() {
    var name = "%s%d-probe".formatted(PREFIX, ProcessHandle.current().pid());
    var added =
        Shell.run(Map.of(), "sh", "-c", "ip netns add %1$s && ip netns del %1$s".formatted(name));
    return added.code() == 0
        ? Optional.empty()
        : Optional.of("network namespaces are not permitted here: " + added.err().strip());
  }

  /** Whether packets can be lost by chance or in one direction, for which iptables is needed. */
  boolean canLosePackets() {
    var script = "command -v iptables && iptables -n -m statistic --help";
    return Shell.run(Map.of(), inside(SWITCH, "sh", "-c", script)).code() == 0;
  }

  static String address(String host) {
    return host.equals(SWITCH) ? SWITCH_ADDRESS : "10.99.0." + host.substring(1);
  }

  private void make() {
    ip("netns", "add", prefix + SWITCH);
    in(SWITCH, "link", "set", "lo", "up");
    for (var bridge : List.of(BRIDGE, OTHER_BRIDGE)) {
      in(SWITCH, "link", "add", bridge, "type", "bridge");
      in(SWITCH, "link", "set", bridge, "up");
    }
    in(SWITCH, "addr", "add", SWITCH_ADDRESS + "/24", "dev", BRIDGE);
    hosts.forEach(this::make);
  }

  private void make(String host) {
    ip("netns", "add", prefix + host);
    in(host, "link", "set", "lo", "up");
    ip(
        "link",
        "add",
        "eth0",
        "netns",
        prefix + host,
        "type",
        "veth",
        "peer",
        "name",
        host,
        "netns",
        prefix + SWITCH);
    in(SWITCH, "link", "set", host, "master", BRIDGE, "up");
    in(host, "addr", "add", address(host) + "/24", "dev", "eth0");
    in(host, "link", "set", "eth0", "up");
  }

  /** A command to be run in that namespace, by the process that starts it. */
  List<String> inside(String host, String... command) {
    return Stream.concat(Stream.of("ip", "netns", "exec", prefix + host), Stream.of(command))
        .toList();
  }

  /** Pulls a host's cable. */
  void pull(String host) {
    in(SWITCH, "link", "set", host, "down");
  }

  /**
   * Moves these hosts to a switch of their own: they reach each other, and nobody else, without
   * noticing anything but silence.
   */
  void aside(List<String> apart) {
    apart.forEach(host -> in(SWITCH, "link", "set", host, "master", OTHER_BRIDGE));
  }

  /** No packet passes between the two, and both are told so when they try. */
  void cut(String one, String other) {
    in(one, "route", "add", "blackhole", address(other) + "/32");
    in(other, "route", "add", "blackhole", address(one) + "/32");
  }

  /** The host hears nobody, and is heard. */
  void deafen(String host) {
    iptables(host, "-A", "INPUT", "-i", "eth0", "-j", "DROP");
  }

  /** The host is heard by nobody, and hears. */
  void mute(String host) {
    iptables(host, "-A", "OUTPUT", "-o", "eth0", "-j", "DROP");
  }

  /** Loses each packet that arrives at the host with this probability. */
  void lose(String host, double probability) {
    iptables(
        host,
        "-A",
        "INPUT",
        "-i",
        "eth0",
        "-m",
        "statistic",
        "--mode",
        "random",
        "--probability",
        Double.toString(probability),
        "-j",
        "DROP");
  }

  /** Ends all that was done to the hosts' traffic. */
  void heal() {
    var mayLose = canLosePackets();
    for (String host : hosts) {
      in(host, "route", "flush", "type", "blackhole");
      if (mayLose) {
        iptables(host, "-F");
      }
      in(SWITCH, "link", "set", host, "master", BRIDGE, "up");
    }
  }

  /** The processes of a host. */
  List<Long> pids(String host) {
    return pidsIn(prefix + host);
  }

  private static List<Long> pidsIn(String namespace) {
    return Shell.run(Map.of(), "ip", "netns", "pids", namespace)
        .out()
        .lines()
        .map(line -> Long.valueOf(line.strip()))
        .toList();
  }

  /** SIGKILL to all processes of a host, until there are none. */
  void kill(String host) {
    killIn(prefix + host);
  }

  private static void killIn(String namespace) {
    Shell.run(
        Map.of(),
        "sh",
        "-c",
        "while p=$(ip netns pids %s) && [ -n \"$p\" ]; do kill -9 $p; done 2>/dev/null"
            .formatted(namespace));
  }

  private static void ip(String... arguments) {
    Shell.run(Map.of(), Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList()).ok();
  }

  private void in(String host, String... arguments) {
    ip(Stream.concat(Stream.of("-n", prefix + host), Stream.of(arguments)).toArray(String[]::new));
  }

  private void iptables(String host, String... arguments) {
    var command = Stream.concat(Stream.of("iptables", "-w"), Stream.of(arguments));
    Shell.run(Map.of(), inside(host, command.toArray(String[]::new))).ok();
  }

  /** Kills what runs in the namespaces, and removes them. */
  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  /** The namespaces of this process that are there. */
  static List<String> left() {
    return existing().stream()
        .filter(name -> madeBy(name) == ProcessHandle.current().pid())
        .toList();
  }

  private void remove() {
    existing().stream().filter(name -> name.startsWith(prefix)).forEach(Namespaces::remove);
  }

  private static void remove(String namespace) {
    killIn(namespace);
    ip("netns", "del", namespace);
  }

  /** Removes what was made by a process that was killed before it could. */
  private static void sweep() {
    existing().stream()
        .filter(name -> ProcessHandle.of(madeBy(name)).isEmpty())
        .forEach(Namespaces::remove);
  }

  private static long madeBy(String namespace) {
    return Long.parseLong(namespace.substring(PREFIX.length()).split("-", 2)[0]);
  }

  private static List<String> existing() {
    var folder = Path.of("/run/netns");
    if (!Files.isDirectory(folder)) {
      return new ArrayList<>();
    }
    try (var entries = Files.list(folder)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.startsWith(PREFIX))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
