package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Bad requests over HTTP: each is answered with its one clear message, and changes nothing. */
class RefusalsTest {
  private static final String A =
      "style = warm, degree = 2, copies = [ { host = H1, location = /a }, "
          + "{ host = H2, location = /a } ]";

  private static Rig rig;

  @BeforeAll
  static void begin() throws Exception {
    rig = new Rig();
  }

  @AfterAll
  static void end() {
    rig.close();
  }

  @BeforeEach
  void fresh() {
    rig.manager.is(Tables.fig2());
  }

  private void refused(Rig.Said said, int status, String detail) {
    assertThat(said.status()).as(said.body()).isEqualTo(status);
    assertThat(said.type()).isEqualTo("application/problem+json");
    assertThat(said.detail()).contains(detail).doesNotContain("\n");
    assertThat(said.json().get("status").asInt()).isEqualTo(status);
    assertThat(said.json().get("title").asText()).isNotBlank();
    assertThat(rig.manager.table()).isEqualTo(Tables.fig2());
  }

  @Test
  void movesThatCannotBe() {
    var of = "/understudy/modules/%s/switchover%s";
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("Z", ""), ""), 404, "module Z is not reg");
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("A", "?to=A9"), ""),
        404,
        "module A: copy A9 is not among its copies; it has A1 on H1, A2 on H2");
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("A", "?to=A4"), ""),
        409,
        "module A: copy A4 on H4 cannot take over: it does not run");
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("B", ""), ""), 409, "module B: it is hot");
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("A", "?to=3"), ""),
        400,
        "copy \"3\": write the module's name and the copy's number");
    refused(
        rig.write("POST", rig.elsewhere, of.formatted("A", "?copy=A2"), ""), 400, "copy is not");
    refused(
        rig.get(rig.elsewhere, of.formatted("A", "")),
        405,
        "GET is not possible on /understudy/modules/A/switchover; it takes POST");
    refused(
        rig.ask("POST", rig.elsewhere, of.formatted("A", ""), Map.of(), ""), 401, "operator token");
    refused(
        rig.write("POST", rig.elsewhere, "/understudy/hosts/H9/drain", ""),
        404,
        "host H9 is not in the table");
    refused(
        rig.write("POST", rig.elsewhere, "/understudy/hosts/H9/resume", ""), 404, "host H9 is not");
    refused(
        rig.write("POST", rig.elsewhere, "/understudy/hosts/H1/empty", ""),
        404,
        "hosts/NAME/drain");
    refused(
        rig.write("DELETE", rig.elsewhere, "/understudy/hosts/H1/drain", ""), 405, "it takes POST");
    refused(
        rig.ask("POST", rig.elsewhere, "/understudy/hosts/H1/drain", Map.of(), ""), 401, "oper");
  }

  @Test
  void aWriteNeedsTheTokenOfTheNodeThatIsAsked() {
    var path = "/understudy/modules/Z";
    var none = rig.ask("PUT", rig.elsewhere, path, Map.of(), A);
    refused(none, 401, "writes need the operator token");
    assertThat(none.response().headers().firstValue("WWW-Authenticate")).isPresent();
    var wrong = Map.of("Authorization", "Bearer token-of-H2");
    refused(rig.ask("PUT", rig.elsewhere, path, wrong, A), 401, "not the operator token");
    refused(
        rig.ask("DELETE", rig.atManager, "/understudy/modules/A", Map.of(), ""),
        401,
        "Authorization: Bearer TOKEN");
  }

  @Test
  void aJournalThatIsAwayIsNotAvailableRatherThanAnErrorOfTheNode() {
    rig.journalAway = Optional.of("Connection refused:\n127.0.0.1:9092");
    try {
      refused(
          rig.get(rig.elsewhere, "/understudy/events"),
          503,
          "the journal cannot be read: Connection refused: 127.0.0.1:9092; ask again when its");
    } finally {
      rig.journalAway = Optional.empty();
    }
    refused(
        rig.get(rig.elsewhere, "/understudy/events?after=" + Long.MAX_VALUE),
        400,
        "give a whole number from 0 to " + (Long.MAX_VALUE - 1));
  }

  @Test
  @DisplayName("[n] what cannot be registered is refused with its remedy, and nothing is changed")
  void refusals() {
    var z = "/understudy/modules/Z";
    refused(
        rig.write("PUT", rig.elsewhere, z, A.replace("degree = 2", "degree = 3")),
        422,
        "module Z: degree 3 needs 3 hosts, 2 are listed (H1, H2); list 1 more host or lower");
    refused(
        rig.write("PUT", rig.elsewhere, z, A.replace("H2", "H1")), 422, "host H1 is listed twice");
    refused(
        rig.write("PUT", rig.atManager, z, "style = hot, degree = 1, copies = []"),
        422,
        "no copies are listed");
    refused(
        rig.write("PUT", rig.atManager, z, A.replace("warm", "tepid")),
        400,
        "style (line 1) = \"tepid\" is not known; write cold or warm or hot");
    refused(
        rig.write(
            "PUT",
            rig.atManager,
            z,
            A.replace("style = warm", "style = cold").replace("degree = 2", "degree = 1")),
        422,
        "cold, the degree is the number of hosts");
    refused(
        rig.write("PUT", rig.atManager, z, A + "\nrunning { host = H3, pid = 12 }"),
        422,
        "process 12 runs on H3, which is not listed");
  }

  @Test
  void whatCannotBeReadIsRefused() {
    refused(rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", "{"), 400, "module file: ");
    refused(
        rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", "module = Y\n" + A),
        400,
        "= Y is not Z, as the address says");
    refused(
        rig.write("PUT", rig.elsewhere, "/understudy/modules/Z%20Z", A),
        400,
        "module name \"Z Z\"");
    refused(
        rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", A + "#".repeat(1 << 20)),
        413,
        "the body has 1048673 bytes or more: send at most 1048576 bytes");
    refused(
        rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", "#".repeat(20_000_000)),
        413,
        "the body has 20000000 bytes or more: send at most 1048576 bytes");
    refused(
        rig.get(rig.elsewhere, "/understudy/events?after=soon"), 400, "after=soon is not possible");
    refused(
        rig.get(rig.elsewhere, "/understudy/events?aftr=1"),
        400,
        "parameter aftr is not known; did you mean after?");
    refused(
        rig.get(rig.elsewhere, "/understudy/events?follow=maybe"),
        400,
        "follow=maybe is not possible; give true or false");
    refused(
        rig.get(rig.elsewhere, "/understudy/events?after=1&after=2"),
        400,
        "after is given twice, as 1 and as 2");
    refused(
        rig.get(rig.elsewhere, "/understudy/simulate"),
        400,
        "nothing is named that fails; name hosts and copies, as in fail=H1,A2");
    refused(rig.get(rig.elsewhere, "/understudy/simulate?fail=,"), 400, "nothing is named");
    refused(
        rig.get(rig.elsewhere, "/understudy/simulate?fial=H1"),
        400,
        "parameter fial is not known; did you mean fail?");
    refused(
        rig.get(rig.elsewhere, "/understudy/simulate?fail=H1,A9"),
        404,
        "A9 is neither a host nor a copy; did you mean");
    refused(
        rig.write("POST", rig.elsewhere, "/understudy/simulate?fail=H1", ""),
        405,
        "it takes GET, HEAD");
    refused(rig.get(rig.elsewhere, "/understudyx/table"), 404, "/understudyx/table does not exist");
    refused(rig.get(rig.elsewhere, "/understudy//table"), 404, "/understudy//table does not exist");
    refused(rig.get(rig.elsewhere, "/understudy/tables"), 404, "there are table, modules/NAME");
    refused(rig.get(rig.elsewhere, "/understudy/modules/Y"), 404, "module Y is not registered");
    refused(
        rig.write("DELETE", rig.elsewhere, "/understudy/modules/Y", ""),
        404,
        "module Y is not registered");
    var bearer = "Bearer token-of-H1";
    var at = "/understudy/modules/Z";
    refused(
        rig.ask(
            "PUT",
            rig.elsewhere,
            at,
            Map.of("Authorization", bearer, "Content-Encoding", "gzip"),
            A),
        415,
        "a body with Content-Encoding: gzip is not read: send it as it is");
    var latin = "# \u00fc\n".getBytes(StandardCharsets.ISO_8859_1);
    refused(
        rig.ask("PUT", rig.elsewhere, at, Map.of("Authorization", bearer), latin),
        400,
        "the body is not text in UTF-8");
    refused(
        rig.write("PUT", rig.elsewhere, "/understudy/modules/" + "Z".repeat(1000), A),
        400,
        "module name \"%s...\": use 1 to 63 letters".formatted("Z".repeat(63)));
    var post = rig.write("POST", rig.elsewhere, "/understudy/table", "");
    refused(post, 405, "it takes GET, HEAD");
    assertThat(post.response().headers().firstValue("Allow")).hasValue("GET, HEAD");
    var patch = rig.write("PATCH", rig.elsewhere, "/understudy/modules/A", "");
    refused(patch, 405, "it takes GET, HEAD, PUT, DELETE");
    assertThat(patch.response().headers().firstValue("Allow")).hasValue("GET, HEAD, PUT, DELETE");
  }
}
