package io.understudy.checkpoint;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the Checkpoint Server keeps the table: any JDBC address of a database that we know.
 *
 * @param url as in {@code jdbc:h2:tcp://127.0.0.1:9092/./understudy}
 */
public record JournalSettings(String url, String user, String password) {
  private static final String H2 = "jdbc:h2:";
  private static final String POSTGRESQL = "jdbc:postgresql:";

  /**
   * H2 keeps an acknowledged commit over the death of its process only without a write delay; its
   * default of 500 ms loses thousands.
   */
  private static final List<String> H2_SETTINGS =
      List.of("WRITE_DELAY=0", "CASE_INSENSITIVE_IDENTIFIERS=TRUE");

  /**
   * A database that falls silent is taken for lost after 10 s, so that it is asked again over a new
   * connection; both drivers would wait for ever.
   */
  private static final String H2_SILENCE = "NETWORK_TIMEOUT=10000";

  private static final String POSTGRESQL_SILENCE = "socketTimeout=10";

  /** Throws {@link IllegalArgumentException} when the database is not one that we know. */
  public JournalSettings {
    if (!url.startsWith(H2) && !url.startsWith(POSTGRESQL)) {
      throw new IllegalArgumentException(
          "understudy.journal.url \"%s\": give a JDBC address that starts with %s or %s"
              .formatted(url, H2, POSTGRESQL));
    }
    url = url.startsWith(H2) ? forH2(url) : forPostgresql(url);
  }

  private static String forH2(String given) {
    var url = given;
    for (String setting : H2_SETTINGS) {
      url = with(url, ";", setting);
    }
    return isServer(given) ? with(url, ";", H2_SILENCE) : url;
  }

  private static boolean isServer(String url) {
    return !url.startsWith(H2) || url.startsWith(H2 + "tcp:") || url.startsWith(H2 + "ssl:");
  }

  /** Whether other nodes may use it, too: a database in a file or in memory is its node's own. */
  public boolean mayBeShared() {
    return isServer(url);
  }

  private static String forPostgresql(String given) {
    return with(given, given.contains("?") ? "&" : "?", POSTGRESQL_SILENCE);
  }

  /** What the operator has set stays as it is. */
  private static String with(String url, String separator, String setting) {
    var name = setting.split("=", 2)[0] + "=";
    var isSet = url.toUpperCase(Locale.ROOT).contains(name.toUpperCase(Locale.ROOT));
    return isSet ? url : url + separator + setting;
  }

  public static JournalSettings from(Config understudy) {
    var journal = understudy.getConfig("journal");
    return new JournalSettings(
        journal.getString("url"), journal.getString("user"), journal.getString("password"));
  }

  /** The address without settings and secrets, for messages. */
  public String shown() {
    return url.split("[;?]", 2)[0];
  }

  /** {@code h2} or {@code postgresql}. */
  public String dialect() {
    return url.startsWith(H2) ? "h2" : "postgresql";
  }

  /** The persistence plugin's settings for this database. */
  public Config pekkoConfig() {
    var h2 = dialect().equals("h2");
    var database = "pekko-persistence-jdbc.shared-databases.slick.";
    return ConfigFactory.parseMap(
        Map.of(
            database + "profile", h2 ? "slick.jdbc.H2Profile$" : "slick.jdbc.PostgresProfile$",
            database + "db.driver", h2 ? "org.h2.Driver" : "org.postgresql.Driver",
            database + "db.url", url,
            database + "db.user", user,
            database + "db.password", password));
  }
}
