package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The dashboard as a node serves it. */
class DashboardTest {
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

  private static Rig rig;

  @BeforeAll
  static void begin() throws Exception {
    rig = new Rig();
    rig.manager.is(Tables.fig2());
  }

  @AfterAll
  static void end() {
    rig.close();
  }

  private static Rig.Said file(String name) {
    var said = rig.get(rig.elsewhere, "/dashboard/" + name);
    assertThat(said.status()).as(name).isEqualTo(200);
    return said;
  }

  private static List<String> scripts() {
    return DashboardRoutes.FILES.stream().filter(name -> name.endsWith(".js")).toList();
  }

  @Test
  @DisplayName("any node serves the page, which may load and ask for what is its own, and no more")
  void page() {
    for (String node : List.of(rig.atManager, rig.elsewhere)) {
      var said = rig.get(node, "/");
      assertThat(said.status()).isEqualTo(200);
      assertThat(said.type()).isEqualTo("text/html; charset=UTF-8");
      assertThat(said.response().headers().firstValue("Content-Security-Policy").orElse(""))
          .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe", "*", "data:");
      assertThat(said.response().headers().firstValue("X-Content-Type-Options"))
          .hasValue("nosniff");
      assertThat(said.body()).startsWith("<!doctype html>").doesNotContainPattern(INLINE);
    }
  }

  @Test
  @DisplayName("each file has its type; HEAD is GET without a body; nothing else is possible")
  void files() {
    assertThat(file("style.css").type()).isEqualTo("text/css; charset=UTF-8");
    assertThat(file("main.js").type()).isEqualTo("text/javascript; charset=UTF-8");
    assertThat(file("icon.svg").type()).isEqualTo("image/svg+xml");
    for (String path : List.of("/", "/dashboard/main.js")) {
      var head = rig.ask("HEAD", rig.elsewhere, path, Map.of(), "");
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      var put = rig.ask("PUT", rig.elsewhere, path, Map.of(), "x");
      assertThat(put.status()).isEqualTo(405);
      assertThat(put.type()).isEqualTo("application/problem+json");
      assertThat(put.response().headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
    for (String path : List.of("/dashboard", "/dashboard/", "/dashboard/../reference.conf")) {
      assertThat(rig.get(rig.elsewhere, path).status()).as(path).isEqualTo(404);
    }
    assertThat(rig.get(rig.elsewhere, "/dashboard/main.jsx").detail())
        .contains("/dashboard/main.jsx does not exist; the dashboard is at /, and has");
  }

  @Test
  @DisplayName("all that the page refers to is there, and all that is there is referred to")
  void references() {
    var referred = new TreeSet<String>();
    Stream.concat(
            Stream.of(rig.get(rig.elsewhere, "/")), scripts().stream().map(DashboardTest::file))
        .flatMap(said -> REFERENCE.matcher(said.body()).results())
        .map(found -> found.group(1) == null ? "dashboard/" + found.group(2) : found.group(1))
        .forEach(referred::add);

    assertThat(referred)
        .allSatisfy(path -> assertThat(rig.get(rig.elsewhere, "/" + path).status()).isEqualTo(200));
    assertThat(referred)
        .containsAll(DashboardRoutes.FILES.stream().map(name -> "dashboard/" + name).toList());
  }

  @Test
  @DisplayName("each path that the scripts ask exists")
  void asked() {
    var asked = new TreeSet<String>();
    scripts().stream()
        .flatMap(name -> ASKED.matcher(file(name).body()).results())
        .forEach(found -> asked.add(found.group(1)));

    assertThat(asked)
        .containsExactly(
            "understudy/events",
            "understudy/hosts",
            "understudy/ring",
            "understudy/simulate",
            "understudy/table")
        .allSatisfy(
            path ->
                assertThat(rig.get(rig.elsewhere, "/" + path + fails(path)).status())
                    .isEqualTo(200));
  }

  private static String fails(String path) {
    return path.endsWith("simulate") ? "?fail=@H1,A2@H2" : "";
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
