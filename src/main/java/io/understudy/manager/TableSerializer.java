package io.understudy.manager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.understudy.model.Epoch;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.CopyRow;
import io.understudy.table.HostRow;
import io.understudy.table.ModuleRow;
import io.understudy.table.ReplicationTable;
import io.understudy.table.TableEvent;
import io.understudy.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.pcollections.TreePMap;

/**
 * How the table's events and snapshots stand in the journal: JSON under a stable name with a
 * version, as in {@code CopyFailed/1}.
 *
 * <p>A later release that changes a record's meaning adds {@code CopyFailed/2} here and keeps
 * reading version 1. Added fields need no new version as long as their absence has a meaning.
 */
public final class TableSerializer extends SerializerWithStringManifest {
  /** Names in journals; never renamed. */
  private static final Map<String, Class<? extends TableEvent>> EVENTS =
      Map.ofEntries(
          Map.entry("HostJoined/1", TableEvent.HostJoined.class),
          Map.entry("HostFailed/1", TableEvent.HostFailed.class),
          Map.entry("HostDrained/1", TableEvent.HostDrained.class),
          Map.entry("HostResumed/1", TableEvent.HostResumed.class),
          Map.entry("ModuleRegistered/1", TableEvent.ModuleRegistered.class),
          Map.entry("ModuleDeregistered/1", TableEvent.ModuleDeregistered.class),
          Map.entry("ModuleRemoved/1", TableEvent.ModuleRemoved.class),
          Map.entry("CopyOrdered/1", TableEvent.CopyOrdered.class),
          Map.entry("CopyPromoted/1", TableEvent.CopyPromoted.class),
          Map.entry("SwitchoverOrdered/1", TableEvent.SwitchoverOrdered.class),
          Map.entry("CopyDemoted/1", TableEvent.CopyDemoted.class),
          Map.entry("CopyStarted/1", TableEvent.CopyStarted.class),
          Map.entry("StatusConfirmed/1", TableEvent.StatusConfirmed.class),
          Map.entry("CopyFailed/1", TableEvent.CopyFailed.class),
          Map.entry("RestartDelayed/1", TableEvent.RestartDelayed.class),
          Map.entry("CopyReleased/1", TableEvent.CopyReleased.class),
          Map.entry("CopyStopOrdered/1", TableEvent.CopyStopOrdered.class),
          Map.entry("CopyStopped/1", TableEvent.CopyStopped.class),
          Map.entry("SequencerChosen/1", TableEvent.SequencerChosen.class),
          Map.entry("SyncJoined/1", TableEvent.SyncJoined.class),
          Map.entry("SyncLeft/1", TableEvent.SyncLeft.class),
          Map.entry("FailuresReset/1", TableEvent.FailuresReset.class));

  private static final Map<Class<? extends TableEvent>, String> NAMES =
      EVENTS.entrySet().stream().collect(Collectors.toMap(Entry::getValue, Entry::getKey));

  private static final String TABLE = "Table/1";
  private static final int IDENTIFIER = 981_089;

  private final ObjectMapper json =
      Json.mapper()
          .copy()
          .addMixIn(TableEvent.class, EventFields.class)
          .addMixIn(HostRow.class, HostFields.class)
          .addMixIn(CopyRow.class, CopyFields.class)
          .addMixIn(ModuleRow.class, ModuleFields.class);

  /** Called by Pekko, and by tests without a system. */
  public TableSerializer() {}

  public TableSerializer(ExtendedActorSystem system) {
    this();
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object value) {
    return switch (value) {
      case TableEvent event when NAMES.containsKey(event.getClass()) -> NAMES.get(event.getClass());
      case ReplicationTable table -> TABLE;
      default ->
          throw new IllegalArgumentException(
              "%s has no name in the journal; give it one in TableSerializer"
                  .formatted(value.getClass().getName()));
    };
  }

  @Override
  public byte[] toBinary(Object value) {
    try {
      return json.writeValueAsBytes(value instanceof ReplicationTable t ? Snapshot.of(t) : value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    try {
      if (manifest.equals(TABLE)) {
        return json.readValue(bytes, Snapshot.class).table();
      }
      var type = EVENTS.get(manifest);
      if (type == null) {
        throw new IllegalArgumentException(
            "the journal holds \"%s\", which this release does not know; run the release that wrote"
                    .formatted(manifest)
                + " it, or a later one");
      }
      return json.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @JsonIgnoreProperties({"module", "copyId", "hostId"})
  private interface EventFields {}

  /** A host that is not drained stands as it did before any could be. */
  @SuppressWarnings("unused") // Jackson reads it
  private interface HostFields {
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    boolean drained();
  }

  @JsonIgnoreProperties({"primary", "active", "running"})
  @SuppressWarnings("unused") // Jackson reads it
  private interface CopyFields {
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    boolean inSync();
  }

  /** A module without state stands in a snapshot as it did before there was any. */
  @SuppressWarnings("unused") // Jackson reads it
  private interface ModuleFields {
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    long configuration();
  }

  /** A table as lists, so that no map's key order or class is part of the format. */
  private record Snapshot(
      long version, List<HostRow> hosts, List<ModuleRow> modules, Map<String, Epoch> retired) {
    static Snapshot of(ReplicationTable table) {
      var retired = new TreeMap<String, Epoch>();
      table.retired().forEach((module, epoch) -> retired.put(module.value(), epoch));
      return new Snapshot(
          table.version(),
          List.copyOf(table.hosts().values()),
          List.copyOf(table.modules().values()),
          retired);
    }

    ReplicationTable table() {
      TreePMap<HostId, HostRow> allHosts = TreePMap.empty();
      for (HostRow row : hosts) {
        allHosts = allHosts.plus(row.host(), row);
      }
      TreePMap<ModuleId, ModuleRow> allModules = TreePMap.empty();
      for (ModuleRow row : modules) {
        allModules = allModules.plus(row.spec().module(), row);
      }
      TreePMap<ModuleId, Epoch> epochs = TreePMap.empty();
      for (Entry<String, Epoch> entry : retired.entrySet()) {
        epochs = epochs.plus(new ModuleId(entry.getKey()), entry.getValue());
      }
      return new ReplicationTable(version, allHosts, allModules, epochs);
    }
  }
}
