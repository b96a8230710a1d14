package io.understudy.management;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard at {@code GET /}: files that are the same on every node, which ask the rest of
 * management for what they show.
 *
 * <p>The browser is told to run and fetch what comes from this node alone, and nothing that stands
 * in a page.
 */
public final class DashboardRoutes implements ManagementRouteProvider {
  static final String PAGE = "index.html";

  /** Beside the page. */
  static final List<String> FILES =
      List.of(
          "style.css",
          "icon.svg",
          "main.js",
          "dom.js",
          "data.js",
          "modules.js",
          "cluster.js",
          "events.js",
          "whatif.js");

  private static final String FOLDER = "dashboard";
  private static final Set<String> READS = Set.of("GET", "HEAD");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=UTF-8",
          "css", "text/css; charset=UTF-8",
          "js", "text/javascript; charset=UTF-8",
          "svg", "image/svg+xml");

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
              + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cache-Control",
          "no-cache");

  private final Map<String, Answer> answers = new HashMap<>();

  /** As Pekko Management makes it, by its class name. */
  public DashboardRoutes(ExtendedActorSystem system) {
    answers.put("/", file(PAGE));
    FILES.forEach(name -> answers.put("/%s/%s".formatted(FOLDER, name), file(name)));
  }

  private static Answer file(String name) {
    var type =
        Optional.ofNullable(TYPES.get(name.substring(name.lastIndexOf('.') + 1))).orElseThrow();
    var body = new Answer.Body.Whole(ByteString.fromArrayUnsafe(bytes(name)));
    return new Answer(200, type, HEADERS, body);
  }

  private static byte[] bytes(String name) {
    try (@Nullable InputStream in =
        DashboardRoutes.class.getResourceAsStream("%s/%s".formatted(FOLDER, name))) {
      if (in == null) {
        throw new IllegalStateException(
            "the dashboard's %s is not among the classes".formatted(name));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    Route answering = Directives.handleSync(this::response);
    return Directives.concat(
        Directives.pathEndOrSingleSlash(() -> answering),
        Directives.pathPrefix(FOLDER, () -> answering));
  }

  private HttpResponse response(HttpRequest request) {
    try {
      return ManagementRoutes.response(answer(request));
    } catch (ProblemException e) {
      return ManagementRoutes.response(e.answer());
    }
  }

  private Answer answer(HttpRequest request) {
    var path = request.getUri().path();
    @Nullable Answer found = answers.get(path.isEmpty() ? "/" : path);
    if (found == null) {
      throw Problem.notFound(
          "%s does not exist; the dashboard is at /, and has %s"
              .formatted(path, String.join(", ", new TreeSet<>(FILES))));
    }
    if (!READS.contains(request.method().name())) {
      throw Problem.methodNotAllowed(
          "%s is not possible on %s; it takes GET, HEAD".formatted(request.method().name(), path),
          "GET, HEAD");
    }
    return found;
  }
}
