package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The dashboard's files, as a node serves them. */
class DashboardTest {
  private static final String QUIET =
      """
      pekko { actor.provider = local, loglevel = ERROR, coordinated-shutdown.exit-jvm = off }
      """;

  /** What a page or script refers to beside itself. */
  private static final Pattern REFERENCE =
      Pattern.compile("(?:src|href)=\"([^\"#]+)\"|from '\\./([^']+)'");

  /** What a script asks the node. */
  private static final Pattern ASKED = Pattern.compile("['`\"](understudy/[a-z]+)");

  private static final Pattern AS_HTML =
      Pattern.compile(
          "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|createContextualFragment"
              + "|parseFromString|srcdoc|setHTML|\\beval\\b|Function\\(|javascript:");

  private static final Pattern INLINE =
      Pattern.compile("<script(?![^>]*\\ssrc=)|<style|\\sstyle=|\\son[a-z]+=|https?://|//[a-z]");

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static ActorSystem system;
  private static String node;

  /** Only these routes: they need nothing of the rest of a node. */
  @BeforeAll
  static void begin() {
    system =
        ActorSystem.create(
            "dashboard", ConfigFactory.parseString(QUIET).withFallback(ConfigFactory.load()));
    var settings = ManagementRouteProviderSettings.create(Uri.create("http://127.0.0.1"));
    var routes = new DashboardRoutes((ExtendedActorSystem) system).routes(settings);
    var bound =
        Http.get(system).newServerAt("127.0.0.1", 0).bind(routes).toCompletableFuture().join();
    node = "http://127.0.0.1:" + bound.localAddress().getPort();
  }

  @AfterAll
  static void end() {
    system.terminate();
  }

  private static HttpResponse<String> ask(String method, String path) {
    var body = HttpRequest.BodyPublishers.noBody();
    var request =
        HttpRequest.newBuilder(URI.create(node + path)).timeout(PATIENCE).method(method, body);
    return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()).join();
  }

  private static String type(HttpResponse<String> said) {
    return said.headers().firstValue("Content-Type").orElse("");
  }

  private static HttpResponse<String> file(String name) {
    var said = ask("GET", "/dashboard/" + name);
    assertThat(said.statusCode()).as(name).isEqualTo(200);
    return said;
  }

  /** Each path of management that the scripts ask. */
  static Set<String> asked() {
    var asked = new TreeSet<String>();
    for (String name : scripts()) {
      ASKED.matcher(text(name)).results().forEach(found -> asked.add(found.group(1)));
    }
    return asked;
  }

  private static String text(String name) {
    var file = DashboardRoutes.class.getResourceAsStream("dashboard/" + name);
    try (var in = Objects.requireNonNull(file, name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> scripts() {
    return DashboardRoutes.FILES.stream().filter(name -> name.endsWith(".js")).toList();
  }

  @Test
  @DisplayName("the page may load and ask for what comes from its node, and no more")
  void page() {
    var said = ask("GET", "/");
    assertThat(said.statusCode()).isEqualTo(200);
    assertThat(type(said)).isEqualTo("text/html; charset=UTF-8");
    assertThat(said.headers().firstValue("Content-Security-Policy").orElse(""))
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "data:");
    assertThat(said.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(said.body()).startsWith("<!doctype html>").doesNotContainPattern(INLINE);
  }

  @Test
  @DisplayName("each file has its type; HEAD is GET without a body; nothing else is possible")
  void files() {
    assertThat(type(file("style.css"))).isEqualTo("text/css; charset=UTF-8");
    assertThat(type(file("main.js"))).isEqualTo("text/javascript; charset=UTF-8");
    assertThat(type(file("icon.svg"))).isEqualTo("image/svg+xml");
    for (String path : List.of("/", "/dashboard/main.js")) {
      var head = ask("HEAD", path);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      var put = ask("PUT", path);
      assertThat(put.statusCode()).isEqualTo(405);
      assertThat(type(put)).isEqualTo("application/problem+json");
      assertThat(put.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
    for (String path : List.of("/dashboard", "/dashboard/", "/dashboard/../reference.conf")) {
      assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(ask("GET", "/dashboard/main.jsx").body())
        .contains("/dashboard/main.jsx does not exist; the dashboard is at /, and has");
  }

  @Test
  @DisplayName("all that the page refers to beside itself is there, and all that is there is used")
  void references() {
    var referred = new TreeSet<String>();
    Stream.concat(Stream.of(DashboardRoutes.PAGE), scripts().stream())
        .flatMap(name -> REFERENCE.matcher(text(name)).results())
        .map(found -> found.group(1) == null ? "dashboard/" + found.group(2) : found.group(1))
        .filter(path -> path.startsWith("dashboard/"))
        .forEach(referred::add);

    assertThat(referred)
        .containsExactlyInAnyOrderElementsOf(
            DashboardRoutes.FILES.stream().map(name -> "dashboard/" + name).toList());
  }

  @Test
  @DisplayName("no text is put in as HTML or run: what stands in it comes from users and programs")
  void untrusted() {
    for (String name : scripts()) {
      assertThat(file(name).body()).as(name).doesNotContainPattern(AS_HTML);
    }
    assertThat("node.innerHTML = reason").containsPattern(AS_HTML);
    assertThat("<b onclick=\"x()\">").containsPattern(INLINE);
    assertThat(file("style.css").body()).doesNotContain("url(", "@import");
  }
}
