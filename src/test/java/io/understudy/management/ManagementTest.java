package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.management.EventsSource.Recorded;
import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.RunningCopy;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.table.Change;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.wire.ModuleFile;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Management over HTTP, on the manager's node and on another. */
class ManagementTest {
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
    rig.manager.unavailable(Optional.empty());
    rig.manager.silent(false);
    rig.cut = false;
    rig.heard = List.of();
    rig.unready = Optional.empty();
    rig.journal.clear();
  }

  @Test
  @DisplayName("cut off from the manager's node alone, a node answers by way of another")
  void roundACut() {
    rig.cut = true;
    assertThat(rig.get(rig.elsewhere, "/understudy/table").json())
        .isEqualTo(rig.get(rig.atManager, "/understudy/table").json());
    assertThat(rig.get(rig.elsewhere, "/understudy/events").json())
        .isEqualTo(rig.get(rig.atManager, "/understudy/events").json());
    assertThat(rig.get(rig.elsewhere, "/understudy/modules/none").status()).isEqualTo(404);
    var created = rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", A);
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    assertThat(rig.manager.table().module(new ModuleId("Z"))).isPresent();
  }

  @Test
  @DisplayName("[10] [11] any node gives the table of FIG. 2, as JSON and as text")
  void anyNodeGivesTheTable() {
    var there = rig.get(rig.atManager, "/understudy/table");
    var elsewhere = rig.get(rig.elsewhere, "/understudy/table");

    assertThat(there.status()).isEqualTo(200);
    assertThat(there.type()).isEqualTo("application/json");
    assertThat(there.json().get("manager").asText()).isEqualTo("H2");
    assertThat(there.json().at("/modules/0/copies/3/status").asText()).isEqualTo("IDLE");
    assertThat(elsewhere.json()).isEqualTo(there.json());
    assertThat(elsewhere.type()).isEqualTo("application/json");
    assertThat(rig.text(rig.elsewhere, "/understudy/table").body())
        .isEqualTo(rig.text(rig.atManager, "/understudy/table").body())
        .contains("A is PROTECTED");
    assertThat(rig.text(rig.elsewhere, "/understudy/table").type()).startsWith("text/plain");
  }

  @Test
  @DisplayName("[1] a module is registered, changed, shown and deregistered at any node")
  void lifeOfAModule() {
    var created = rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", A);
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.json().get("created").asBoolean()).isTrue();
    assertThat(created.response().headers().firstValue("Location"))
        .contains("/understudy/modules/Z");
    assertThat(rig.manager.table().module(new ModuleId("Z"))).isPresent();

    var repeated = rig.write("PUT", rig.atManager, "/understudy/modules/Z", A);
    assertThat(repeated.status()).isEqualTo(200);
    assertThat(repeated.json().get("version")).isEqualTo(created.json().get("version"));

    var shown = rig.get(rig.elsewhere, "/understudy/modules/Z");
    assertThat(shown.json().get("condition").asText()).isEqualTo("DOWN");
    assertThat(ModuleFile.read(shown.json().get("spec").toString()))
        .isEqualTo(ModuleFile.read("module = Z\n" + A));
    assertThat(rig.text(rig.elsewhere, "/understudy/modules/Z").body()).contains("Z is DOWN");

    var warned = rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", A.replace("2", "1"));
    assertThat(warned.status()).as(warned.body()).isEqualTo(422);
    warned =
        rig.write(
            "PUT", rig.elsewhere, "/understudy/modules/Z", A.replace("degree = 2", "degree = 1"));
    assertThat(warned.json().get("warning").asText()).contains("degree 1 runs a single copy");

    assertThat(rig.write("DELETE", rig.elsewhere, "/understudy/modules/A", "").status())
        .isEqualTo(204);
    assertThat(rig.get(rig.atManager, "/understudy/modules/A").json().get("reason").asText())
        .contains("deregistered");
  }

  @Test
  @DisplayName(
      "[21] any node says where a module's primaries are, and says none that has not begun")
  void primaries() {
    var b = rig.get(rig.elsewhere, "/understudy/modules/B/primaries");
    assertThat(b.status()).isEqualTo(200);
    assertThat(b.json().get("module").asText()).isEqualTo("B");
    assertThat(b.json().get("epoch").asLong()).isEqualTo(2);
    assertThat(b.json().get("configuration").asLong()).isPositive();
    assertThat(b.json().get("primaries"))
        .hasToString(
            "[{\"copy\":\"B1\",\"host\":\"H4\",\"address\":\"127.0.0.4:17355\"},"
                + "{\"copy\":\"B2\",\"host\":\"H1\",\"address\":\"127.0.0.1:17355\"}]");
    assertThat(rig.text(rig.elsewhere, "/understudy/modules/B/primaries").body())
        .contains("B2    H1    127.0.0.1:17355");

    rig.manager.is(
        Tables.decide(
            rig.manager.table(),
            new Change.HostFailed(new HostId("H1"), "i1", Certainty.CERTAIN, "gone")));
    var promoted = rig.get(rig.atManager, "/understudy/modules/A/primaries");
    assertThat(promoted.json().get("epoch").asLong()).isEqualTo(2);
    assertThat(promoted.json().get("primaries")).isEmpty();

    rig.manager.is(Tables.running(rig.manager.table()));
    assertThat(rig.get(rig.atManager, "/understudy/modules/A/primaries").json().get("primaries"))
        .hasToString("[{\"copy\":\"A2\",\"host\":\"H2\",\"address\":\"127.0.0.2:17355\"}]");
    assertThat(rig.get(rig.elsewhere, "/understudy/modules/Y/primaries").status()).isEqualTo(404);
    assertThat(rig.write("PUT", rig.elsewhere, "/understudy/modules/B/primaries", "").status())
        .isEqualTo(405);
  }

  @Test
  @DisplayName(
      "any node lets another copy of a module be its primary, and a repetition changes nothing")
  void switchover() {
    var path = "/understudy/modules/A/switchover";
    var done = rig.write("POST", rig.elsewhere, path + "?to=A3", "");
    assertThat(done.status()).as(done.body()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo(
            "{\"module\":\"A\",\"version\":%d,\"to\":\"A3\",\"host\":\"H3\"}"
                .formatted(rig.manager.table().version()));
    var under = rig.manager.table();
    for (var again : List.of("?to=A3", "", "?from=A1")) {
      assertThat(rig.write("POST", rig.atManager, path + again, "").status()).isEqualTo(200);
      assertThat(rig.manager.table()).isEqualTo(under);
    }
    rig.manager.is(Tables.running(Tables.running(under)));
    assertThat(rig.get(rig.atManager, "/understudy/modules/A/primaries").json().get("primaries"))
        .hasToString("[{\"copy\":\"A3\",\"host\":\"H3\",\"address\":\"127.0.0.3:17355\"}]");
    for (var again : List.of("?to=A3", "?from=A1")) {
      var repeated = rig.write("POST", rig.elsewhere, path + again, "");
      assertThat(repeated.json().get("to").asText()).isEqualTo("A3");
      assertThat(repeated.json().get("version").asLong()).isEqualTo(rig.manager.table().version());
    }
  }

  @Test
  @DisplayName("any node drains a host, says what stays there and why, and resumes it")
  void drainAndResume() {
    rig.manager.is(
        Tables.decide(
            Tables.fig2(),
            new Change.HostFailed(new HostId("H6"), "i6", Certainty.CERTAIN, "gone")));
    var drained = rig.write("POST", rig.elsewhere, "/understudy/hosts/H3/drain", "");
    assertThat(drained.status()).as(drained.body()).isEqualTo(200);
    assertThat(drained.json().get("copies")).hasToString("[\"A3\",\"C1\"]");
    var why = "no other host can take it: H6 is not up";
    assertThat(drained.json().get("staying"))
        .hasToString("[{\"copy\":\"C1\",\"reason\":\"%s\"}]".formatted(why));
    assertThat(drained.json().get("drained").asBoolean()).isTrue();
    var hosts = rig.get(rig.atManager, "/understudy/hosts").json().get("hosts");
    assertThat(hosts.get(2).get("drained").asBoolean()).isTrue();
    assertThat(hosts.get(2).at("/staying/0/copy").asText()).isEqualTo("C1");
    assertThat(hosts.get(0).has("drained")).isFalse();
    assertThat(hosts.get(0).has("staying")).isFalse();
    assertThat(rig.text(rig.elsewhere, "/understudy/hosts").body())
        .contains("H3    UP, drained  ", "C1 stays on H3: " + why);
    assertThat(rig.get(rig.atManager, "/metrics").body().lines())
        .contains("understudy_hosts_drained 1.0");
    var before = rig.manager.table();
    assertThat(rig.write("POST", rig.elsewhere, "/understudy/hosts/H3/drain", "").status())
        .isEqualTo(200);
    assertThat(rig.manager.table()).isEqualTo(before);
    var down = rig.write("POST", rig.atManager, "/understudy/hosts/H6/drain", "");
    assertThat(down.status()).isEqualTo(200);

    var resumed = rig.write("POST", rig.atManager, "/understudy/hosts/H3/resume", "");
    assertThat(resumed.json().get("drained").asBoolean()).isFalse();
    assertThat(rig.get(rig.elsewhere, "/understudy/hosts").json().get("hosts").get(2))
        .noneMatch(field -> field.asText().equals("drained"));
    assertThat(rig.manager.table().isDrained(new HostId("H3"))).isFalse();
    assertThat(rig.manager.table().isDrained(new HostId("H6"))).isTrue();
  }

  @Test
  @DisplayName("every node has metrics, and the manager's node those of the table")
  void metrics() {
    rig.manager.is(
        Tables.decide(
            Tables.fig2(),
            new Change.HostFailed(new HostId("H6"), "i6", Certainty.SUSPECTED, "silent")));
    var there = rig.get(rig.atManager, "/metrics");
    var elsewhere = rig.get(rig.elsewhere, "/metrics");

    assertThat(there.status()).isEqualTo(200);
    assertThat(there.type()).startsWith("text/plain; version=0.0.4");
    assertThat(there.body().lines())
        .contains(
            "understudy_is_manager 1.0",
            "understudy_ready 1.0",
            "understudy_table_version " + (double) rig.manager.table().version(),
            "understudy_modules{condition=\"PROTECTED\"} 2.0",
            "understudy_modules{condition=\"DEGRADED\"} 1.0",
            "understudy_modules{condition=\"DOWN\"} 0.0",
            "understudy_hosts{state=\"UP\"} 5.0",
            "understudy_hosts{state=\"DOWN\"} 1.0",
            "understudy_hosts_damped 0.0",
            "understudy_copies_running{host=\"H1\"} 2.0",
            "understudy_copies_running{host=\"H6\"} 0.0",
            "# TYPE understudy_host_failures_total counter");
    assertThat(elsewhere.body().lines())
        .contains("understudy_is_manager 0.0", "understudy_heartbeats_sent_total 0.0")
        .noneMatch(line -> line.startsWith("understudy_modules"));
  }

  @Test
  @DisplayName("without a ReplicaManager a node still has its own metrics")
  void metricsWithoutManager() {
    rig.manager.unavailable(Optional.of("its journal is away"));
    rig.unready = Optional.of("it waits");
    assertThat(rig.get(rig.atManager, "/metrics").body().lines())
        .contains("understudy_is_manager 0.0", "understudy_ready 0.0");
  }

  @Test
  @DisplayName("what the ReplicaManager persists is counted on its node")
  void failuresAreCounted() {
    var host = new HostId("H6");
    var metrics = Metrics.get(rig.h2.system());
    metrics.lease(() -> Optional.of(Duration.ofMillis(1500)));
    metrics.heartbeatSent();
    var before = rig.get(rig.atManager, "/metrics").body();
    assertThat(before.lines())
        .contains(
            "understudy_host_failures_total{certainty=\"SUSPECTED\"} 0.0",
            "understudy_copy_failures_total{kind=\"HUNG\"} 0.0",
            "understudy_lease_remaining_seconds 1.5",
            "understudy_heartbeats_sent_total 1.0");
    var stream = rig.h2.system().eventStream();
    stream.tell(
        new EventStream.Publish<TableEvent>(
            new TableEvent.HostFailed(host, "i6", Certainty.SUSPECTED, "silent", Tables.NOW)));
    stream.tell(
        new EventStream.Publish<TableEvent>(
            new TableEvent.CopyFailed(
                CopyId.parse("A1"), host, 1, FailureKind.HUNG, 1, 1, "no beat", Tables.NOW)));
    rig.h2
        .createTestProbe()
        .awaitAssert(
            () ->
                assertThat(rig.get(rig.atManager, "/metrics").body().lines())
                    .contains(
                        "understudy_host_failures_total{certainty=\"SUSPECTED\"} 1.0",
                        "understudy_host_failures_total{certainty=\"CERTAIN\"} 0.0",
                        "understudy_copy_failures_total{kind=\"HUNG\"} 1.0"));
  }

  @Test
  void headIsGetWithoutABody() {
    var said = rig.ask("HEAD", rig.elsewhere, "/understudy/table", Map.of(), "");

    assertThat(said.status()).isEqualTo(200);
    assertThat(said.body()).isEmpty();
  }

  @Test
  void aBodyOfAMebibyteIsPassedOn() {
    var body = A + "#".repeat((1 << 20) - A.length());

    assertThat(rig.write("PUT", rig.elsewhere, "/understudy/modules/Z", body).status())
        .isEqualTo(201);
  }

  @Test
  void withoutAJournalTheReasonIsPassedOn() {
    rig.manager.unavailable(Optional.of("the journal jdbc:h2:tcp://x cannot be reached"));
    for (String node : List.of(rig.atManager, rig.elsewhere)) {
      var said = rig.get(node, "/understudy/table");
      assertThat(said.status()).isEqualTo(503);
      assertThat(said.detail()).isEqualTo("the journal jdbc:h2:tcp://x cannot be reached");
      assertThat(said.json().get("members").toString())
          .contains("Up, ", "manager", "watchdog", "127.0.0.1:");
    }
  }

  @Test
  void withoutAManagerAllNodesSaySo() {
    rig.manager.silent(true);
    var said = rig.get(rig.elsewhere, "/understudy/hosts");

    assertThat(said.status()).isEqualTo(503);
    assertThat(said.type()).isEqualTo("application/problem+json");
    assertThat(said.detail()).startsWith("no ReplicaManager answered within 3 s");
    assertThat(rig.get(rig.elsewhere, "/understudy/ring").json().has("manager")).isFalse();
  }

  @Test
  @DisplayName("[47] [55] hosts and ring are asked of the SuperWatchDog")
  void hostsAndRing() {
    var silent = new SuperWatchDogProtocol.HostHeard(new HostId("H1"), "i1", true, 1500, 1000);
    rig.heard = List.of(silent);
    var hosts = rig.get(rig.elsewhere, "/understudy/hosts").json().get("hosts");
    assertThat(hosts.get(0).get("state").asText()).isEqualTo("SUSPECTED");
    assertThat(hosts.get(0).get("leaseMillis").asLong()).isEqualTo(1000);
    assertThat(hosts).hasSize(6);
    assertThat(rig.get(rig.elsewhere, "/understudy/ring").body())
        .isEqualTo("{\"manager\":\"H2\",\"ring\":[{\"host\":\"H2\",\"role\":\"PRIMARY\"}]}");
    assertThat(rig.text(rig.elsewhere, "/understudy/ring").body()).contains("H2    PRIMARY");
    assertThat(rig.text(rig.elsewhere, "/understudy/hosts").body()).contains("H1    SUSPECTED");
  }

  @Test
  @DisplayName("any node says what would happen, without a token, and nothing is changed by it")
  void simulation() {
    var before = rig.manager.table();
    var there = rig.get(rig.atManager, "/understudy/simulate?fail=H1,A2");
    var elsewhere = rig.get(rig.elsewhere, "/understudy/simulate?fail=H1,%20A2");

    assertThat(there.status()).as(there.body()).isEqualTo(200);
    assertThat(there.type()).isEqualTo("application/json");
    assertThat(there.json().at("/changes/0/after/primaries/0").asText()).isEqualTo("A3@H3");
    assertThat(there.json().at("/managers/superWatchDogs").asInt()).isEqualTo(2);
    assertThat(elsewhere.json()).isEqualTo(there.json());
    assertThat(rig.text(rig.elsewhere, "/understudy/simulate?fail=H1,A2").body())
        .startsWith("If H1, A2 failed now: ");
    assertThat(
            rig.ask("HEAD", rig.elsewhere, "/understudy/simulate?fail=H1", Map.of(), "").status())
        .isEqualTo(200);
    assertThat(rig.manager.table()).isEqualTo(before);
  }

  @Test
  @DisplayName("any node has the dashboard, and each path that it asks")
  void dashboard() {
    assertThat(rig.get(rig.atManager, "/").type()).isEqualTo("text/html; charset=UTF-8");
    assertThat(rig.get(rig.elsewhere, "/").body())
        .isEqualTo(rig.get(rig.atManager, "/").body())
        .contains("<title>Understudy</title>");
    assertThat(DashboardTest.asked())
        .containsExactlyInAnyOrder(
            "understudy/events",
            "understudy/hosts",
            "understudy/ring",
            "understudy/simulate",
            "understudy/table")
        .allSatisfy(
            path -> {
              var names = path.endsWith("simulate") ? "?fail=@H1,A2@H2" : "";
              assertThat(rig.get(rig.elsewhere, "/" + path + names).status()).isEqualTo(200);
            });
  }

  private static Recorded removed(long sequence, String module) {
    return new Recorded(
        sequence, new TableEvent.ModuleRemoved(new ModuleId(module), "it was time", Tables.NOW));
  }

  @Test
  void eventsByNumberAndModule() {
    rig.journal.addAll(List.of(removed(1, "A"), removed(2, "B"), removed(3, "A")));

    assertThat(rig.get(rig.elsewhere, "/understudy/events").json().get("events")).hasSize(3);
    assertThat(rig.get(rig.elsewhere, "/understudy/events?after=1&module=A").body())
        .isEqualTo(
            "{\"events\":[{\"sequence\":3,\"time\":\"2026-01-31T12:00:00.123Z\",\"module\":\"A\","
                + "\"event\":\"ModuleRemoved\",\"reason\":\"it was time\"}]}");
    assertThat(rig.get(rig.atManager, "/understudy/events?limit=1").json().get("events"))
        .hasSize(1);
    assertThat(rig.text(rig.elsewhere, "/understudy/events?after=2").body())
        .isEqualTo(
            "     3  2026-01-31T12:00:00.123Z  ModuleRemoved       A             it was time\n");
  }

  @Test
  void eventsAreFollowedAtAnyNode() throws Exception {
    rig.journal.add(removed(1, "A"));
    var sse = rig.stream(rig.elsewhere, "/understudy/events", "text/event-stream");
    assertThat(sse.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
    var text = rig.stream(rig.atManager, "/understudy/events?follow=true&module=B", "text/plain");
    try (var lines = lines(sse.body());
        var ofB = lines(text.body())) {
      assertThat(lines.readLine()).isEqualTo("id: 1");
      assertThat(lines.readLine()).isEqualTo("event: ModuleRemoved");
      assertThat(lines.readLine()).startsWith("data: {\"sequence\":1,");
      assertThat(lines.readLine()).isEmpty();
      rig.journal.add(removed(2, "B"));
      assertThat(lines.readLine()).isEqualTo("id: 2");
      assertThat(ofB.readLine()).contains("     2  ").contains("  B  ");
    }
  }

  private static BufferedReader lines(java.io.InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }

  @Test
  void aliveAndReady() {
    assertThat(rig.get(rig.elsewhere, "/alive").status()).isEqualTo(200);
    assertThat(rig.get(rig.elsewhere, "/ready").status()).isEqualTo(200);
    rig.unready = Optional.of("H1 waits for a ReplicaManager");
    var said = rig.get(rig.elsewhere, "/ready");

    assertThat(said.status()).isEqualTo(500);
    assertThat(said.body()).contains("H1 waits for a ReplicaManager");
    assertThat(rig.get(rig.elsewhere, "/alive").status()).isEqualTo(200);
  }

  @Test
  void pekkosOwnRoutesChangeNothing() {
    var members = rig.get(rig.atManager, "/cluster/members").json().get("members");
    var member = "/cluster/members/" + members.get(0).get("node").asText().replace("pekko://", "");

    assertThat(members).hasSize(3);
    assertThat(rig.ask("DELETE", rig.atManager, member, Map.of(), "").status()).isIn(404, 405);
    assertThat(rig.ask("PUT", rig.atManager, member, Map.of(), "").status()).isIn(404, 405);
    assertThat(rig.ask("POST", rig.atManager, "/cluster/members", Map.of(), "").status())
        .isIn(404, 405);
  }

  @Test
  @DisplayName("[2] a process registers itself through its node")
  void selfRegistration() throws Exception {
    var management = Management.get(rig.h1.system());
    var file = "module = Z\n" + A;
    var running = new RunningCopy(new HostId("H1"), 4242);

    var refused = management.register("wrong", running, file).toCompletableFuture();
    assertThat(refused.get(9, TimeUnit.SECONDS).status()).isEqualTo(401);
    var done = management.register("token-of-H1", running, file).toCompletableFuture();
    assertThat(done.get(9, TimeUnit.SECONDS).status()).isEqualTo(201);
    var copy = rig.manager.table().module(new ModuleId("Z")).orElseThrow().copies().getFirst();
    assertThat(copy.adopted()).contains(4242L);
  }

  @Test
  void tenThousandModulesAreServedByAnyHost() {
    rig.manager.is(Tables.large(10_000));
    rig.get(rig.atManager, "/understudy/table"); // warms up
    var begin = System.nanoTime();
    var there = rig.get(rig.atManager, "/understudy/table").body();
    var took = Duration.ofNanos(System.nanoTime() - begin);
    begin = System.nanoTime();
    var elsewhere = rig.get(rig.elsewhere, "/understudy/table").body();
    var tookElsewhere = Duration.ofNanos(System.nanoTime() - begin);

    System.out.printf(
        "10,000 modules x 3 over HTTP: %d bytes in %d ms, by another node in %d ms%n",
        there.length(), took.toMillis(), tookElsewhere.toMillis());
    assertThat(elsewhere).isEqualTo(there);
    rig.manager.is(ReplicationTable.EMPTY);
    assertThat(rig.get(rig.elsewhere, "/understudy/table").body())
        .isEqualTo("{\"version\":0,\"manager\":\"H2\",\"modules\":[]}");
  }
}
