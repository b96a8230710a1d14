package io.understudy.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.understudy.model.HostId;
import io.understudy.model.ReplicationStyle;
import io.understudy.superwatchdog.Electors;
import io.understudy.table.ReplicationTable;
import io.understudy.wire.Json;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What would happen, as callers read it. */
class SimulationViewTest {
  private static Electors electors(String... hosts) {
    var nodes = new LinkedHashMap<HostId, String>();
    for (String host : hosts) {
      nodes.put(new HostId(host), "127.0.0.%s:17355#x".formatted(host.charAt(1)));
    }
    return new Electors(nodes, hosts.length);
  }

  private static SimulationView view(ReplicationTable table, Electors electors, String... names) {
    var failing = Failing.of(List.of(names), table, electors);
    var byAge = electors.nodes().keySet().stream().sorted().toList();
    var managers = ManagersAfter.of(failing, byAge.getFirst(), electors, byAge);
    return SimulationView.of(failing, table, managers, Tables.NOW);
  }

  private static JsonNode json(SimulationView view) throws Exception {
    return Json.mapper().readTree(Answer.bytes(view).utf8String());
  }

  private static final Electors THREE = electors("H2", "H5", "H6");

  @Test
  @DisplayName("H1 fails => A2 for A1 and B3 for B2, step by step, and C is as it was")
  void aHost() throws Exception {
    var view = json(view(Tables.fig2(), THREE, "H1"));

    assertThat(view.get("fail")).hasToString("[\"H1\"]");
    assertThat(view.at("/events/0"))
        .hasToString(
            "{\"afterMillis\":0,\"assumed\":true,\"host\":\"H1\",\"event\":\"HostFailed\","
                + "\"reason\":\"simulated: the host fails\"}");
    assertThat(view.findValuesAsText("event")).contains("CopyPromoted", "CopyOrdered");
    assertThat(view.at("/managers/reason").asText())
        .isEqualTo("no SuperWatchDog fails, and H2 manages on");
    assertThat(view.get("modules").findValuesAsText("condition"))
        .containsExactly("PROTECTED", "PROTECTED", "PROTECTED");
    assertThat(view.at("/modules/0/copies/1/status").asText()).isEqualTo("PRIMARY");
    assertThat(view.at("/modules/0/copies/3").has("pid")).isFalse();
    assertThat(view.at("/changes/0"))
        .hasToString(
            "{\"module\":\"A\",\"before\":{\"condition\":\"PROTECTED\",\"primaries\":[\"A1@H1\"]},"
                + "\"after\":{\"condition\":\"PROTECTED\",\"primaries\":[\"A2@H2\"]},"
                + "\"changed\":true}");
    assertThat(view.at("/changes/2/changed").asBoolean()).isFalse();
    assertThat(view.get("settled").asBoolean()).isTrue();
  }

  @Test
  @DisplayName("as text it reads from the question to the table")
  void text() {
    var text = view(Tables.fig2(), THREE, "H1", "A2").text();

    assertThat(text)
        .startsWith("If H1, A2 failed now: no SuperWatchDog fails, and H2 manages on.\n\n")
        .contains("     +0 ms  HostFailed          H1            simulated: the host fails\n")
        .contains("A: PROTECTED, primary A1@H1 -> PROTECTED, primary A3@H3\n")
        .contains("1 other does not change.\n")
        .contains("A       warm   3       H3    /home/chung/A.exe  A3    Primary  yes")
        .doesNotContain("C.exe");
    assertThat(view(Tables.fig2(), THREE, "A4").text())
        .contains("Note: copy A4 does not run on H4: nothing follows from its failure alone.\n")
        .endsWith("No module changes.\n");
  }

  @Test
  @DisplayName("a host fails on which nothing runs => no module changes")
  void idleHost() {
    assertThat(view(Tables.fig2(), THREE, "H5").changes())
        .noneMatch(SimulationView.Change::changed);
  }

  @Test
  @DisplayName("the manager's host of three fails => the next one manages, and recovers")
  void theManager() throws Exception {
    var view = json(view(Tables.fig2(), THREE, "H2"));

    assertThat(view.at("/managers/after").asText()).isEqualTo("H5");
    assertThat(view.at("/managers/reason").asText())
        .isEqualTo(
            "2 of 3 SuperWatchDogs are left, a majority: H5 manages next, with the same table");
    assertThat(view.at("/managers/left")).hasToString("[\"H5\",\"H6\"]");
    assertThat(view.get("events")).isNotEmpty();
  }

