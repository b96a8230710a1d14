package io.understudy.module;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests to the local module API, with nothing but the JDK. */
record ApiCalls(URI base, String token) {
  private static final int CONNECT_MILLIS = 2000;
  private static final int ANSWER_MILLIS = 20_000; // the longest that the API itself waits, doubled
  private static final Pattern DETAIL = Pattern.compile("\"detail\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Sends a body, and returns what is answered. */
  String send(String method, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    var connection = open(path);
    connection.setRequestMethod(method);
    connection.setReadTimeout(ANSWER_MILLIS);
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.length); // and never sent a second time unasked
    connection.setRequestProperty("Content-Type", "application/octet-stream");
    headers.forEach(connection::setRequestProperty);
    try (var out = connection.getOutputStream()) {
      out.write(body);
    }
    return text(answer(connection));
  }

  String get(String path) throws IOException {
    var connection = open(path);
    connection.setReadTimeout(ANSWER_MILLIS);
    return text(answer(connection));
  }

  /** A connection whose answer has no end yet, or a long one. */
  HttpURLConnection stream(String path) throws IOException {
    var connection = open(path);
    check(connection);
    return connection;
  }

  private HttpURLConnection open(String path) throws IOException {
    var connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + token);
    return connection;
  }

  private static InputStream answer(HttpURLConnection connection) throws IOException {
    check(connection);
    return connection.getInputStream();
  }

  private static void check(HttpURLConnection connection) throws IOException {
    var code = connection.getResponseCode();
    if (code >= HttpURLConnection.HTTP_MULT_CHOICE) {
      var said = connection.getErrorStream();
      throw new ApiRefusal(code, reason(connection, said == null ? "" : text(said)));
    }
  }

  private static String reason(HttpURLConnection connection, String said) {
    var detail = DETAIL.matcher(said);
    return detail.find()
        ? detail.group(1).replaceAll("\\\\(.)", "$1")
        : "%s answered %s".formatted(connection.getURL(), said);
  }

  private static String text(InputStream in) throws IOException {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The number of that name in an object of JSON. */
  static long number(String json, String name) throws IOException {
    return Long.parseLong(find("\"%s\"\\s*:\\s*(\\d+)".formatted(name), json).group(1));
  }

  private static Matcher find(String pattern, String json) throws IOException {
    var found = Pattern.compile(pattern).matcher(json);
    if (!found.find()) {
      throw new IOException("the module API answered " + json);
    }
    return found;
  }
}
