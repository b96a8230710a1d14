package io.understudy.example;

import io.understudy.client.Registration;
import io.understudy.client.UnderstudyClient;
import io.understudy.model.Copy;
import io.understudy.model.FailoverStrategy;
import io.understudy.model.HostId;
import io.understudy.model.Location;
import io.understudy.model.ModuleId;
import io.understudy.model.ModuleSpec;
import io.understudy.model.ReplicationStyle;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** Registers a warm module of two running copies on three hosts. */
public final class RegisterExample {
  private RegisterExample() {}

  /** The system must be a member of the cluster. */
  public static CompletionStage<Registration> register(ActorSystem<?> system, String program) {
    var copies =
        List.of("H1", "H2", "H3").stream()
            .map(host -> new Copy(new HostId(host), Location.parse(program)))
            .toList();
    var spec =
        ModuleSpec.of(new ModuleId("billing"), ReplicationStyle.WARM, 2, copies)
            .withFailover(new FailoverStrategy.OnOverThreshold(3));
    return UnderstudyClient.create(system).register(spec);
  }
}
