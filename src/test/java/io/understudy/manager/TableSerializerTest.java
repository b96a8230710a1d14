package io.understudy.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.understudy.Samples;
import io.understudy.model.Certainty;
import io.understudy.model.Epoch;
import io.understudy.model.ModuleId;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcollections.TreePMap;

/** What the journal holds can be read again, by this release and by every later one. */
class TableSerializerTest {
  private static final int SAMPLES = 50;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TableSerializer serializer = new TableSerializer();

  static Stream<Class<?>> events() {
    return Samples.records(TableEvent.class);
  }

  @ParameterizedTest(name = "[14] {0} comes back from the journal as it went in")
  @MethodSource("events")
  void everyEventRoundTrips(Class<? extends TableEvent> type) {
    for (TableEvent event : new Samples(type.getName().hashCode()).listOf(type, SAMPLES)) {
      var manifest = serializer.manifest(event);
      assertThat(manifest).isEqualTo(type.getSimpleName() + "/1");
      assertThat(serializer.fromBinary(serializer.toBinary(event), manifest)).isEqualTo(event);
    }
  }

  @Test
  @DisplayName("[14] a table comes back from its snapshot as it went in")
  void everyTableRoundTrips() {
    for (int seed = 0; seed < SAMPLES; seed++) {
      var table = table(new Samples(seed));
      var bytes = serializer.toBinary(table);
      assertThat(serializer.fromBinary(bytes, serializer.manifest(table))).isEqualTo(table);
    }
  }

  private static ReplicationTable table(Samples samples) {
    var table = ReplicationTable.EMPTY;
    var hosts = table.hosts();
    for (HostRow row : samples.listOf(HostRow.class, 4)) {
      hosts = hosts.plus(row.host(), row);
    }
    var modules = table.modules();
    for (ModuleRow row : samples.listOf(ModuleRow.class, 4)) {
      modules = modules.plus(row.spec().module(), row);
    }
    TreePMap<ModuleId, Epoch> retired = TreePMap.empty();
    retired = retired.plus(samples.of(ModuleId.class), samples.of(Epoch.class));
    return new ReplicationTable(samples.of(long.class), hosts, modules, retired);
  }

  @ParameterizedTest(name = "[14] a journal like {0} gives what it gave then, in every release")
  @ValueSource(strings = {"v1", "v1-state", "v1-moves"})
  void readsEarlierJournals(String name) throws IOException {
    var table = ReplicationTable.EMPTY;
    for (String line : resource(name + ".jsonl").lines().toList()) {
      var entry = JSON.readTree(line);
      var event = entry.get("event").toString().getBytes(UTF_8);
      table =
          table.evolve((TableEvent) serializer.fromBinary(event, entry.get("manifest").asText()));
    }
    var expected = resource(name + "-table.json");
    assertThat(JSON.readTree(serializer.toBinary(table))).isEqualTo(JSON.readTree(expected));
    assertThat(serializer.fromBinary(expected.getBytes(UTF_8), "Table/1")).isEqualTo(table);
  }

  @Test
  @DisplayName("[14] what older journals do not say: deaths were certain, and no host had flapped")
  void readsBeforeCertaintyAndFlaps() {
    var failed =
        (TableEvent.HostFailed)
            serializer.fromBinary(
                """
                {"host":"H1","incarnation":"i1","reason":"silent","at":"2026-01-31T12:00:04Z"}
                """
                    .getBytes(UTF_8),
                "HostFailed/1");
    assertThat(failed.certainty()).isEqualTo(Certainty.CERTAIN);
    var joined =
        (TableEvent.HostJoined)
            serializer.fromBinary(
                """
                {"row":{"host":"H1","incarnation":"i1","address":"a:1","pid":1,"watchDog":"w","up":true},
                 "reason":"it registered","at":"2026-01-31T12:00:04Z"}
                """
                    .getBytes(UTF_8),
                "HostJoined/1");
    assertThat(joined.row().flaps()).isEmpty();
    assertThat(joined.row().damped(Instant.EPOCH)).isZero();
  }

  @Test
  @DisplayName("[14] the journals of version 1 hold every event of version 1")
  void theJournalsAreComplete() {
    var held =
        Stream.of("v1.jsonl", "v1-state.jsonl", "v1-moves.jsonl")
            .flatMap(name -> resource(name).lines())
            .map(line -> line.replaceFirst(".*?\"manifest\":\"([^\"]*)\".*", "$1"));
    assertThat(held)
        .containsOnly(events().map(type -> type.getSimpleName() + "/1").toArray(String[]::new));
  }

  @Test
  @DisplayName("[14] a field that a later release added is no obstacle to this one")
  void ignoresUnknownFields() throws IOException {
    var event = new Samples(1).of(TableEvent.CopyFailed.class);
    var later = (ObjectNode) JSON.readTree(serializer.toBinary(event));
    later.putObject("added").put("by", "a later release");
    var bytes = JSON.writeValueAsBytes(later);
    assertThat(serializer.fromBinary(bytes, "CopyFailed/1")).isEqualTo(event);
  }

  @Test
  @DisplayName("[14] an event of a later release is refused with the remedy")
  void refusesUnknownEvents() {
    assertThatThrownBy(() -> serializer.fromBinary("{}".getBytes(UTF_8), "CopyFailed/2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"CopyFailed/2\"")
        .hasMessageContaining("run the release that wrote it, or a later one");
    assertThatThrownBy(() -> serializer.manifest(List.of()))
        .hasMessageContaining("has no name in the journal");
  }

  private static String resource(String name) {
    try (var in = TableSerializerTest.class.getResourceAsStream("/journal/" + name)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }
}
