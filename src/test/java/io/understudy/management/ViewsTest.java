package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.management.EventsSource.Recorded;
import io.understudy.management.HostsView.HostView;
import io.understudy.management.TableView.CopyView;
import io.understudy.management.TableView.ModuleView;
import io.understudy.model.Certainty;
import io.understudy.model.CopyId;
import io.understudy.model.FailureKind;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.model.ReplicationStyle;
import io.understudy.model.StateSpec;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.table.Change;
import io.understudy.table.HostRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.wire.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What callers read, against the examples of DESIGN.md, section 6. */
class ViewsTest {
  private static JsonNode tree(Object view) throws IOException {
    return Json.mapper().readTree(Answer.bytes(view).utf8String());
  }

  private static void assertJson(Object view, String design) throws IOException {
    assertThat(tree(view)).isEqualTo(Json.mapper().readTree(design));
  }

  @Test
  @DisplayName("[10] the table's JSON is the design's, name by name")
  void tableOfTheDesign() throws IOException {
    var copy =
        new CopyView(
            "A1",
            "H1",
            "/home/chung/A.exe",
            "PRIMARY",
            true,
            OptionalLong.of(4711),
            0,
            Optional.empty());
    var module =
        new ModuleView(
            "A",
            "WARM",
            3,
            "ON_EACH_FAILURE",
            1,
            "POLLING",
            4,
            "PROTECTED",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(copy),
            Optional.empty());

    assertJson(
        new TableView(17, "H2", List.of(module)),
        """
        { "version": 17, "manager": "H2",
          "modules": [ { "module": "A", "style": "WARM", "degree": 3,
                         "failover": "ON_EACH_FAILURE", "threshold": 1,
                         "detection": "POLLING", "epoch": 4, "condition": "PROTECTED",
                         "copies": [ { "id": "A1", "host": "H1", "location": "/home/chung/A.exe",
                                       "status": "PRIMARY", "running": true, "pid": 4711,
                                       "failures": 0 } ] } ] }
        """);
  }

  @Test
  @DisplayName(
      "[21] of a module with state it is shown who is in sync, and who numbers the updates")
  void stateIsShown() throws IOException {
    var table = Tables.synced(Tables.withState(), "A1", "A3");
    var module = tree(TableView.of(new HostId("H2"), table)).at("/modules/0");

    assertThat(module.get("replication").asText()).isEqualTo("ASYNC");
    assertThat(module.get("sequencer").asText()).isEqualTo("A1");
    assertThat(module.get("copies").findValuesAsText("inSync"))
        .containsExactly("true", "false", "true", "false");
    assertThat(module.get("condition").asText()).isEqualTo("DEGRADED");
    assertThat(module.get("reason").asText())
        .isEqualTo("2 of 3 copies are in sync: A2@H2 does not have all of the state yet");
    var text = TableView.of(new HostId("H2"), table).text().replaceAll("  +", "|");
    assertThat(text)
        .contains("|FAILURES|IN SYNC\n")
        .contains("|A1|Primary|yes|" + Tables.pid("A1") + "|0|yes\n")
        .contains("|A2|Backup|yes|" + Tables.pid("A2") + "|0|no\n")
        .contains("|B3|Idle|no|-|0|-\n");
    var stateless = tree(TableView.of(new HostId("H2"), table)).at("/modules/1");
    assertThat(stateless.has("sequencer") || stateless.has("replication")).isFalse();
    assertThat(stateless.at("/copies/0").has("inSync")).isFalse();
  }

  @Test
  @DisplayName("hot: B1:S+ B2:F => requests go to B1, and to both when B2 has all of the state too")
  void requestsGoToThoseInSync() {
    var hot = Tables.spec("B", ReplicationStyle.HOT, 2, "H4", "H1", "H5");
    var begun = Tables.registered(Tables.hosts(), hot.withState(StateSpec.DEFAULT));
    var one = Tables.synced(Tables.running(begun), "B1");
    assertThat(requestsOfB(one)).containsExactly("B1");
    assertThat(requestsOfB(Tables.synced(one, "B2"))).containsExactly("B1", "B2");
  }

  private static List<String> requestsOfB(ReplicationTable table) {
    return PrimariesView.of(new ModuleId("B"), table).orElseThrow().primaries().stream()
        .map(PrimariesView.Place::copy)
        .toList();
  }

