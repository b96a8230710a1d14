package io.understudy.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;

/** The journal's database: how it is reached, and how tables are made in it. All of it blocks. */
public final class Database {
  private static final int LOGIN_TIMEOUT_SECONDS = 3;

  private Database() {}

  /** A connection outside of any pool. */
  public static Connection connect(JournalSettings settings) throws SQLException {
    DriverManager.setLoginTimeout(LOGIN_TIMEOUT_SECONDS);
    return DriverManager.getConnection(settings.url(), settings.user(), settings.password());
  }

  /**
   * Runs a script that creates what is missing, and checks that it can be read.
   *
   * @param resource where the script stands, beside {@code beside}, up to the name of the dialect:
   *     {@code "journal"} for {@code journal-h2.sql}
   * @param check a query that fails when the tables are not there
   * @throws SQLException when the database cannot be reached or refuses
   */
  public static void prepare(
      Connection connection, String dialect, Class<?> beside, String resource, String check)
      throws SQLException {
    try (var statement = connection.createStatement()) {
      for (String sql : script(beside, "%s-%s.sql".formatted(resource, dialect)).split(";", -1)) {
        statement.execute(sql);
      }
      statement.executeQuery(check).close();
    }
  }

  private static String script(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
