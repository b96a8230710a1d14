package io.understudy.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Remoting by mutual TLS: only who has a certificate of the authority is spoken to.
 *
 * @param certificate of this node or application
 * @param key that belongs to it
 * @param authority the certificate of who issued it, and those of all other members
 */
public record MutualTls(Path certificate, Path key, Path authority) {
  static final String CERTIFICATE = "certificate";
  static final String KEY = "key";
  static final String AUTHORITY = "authority";

  private static final String PATH = "understudy.tls";
  private static final String CONFIGURATION = "understudy-tls.conf";

  /**
   * Reads the block {@code understudy.tls}; empty if nothing is set there. Throws {@link
   * MalformedText} if something is missing, or if these files let nobody speak to anybody.
   */
  public static Optional<MutualTls> from(Section settings) {
    var paths = List.of(CERTIFICATE, KEY, AUTHORITY);
    var set = paths.stream().filter(key -> isSet(settings, key)).toList();
    if (set.isEmpty()) {
      return Optional.empty();
    }
    var missing = paths.stream().filter(key -> !set.contains(key)).toList();
    if (!missing.isEmpty()) {
      throw settings.malformed(
          set.getFirst(),
          "is set without %s; set certificate, key and authority, or none of them"
              .formatted(String.join(" and ", missing)));
    }
    var tls =
        new MutualTls(path(settings, CERTIFICATE), path(settings, KEY), path(settings, AUTHORITY));
    new TlsFiles(settings, tls).check();
    return Optional.of(tls);
  }

  private static boolean isSet(Section settings, String key) {
    return settings.text(key).filter(text -> !text.isBlank()).isPresent();
  }

  private static Path path(Section settings, String key) {
    return Path.of(settings.requireText(key, "write the path of a file")).toAbsolutePath();
  }

  /** That an actor system which is given certificates speaks TLS, and can with them. */
  public static void check(Config system) {
    if (!system.hasPath(PATH)) {
      return;
    }
    var tls = from(new Section("settings", PATH, system.getConfig(PATH).root()));
    var transport = system.getString("pekko.remote.artery.transport");
    if (tls.isPresent() && !transport.equals("tls-tcp")) {
      throw new MalformedText(
          "settings: %s is set, and pekko.remote.artery.transport is %s; %s"
              .formatted(
                  PATH,
                  transport,
                  "include classpath(\"%s\") after understudy-cluster.conf"
                      .formatted(CONFIGURATION)));
    }
  }

  /** The configuration of an actor system, with remoting by TLS. */
  public Config over(Config config) {
    var files =
        Map.of(
            CERTIFICATE, certificate.toString(),
            KEY, key.toString(),
            AUTHORITY, authority.toString());
    return ConfigFactory.parseMap(Map.of(PATH, files))
        .withFallback(ConfigFactory.parseResources(CONFIGURATION))
        .withFallback(config)
        .resolve();
  }
}
