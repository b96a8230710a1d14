package io.understudy.launcher;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Speaks to the management of whichever node answers; ends the command when none does.
 *
 * <p>It uses the JDK's oldest client, which starts several times faster than its newest.
 */
final class NodeClient {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final int LAST_PORT = 65_535;
  private static final int ERROR = 400;
  private static final int UNAVAILABLE = 503;

  private final List<String> nodes;
  private final Optional<String> token;

  NodeClient(List<String> nodes, Optional<String> token) {
    this.nodes = List.copyOf(nodes);
    this.token = token;
    this.nodes.forEach(node -> url(node, ""));
  }

  /** The same, which asks the second node first and the first one last. */
  NodeClient fromTheNext() {
    var rotated = new ArrayList<>(nodes);
    Collections.rotate(rotated, -1);
    return new NodeClient(rotated, token);
  }

  /** What is asked of a node. */
  record Request(String method, String path, String accept, Optional<String> body) {
    static Request get(String path, boolean json) {
      return new Request("GET", path, json ? "application/json" : "text/plain", Optional.empty());
    }
  }

  /** An answer below 400. */
  record Reply(int status, String body) {}

  /** The answer of the first node that has one; a node without a ReplicaManager has none. */
  Reply send(Request request) {
    return read(
        open(request),
        connection -> {
          try (var in = connection.getInputStream()) {
            return new Reply(
                connection.getResponseCode(),
                new String(in.readAllBytes(), StandardCharsets.UTF_8));
          }
        });
  }

  /** What is done with an open answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read(HttpURLConnection connection) throws IOException;
  }

  private static <T> T read(HttpURLConnection connection, Reader<T> reader) {
    try {
      return reader.read(connection);
    } catch (IOException e) {
      throw new Complaint(
          Complaint.UNREACHABLE,
          "%s broke off: %s; try again".formatted(connection.getURL(), e.getMessage()));
    }
  }

  /** An answer below 400 that is not read yet. A ReplicaManager that moves is waited for. */
  HttpURLConnection open(Request request) {
    var until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      var reasons = new ArrayList<String>();
      for (String node : nodes) {
        var found = tried(node, request, reasons);
        if (found.isPresent()) {
          return found.get();
        }
      }
      var moving = reasons.stream().anyMatch(reason -> reason.startsWith("503"));
      if (!moving || System.nanoTime() > until) {
        throw new Complaint(
            Complaint.UNREACHABLE, "no manager is reachable:\n  " + String.join("\n  ", reasons));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE); // the manager is in another process, and nothing says that it has moved
    } catch (InterruptedException e) {
      throw new Complaint(Complaint.UNREACHABLE, "interrupted");
    }
  }

  private Optional<HttpURLConnection> tried(String node, Request request, List<String> reasons) {
    try {
      var connection = connect(node, request);
      int status = connection.getResponseCode();
      if (status < ERROR) {
        return Optional.of(connection);
      }
      var detail = detail(connection);
      if (status != UNAVAILABLE) {
        throw new Complaint(Complaint.REFUSED, detail);
      }
      reasons.add("503 from %s: %s".formatted(node, detail));
    } catch (IOException e) {
      reasons.add(
          "%s does not answer (%s); start the node, or name another with --node"
              .formatted(node, e.getMessage()));
    }
    return Optional.empty();
  }

  private HttpURLConnection connect(String node, Request request) throws IOException {
    var connection = (HttpURLConnection) url(node, request.path()).openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    connection.setRequestMethod(request.method());
    connection.setRequestProperty("Accept", request.accept());
    token.ifPresent(it -> connection.setRequestProperty("Authorization", "Bearer " + it));
    if (request.body().isPresent()) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/hocon");
      connection.getOutputStream().write(request.body().get().getBytes(StandardCharsets.UTF_8));
    }
    return connection;
  }

  private static URL url(String node, String path) {
    var base = node.strip().replaceFirst("(?<=[^:/])/+$", "");
    try {
      var url = URI.create((base.contains("://") ? base : "http://" + base) + path).toURL();
      if (List.of("http", "https").contains(url.getProtocol())
          && !url.getHost().isEmpty()
          && url.getPort() <= LAST_PORT) {
        return url;
      }
    } catch (IllegalArgumentException | MalformedURLException e) {
      throw notPossible(node);
    }
    throw notPossible(node);
  }

  private static Complaint notPossible(String node) {
    return new Complaint(
        Complaint.USAGE,
        "--node %s is not possible; write a URL, as in http://127.0.0.1:7626".formatted(node));
  }

  /** The detail of a problem+json, or whatever else was said. */
  private static String detail(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      if (in == null) {
        return connection.getResponseMessage();
      }
      var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      try {
        return ConfigFactory.parseString(text).getString("detail");
      } catch (ConfigException e) {
        return "%d %s".formatted(connection.getResponseCode(), text.strip());
      }
    }
  }
}