  @Test
  @DisplayName("two of three fail => no recovery is shown: A and C stop, hot B serves")
  void noMajority() throws Exception {
    var view = json(view(Tables.fig2(), THREE, "H5", "H6"));

    assertThat(view.at("/managers/recovers").asBoolean()).isFalse();
    assertThat(view.at("/managers").has("after")).isFalse();
    assertThat(view.at("/managers/reason").asText())
        .startsWith("1 of 3 SuperWatchDogs is left, no majority: ")
        .contains("each primary of a cold or warm module stops");
    assertThat(view.get("events")).isEmpty();
    assertThat(view.at("/modules/0/condition").asText()).isEqualTo("DOWN");
    assertThat(view.at("/modules/0/reason").asText())
        .isEqualTo("2 of 3 copies run, no primary, and no ReplicaManager is left to start others");
    assertThat(view.at("/modules/1/condition").asText()).isEqualTo("PROTECTED");
    assertThat(view.at("/modules/2/condition").asText()).isEqualTo("DOWN");
    assertThat(view.at("/changes/0/after/primaries")).isEmpty();
  }

  @Test
  @DisplayName("the only manager fails => nobody recovers, and what runs elsewhere runs on")
  void theOnlyManager() throws Exception {
    var view = json(view(Tables.fig2(), electors("H6"), "H6", "H1"));

    assertThat(view.at("/managers/reason").asText())
        .isEqualTo(
            "no SuperWatchDog is left: nothing is recovered; with a single manager node leases are"
                + " off, so that copies elsewhere run on");
    assertThat(view.at("/modules/0/condition").asText()).isEqualTo("DOWN");
    assertThat(view.at("/modules/1/copies/0/running").asBoolean()).isTrue();
    assertThat(view.at("/modules/2/copies/0/running").asBoolean()).isTrue();
  }

  @Test
  @DisplayName("one of two managers: the lower goes on without the other, not the other way round")
  void oneOfTwo() {
    var two = electors("H2", "H5");

    assertThat(view(Tables.fig2(), two, "H5").managers().reason())
        .isEqualTo(
            "1 of 2 SuperWatchDogs is left, and of two that one goes on alone when all leases have"
                + " run out and each primary of a cold or warm module has stopped: H2 manages on");
    assertThat(view(Tables.fig2(), two, "H5").changes())
        .extracting(change -> change.after().orElseThrow().primaries())
        .containsExactly(List.of("A2@H2"), List.of("B1@H4", "B2@H1"), List.of("C2@H6"));
    assertThat(view(Tables.fig2(), two, "H1").managers().leases()).isFalse();
    assertThat(view(Tables.fig2(), two, "H2").managers().recovers()).isFalse();
    assertThat(view(Tables.fig2(), two, "H2").managers().reason()).contains("then H5 manages");
  }

  @Test
  @DisplayName("a name that is nothing, a module, a copy elsewhere, or two things is refused")
  void names() {
    refused("H7", "H7 is neither a host nor a copy; did you mean H1? There are the hosts H1, H2,");
    refused("A5", "and the copies A1, A2, A3, A4, B1,");
    refused("A", "A is a module; name its copies, A1, A2, A3, A4");
    refused("A1@H2", "A1@H2 does not exist: copy A1 is on H1");
    refused("@H9", "@H9 is neither a host nor a copy");
    refused("ä b", "ä b is neither a host nor a copy");
    var both =
        Tables.running(
            Tables.registered(
                Tables.fig2(), Tables.spec("H", ReplicationStyle.COLD, 2, "H3", "H6")));
    assertThatThrownBy(() -> view(both, THREE, "H1"))
        .hasMessage("H1 is a host, and a copy on H3; write @H1 for the host or H1@H3 for the copy");
    assertThat(view(both, THREE, "@H1", "H1@H3").changes())
        .filteredOn(SimulationView.Change::changed)
        .extracting(SimulationView.Change::module)
        .containsExactly("A", "B", "H");
  }

  private static void refused(String name, String why) {
    assertThatThrownBy(() -> view(Tables.fig2(), THREE, name)).hasMessageContaining(why);
  }

  @Test
  @DisplayName("a large table: 2,000 modules lose a host")
  void large() {
    var table = Tables.running(Tables.large(2_000));
    var view = view(table, THREE, "H1");

    assertThat(view.changes()).hasSize(2_000).allMatch(SimulationView.Change::changed);
    assertThat(view.settled()).isTrue();
  }
}
