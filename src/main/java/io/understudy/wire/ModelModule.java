package io.understudy.wire;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.understudy.model.CheckpointPolicy;
import io.understudy.model.CopyId;
import io.understudy.model.CopyReport;
import io.understudy.model.Detection;
import io.understudy.model.Epoch;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.SanityCheck;
import io.understudy.table.Phase;
import java.util.function.Function;

/**
 * The Jackson module of the model and of the table's states. The names given here are in journals.
 */
public final class ModelModule extends SimpleModule {
  private static final long serialVersionUID = 1L;

  public ModelModule() {
    super("understudy-model");
    text(HostId.class, HostId::toString, HostId::new);
    text(ModuleId.class, ModuleId::toString, ModuleId::new);
    text(CopyId.class, CopyId::toString, CopyId::parse);
    text(Location.class, Location::text, Location::parse);
    addSerializer(Epoch.class, new EpochNumber.Writer());
    addDeserializer(Epoch.class, new EpochNumber.Reader());
    addKeySerializer(HostId.class, new Text.KeyWriter<>(HostId.class, HostId::toString));
    addKeyDeserializer(HostId.class, new Text.KeyReader(HostId::new));
    setMixInAnnotation(FailoverStrategy.class, FailoverNames.class);
    setMixInAnnotation(Detection.class, DetectionNames.class);
    setMixInAnnotation(SanityCheck.class, SanityNames.class);
    setMixInAnnotation(CheckpointPolicy.class, CheckpointNames.class);
    setMixInAnnotation(CopyReport.Seen.class, SeenNames.class);
    setMixInAnnotation(Phase.class, PhaseNames.class);
    setMixInAnnotation(ModuleSpec.class, SpecFields.class);
  }

  private <T> void text(Class<T> type, Function<T, String> write, Function<String, T> read) {
    addSerializer(type, new Text.Writer<>(type, write));
    addDeserializer(type, new Text.Reader<>(type, read));
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = FailoverStrategy.OnEachFailure.class, name = "on-each-failure"),
    @JsonSubTypes.Type(value = FailoverStrategy.OnOverThreshold.class, name = "on-over-threshold")
  })
  private interface FailoverNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Detection.Polling.class, name = "polling"),
    @JsonSubTypes.Type(value = Detection.Heartbeat.class, name = "heartbeat")
  })
  private interface DetectionNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = SanityCheck.Command.class, name = "command"),
    @JsonSubTypes.Type(value = SanityCheck.TcpConnect.class, name = "tcp"),
    @JsonSubTypes.Type(value = SanityCheck.HttpGet.class, name = "http")
  })
  private interface SanityNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = CheckpointPolicy.Periodic.class, name = "periodic"),
    @JsonSubTypes.Type(value = CheckpointPolicy.EachUpdate.class, name = "each-update"),
    @JsonSubTypes.Type(value = CheckpointPolicy.None.class, name = "none")
  })
  private interface CheckpointNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = CopyReport.Seen.Starting.class, name = "starting"),
    @JsonSubTypes.Type(value = CopyReport.Seen.Running.class, name = "running"),
    @JsonSubTypes.Type(value = CopyReport.Seen.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = CopyReport.Seen.Stopped.class, name = "stopped")
  })
  private interface SeenNames {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Phase.Idle.class, name = "idle"),
    @JsonSubTypes.Type(value = Phase.Starting.class, name = "starting"),
    @JsonSubTypes.Type(value = Phase.Running.class, name = "running"),
    @JsonSubTypes.Type(value = Phase.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = Phase.Waiting.class, name = "waiting"),
    @JsonSubTypes.Type(value = Phase.Stopping.class, name = "stopping")
  })
  private interface PhaseNames {}

  /** Leaves out what is computed. */
  @JsonIgnoreProperties({"refusal", "warning", "runningCopies"})
  private interface SpecFields {}
}
