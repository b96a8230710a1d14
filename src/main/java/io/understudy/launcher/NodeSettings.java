package io.understudy.launcher;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import io.understudy.checkpoint.JournalSettings;
import io.understudy.model.HostId;
import io.understudy.model.ModuleSpec;
import io.understudy.superwatchdog.SuperWatchDogSettings;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.wire.MalformedText;
import io.understudy.wire.MutualTls;
import io.understudy.wire.Section;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;

/**
 * What makes one node differ from another.
 *
 * @param address and port of remoting
 * @param pulsePort where a manager node listens for heartbeats, on the same address
 * @param seeds as address:port; empty when the node is a cluster by itself
 * @param tls of remoting; empty when it is plain TCP
 * @param modules that this node registers when it has started
 * @param config everything else
 */
record NodeSettings(
    HostId host,
    Path data,
    String address,
    int port,
    int pulsePort,
    Set<String> roles,
    List<String> seeds,
    Optional<MutualTls> tls,
    Management management,
    JournalSettings journal,
    List<ModuleSpec> modules,
    Config config) {
  static final String WATCHDOG = "watchdog";
  static final String MANAGER = "manager";
  static final String SYSTEM = "understudy";
  private static final int LAST_PORT = 65_535;

  /** The node closes its database when nobody needs it any more, not when the JVM begins to end. */
  private static final String KEPT_OPEN = ";DB_CLOSE_ON_EXIT=FALSE";

  /** Where management listens, and where its token is. */
  record Management(String address, int port, Optional<String> token, Path tokenFile) {}

  NodeSettings {
    roles = Set.copyOf(roles);
    seeds = List.copyOf(seeds);
    modules = List.copyOf(modules);
  }

  boolean hasRole(String role) {
    return roles.contains(role);
  }

  /** Remoting's address:port. */
  String at() {
    return address + ":" + port;
  }

  /** Reads them from {@link SettingsFile#load}; throws a {@link Complaint}. */
  static NodeSettings from(Config config) {
    try {
      return read(config);
    } catch (MalformedText e) {
      throw new Complaint(Complaint.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static NodeSettings read(Config config) {
    var top = section(config, "understudy");
    new SettingsRange(config).check();
    var roles = roles(top);
    var address = address(top);
    var port = port(top, "port");
    var data = Path.of(top.requireText("data", "write the path of a folder")).toAbsolutePath();
    var seeds = seeds(top);
    var at = address + ":" + port;
    return new NodeSettings(
        host(top),
        data,
        address,
        port,
        pulsePort(top, address),
        roles,
        seeds,
        MutualTls.from(section(config, "understudy.tls")),
        management(section(config, "understudy.management"), address, data),
        journal(section(config, "understudy.journal"), data, roles, seeds, at),
        OwnModules.read(config),
        beating(config));
  }

  /** As often as leases need it, should it be set to less. */
  private static Config beating(Config config) {
    var path = "understudy.watchdog.heartbeat-interval";
    var terms = SuperWatchDogSettings.terms(config.getConfig("understudy"));
    var beats = terms.beats(config.getDuration(path));
    return config.withValue(path, ConfigValueFactory.fromAnyRef(beats));
  }

  private static Section section(Config config, String path) {
    if (config.getValue(path) instanceof ConfigObject block) {
      return new Section("settings", path, block);
    }
    throw new MalformedText("settings: %s is not a block".formatted(path));
  }

  private static HostId host(Section top) {
    var name = top.text("host").filter(text -> !text.isBlank()).orElseGet(NodeSettings::machine);
    try {
      return new HostId(name);
    } catch (IllegalArgumentException e) {
      throw top.malformed("host", "is not possible: " + e.getMessage());
    }
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName().split("\\.", 2)[0];
    } catch (UnknownHostException e) {
      throw new MalformedText(
          "settings: this machine does not know its own name; set understudy.host or give --host");
    }
  }

  private static String address(Section top) {
    var address = top.requireText("address", "write an address of this machine, as in 127.0.0.1");
    if (!canBeJoined(address + ":1")) {
      throw top.malformed(
          "address",
          "= \"%s\" is not possible; write an IP address, or a name of letters, digits, dots and"
                  .formatted(address)
              + " dashes");
    }
    return address;
  }

  /** Whether members can have it as their host and port: whether it is one as RFC 3986 has it. */
  private static boolean canBeJoined(String at) {
    try {
      var uri = new URI("pekko://%s@%s".formatted(SYSTEM, at));
      return uri.getHost() != null
          && SYSTEM.equals(uri.getUserInfo())
          && uri.getPath().isEmpty()
          && uri.getPort() > 0
          && uri.getPort() <= LAST_PORT;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static int port(Section section, String name) {
    var value = section.require(name, "write a port");
    return (int) section.whole(name, value, 0, LAST_PORT);
  }

  /** The others learn it with the membership, so that it is chosen before this node joins. */
  private static int pulsePort(Section top, String address) {
    var port = port(top, "pulse-port");
    if (port > 0) {
      return port;
    }
    try (var free = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new MalformedText(
          "settings: understudy.address %s is not an address of this machine: %s; %s"
              .formatted(address, e.getMessage(), "set it to one that is"));
    }
  }

  private static Set<String> roles(Section top) {
    var known = List.of(WATCHDOG, MANAGER);
    var roles = new TreeSet<>(top.texts("roles").orElse(List.of()));
    for (String role : roles) {
      if (!known.contains(role)) {
        throw top.unknown("roles", role, known);
      }
    }
    if (roles.isEmpty()) {
      throw top.malformed("roles", "is empty; list watchdog, manager or both");
    }
    return roles;
  }

  private static List<String> seeds(Section top) {
    var seeds = top.texts("seeds").orElse(List.of());
    for (String seed : seeds) {
      if (!canBeJoined(seed)) {
        throw top.malformed(
            "seeds", "has \"%s\"; write address:port, as in 127.0.0.2:17355".formatted(seed));
      }
    }
    return seeds;
  }

  private static Management management(Section section, String nodeAddress, Path data) {
    var address =
        section
            .text("address")
            .filter(text -> !text.isBlank())
            .orElse(nodeAddress.startsWith("127.") ? nodeAddress : "127.0.0.1");
    var fromEnvironment = Optional.ofNullable(System.getenv(TokenSource.ENVIRONMENT));
    var file =
        section
            .text("token-file")
            .filter(text -> !text.isBlank())
            .map(Path::of)
            .orElse(data.resolve(TokenSource.FILE));
    return new Management(
        address,
        port(section, "port"),
        fromEnvironment.or(() -> section.text("token")).filter(text -> !text.isBlank()),
        file.toAbsolutePath());
  }

  /** A journal of its own fits one manager: two would each keep a table (I1). */
  private static JournalSettings journal(
      Section section, Path data, Set<String> roles, List<String> seeds, String at) {
    var url = section.text("url").filter(text -> !text.isBlank());
    if (url.isEmpty()
        && roles.contains(MANAGER)
        && seeds.stream().anyMatch(seed -> !seed.equals(at))) {
      throw new MalformedText(
          "settings: understudy.journal.url is not set, and a file of this node's own cannot be"
              + " shared with the managers among its seeds (%s); start understudy"
                  .formatted(String.join(", ", seeds))
              + " checkpoint-server and set url to the jdbc: address that it prints");
    }
    try {
      return new JournalSettings(
          url.orElse("jdbc:h2:file:" + data.resolve("journal").resolve("understudy") + KEPT_OPEN),
          section.text("user").orElse(""),
          section.text("password").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new MalformedText("settings: " + e.getMessage());
    }
  }

  static List<Address> addresses(List<String> seeds) {
    return seeds.stream()
        .map(seed -> AddressFromURIString.parse("pekko://%s@%s".formatted(SYSTEM, seed)))
        .toList();
  }

  /** The actor system's configuration; it joins nobody by itself. */
  Config pekkoConfig() {
    var own = new HashMap<String, Object>();
    own.put("pekko.remote.artery.canonical.hostname", address);
    own.put("pekko.remote.artery.canonical.port", port);
    own.put("pekko.cluster.roles", clusterRoles());
    own.put("pekko.management.http.hostname", management.address());
    own.put("pekko.management.http.port", management.port());
    own.put("understudy.data", data.toString());
    own.put("pekko.coordinated-shutdown.exit-jvm", false); // whoever started the node ends it
    var grace = config.getDuration("understudy.watchdog.shutdown-grace");
    own.put(
        "pekko.coordinated-shutdown.phases.before-service-unbind.timeout",
        grace.plusSeconds(2).toMillis() + " ms");
    if (!hasRole(MANAGER)) {
      own.put("pekko.persistence.journal.auto-start-journals", List.of());
      own.put("pekko.persistence.snapshot-store.auto-start-snapshot-stores", List.of());
    }
    return ConfigFactory.parseMap(own)
        .withValue("understudy.host", ConfigValueFactory.fromAnyRef(host.value()))
        .withFallback(journal.pekkoConfig())
        .withFallback(tls.map(files -> files.over(config)).orElse(config));
  }

  private List<String> clusterRoles() {
    var all = new ArrayList<String>(roles);
    all.add(SuperWatchDogs.HOST_ROLE + host);
    all.add(SuperWatchDogs.PULSE_ROLE + pulsePort);
    return all;
  }
}