  @Test
  void hostsOfTheDesign() throws IOException {
    var host =
        new HostView(
            "H1",
            "127.0.0.1:17355",
            "UP",
            4700,
            "…",
            OptionalLong.of(1850),
            OptionalLong.empty(),
            List.of("A1", "B2"),
            Optional.empty(),
            Optional.empty());

    assertJson(
        new HostsView(List.of(host)),
        """
        { "hosts": [ { "host": "H1", "address": "127.0.0.1:17355", "state": "UP", "pid": 4700,
                       "incarnation": "…", "leaseMillis": 1850, "copies": [ "A1", "B2" ] } ] }
        """);
  }

  @Test
  void ringOfTheDesign() throws IOException {
    var place =
        new SuperWatchDogProtocol.RingView(
            new HostId("H2"),
            true,
            Optional.of(new HostId("H5")),
            Optional.of(new HostId("H6")),
            40);

    assertJson(
        RingView.of(Optional.of(new HostId("H2")), List.of(place)),
        """
        { "manager": "H2",
          "ring": [ { "host": "H2", "role": "PRIMARY", "sendsTo": "H5", "heardFrom": "H6",
                      "heardMillisAgo": 40 } ] }
        """);
  }

  @Test
  void eventsOfTheDesign() throws IOException {
    var event =
        new TableEvent.CopyFailed(
            CopyId.parse("A1"),
            new HostId("H1"),
            1,
            FailureKind.CRASHED,
            1,
            1,
            "process 4711 exited with signal 9",
            Instant.parse("2026-01-31T12:00:00.123Z"));

    assertJson(
        EventsView.of(List.of(new Recorded(17, event))),
        """
        { "events": [ { "sequence": 17, "time": "2026-01-31T12:00:00.123Z", "module": "A",
                        "copy": "A1", "host": "H1", "event": "CopyFailed",
                        "reason": "process 4711 exited with signal 9" } ] }
        """);
  }

  @Test
  @DisplayName("[10] [11] the text of FIG. 2 has its rows, and says how each module is")
  void fig2AsText() {
    var text = TableView.of(new HostId("H2"), Tables.fig2()).text();

    assertThat(text.replaceAll("  +", "|"))
        .contains("MODULE|STYLE|DEGREE|HOST|LOCATION|COPY|STATUS|RUNNING|PID|FAILURES")
        .contains("A|warm|3|H1|/home/chung/A.exe|A1|Primary|yes|" + Tables.pid("A1") + "|0")
        .contains("A|warm|3|H2|/home/chung/A.exe|A2|Backup|yes|" + Tables.pid("A2") + "|0")
        .contains("A|warm|3|H3|/home/chung/A.exe|A3|Backup|yes|" + Tables.pid("A3") + "|0")
        .contains("A|warm|3|H4|/home/chung/A.exe|A4|Idle|no|-|0")
        .contains("B|hot|2|H4|/home/chung/B.exe|B1|Primary|yes|" + Tables.pid("B1") + "|0")
        .contains("B|hot|2|H1|/home/chung/B.exe|B2|Primary|yes|" + Tables.pid("B2") + "|0")
        .contains("B|hot|2|H5|/home/chung/B.exe|B3|Idle|no|-|0")
        .contains("C|cold|2|H3|/home/chung/C.exe|C1|Primary|yes|" + Tables.pid("C1") + "|0")
        .contains("C|cold|2|H6|/home/chung/C.exe|C2|Idle|no|-|0")
        .contains("A is PROTECTED\nB is PROTECTED\nC is PROTECTED\n");
  }

  @Test
  @DisplayName("[17] a module that is not protected says why")
  void aReasonIsGiven() throws IOException {
    var after =
        Tables.decide(
            Tables.fig2(),
            new Change.HostFailed(new HostId("H6"), "i6", Certainty.SUSPECTED, "it fell silent"));
    var view = tree(TableView.of(new HostId("H2"), after));

    assertThat(view.at("/modules/0/reason").isMissingNode()).isTrue();
    assertThat(view.at("/modules/2/condition").asText()).isEqualTo("DEGRADED");
    assertThat(view.at("/modules/2/reason").asText()).contains("C2@H6 host is not up");
    assertThat(TableView.of(new HostId("H2"), after).text())
        .contains("C is DEGRADED: 1 of 2 hosts are up");
  }

  @Test
  void aHostIsUpSuspectedOrDown() throws IOException {
    var after =
        Tables.decide(
            Tables.fig2(),
            new Change.HostFailed(new HostId("H6"), "i6", Certainty.SUSPECTED, "it fell silent"));
    var heard =
        new HostsHeard(
            List.of(
                new HostHeard(new HostId("H1"), "i1", false, 10, 2490),
                new HostHeard(new HostId("H2"), "i2", true, 2000, 500),
                new HostHeard(new HostId("H3"), "of an earlier life", false, 0, 2500),
                new HostHeard(new HostId("H6"), "i6", true, 2000, 500)));
    var hosts = tree(HostsView.of(after, heard, Tables.NOW)).get("hosts");

    assertThat(hosts.findValuesAsText("state"))
        .containsExactly("UP", "SUSPECTED", "UP", "UP", "UP", "DOWN");
    assertThat(hosts.get(0).get("leaseMillis").asLong()).isEqualTo(2490);
    assertThat(hosts.get(2).has("leaseMillis")).isFalse();
    assertThat(hosts.get(5).has("leaseMillis")).isFalse();
    assertThat(hosts.get(0).get("copies")).hasToString("[\"A1\",\"B2\"]");
    assertThat(HostsView.of(after, heard, Tables.NOW).text())
        .contains("H2    SUSPECTED  127.0.0.2:17355");
  }

  @Test
  @DisplayName("[d] a host that flaps is up, and says for how long it is damped")
  void aDampedHost() throws IOException {
    var table = Tables.fig2();
    for (int life = 0; life < 3; life++) {
      var row = table.host(new HostId("H6")).orElseThrow();
      table =
          Tables.decide(
              table,
              new Change.HostFailed(
                  row.host(), row.incarnation(), Certainty.SUSPECTED, "it fell silent"));
      var next = "life " + life;
      table =
          Tables.decide(
              table,
              new Change.HostUp(
                  new HostRow(row.host(), next, row.address(), row.pid(), "ref", true)));
    }
    var view = HostsView.of(table, new HostsHeard(List.of()), Tables.NOW.plusSeconds(10));

    assertThat(tree(view).at("/hosts/5/state").asText()).isEqualTo("UP");
    assertThat(tree(view).at("/hosts/5/dampedMillis").asLong()).isEqualTo(20_000);
    assertThat(tree(view).get("hosts").get(0).has("dampedMillis")).isFalse();
    assertThat(view.text()).contains("H6    UP, damped");
    var later = HostsView.of(table, new HostsHeard(List.of()), Tables.NOW.plusSeconds(30));
    assertThat(tree(later).get("hosts").get(5).has("dampedMillis")).isFalse();
  }

  @Test
  @DisplayName("the death of a host says how certain it is; no other event does")
  void certaintyIsShown() throws IOException {
    var host = new HostId("H6");
    var died =
        new TableEvent.HostFailed(host, "i6", Certainty.SUSPECTED, "it fell silent", Tables.NOW);
    var reset = new TableEvent.FailuresReset(CopyId.parse("A1"), host, "asked for", Tables.NOW);
    var events =
        tree(EventsView.of(List.of(new Recorded(1, died), new Recorded(2, reset)))).get("events");

    assertThat(events.get(0).get("certainty").asText()).isEqualTo("SUSPECTED");
    assertThat(events.get(1).has("certainty")).isFalse();
  }

  @Test
  @DisplayName("[55] the ring is shown from the primary on, also where it is broken")
  void ringInOrder() {
    var h2 = place("H2", true, "H5");
    var h5 = place("H5", false, "H6");
    var h6 = place("H6", false, "H2");
    var astray = place("H9", false, "H7");

    assertThat(RingView.of(Optional.empty(), List.of(h6, astray, h5, h2)).ring())
        .extracting(RingView.Place::host)
        .containsExactly("H2", "H5", "H6", "H9");
    assertThat(RingView.of(Optional.empty(), List.of(h2)).text()).contains("manager (none)");
  }

  private static SuperWatchDogProtocol.RingView place(String host, boolean primary, String next) {
    return new SuperWatchDogProtocol.RingView(
        new HostId(host), primary, Optional.of(new HostId(next)), Optional.empty(), 0);
  }

  @Test
  void tenThousandModules() {
    var table = Tables.large(10_000);
    var begin = System.nanoTime();
    var json = Answer.bytes(TableView.of(new HostId("H2"), table));
    var afterJson = System.nanoTime();
    var text = TableView.of(new HostId("H2"), table).text();
    var end = System.nanoTime();

    assertThat(json.size()).isGreaterThan(5_000_000);
    assertThat(text).contains("module9999x");
    System.out.printf(
        "10,000 modules x 3: JSON of %d bytes in %d ms, text in %d ms%n",
        json.size(),
        Duration.ofNanos(afterJson - begin).toMillis(),
        Duration.ofNanos(end - afterJson).toMillis());
  }
}
