package io.understudy.management;

import io.understudy.model.RunningCopy;
import io.understudy.table.TableEvent;
import io.understudy.wire.ModuleFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** The management of one node: Pekko Management with this project's routes among its own. */
public final class Management implements Extension {
  private static final Id ID = new Id();

  private final ActorSystem<?> system;
  private final AtomicReference<@Nullable Running> running = new AtomicReference<>();

  private Management(ActorSystem<?> system) {
    this.system = system;
  }

  private record Running(Ports ports, ManagementApi api) {}

  /** The one of this actor system. */
  public static Management get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  /**
   * Begins to listen where {@code pekko.management.http} says.
   *
   * @return where it listens; fails when the port cannot be bound
   */
  public CompletionStage<Uri> start(Ports ports) {
    var api = ManagementApi.create(system, ports);
    running.set(new Running(ports, api));
    system.systemActorOf(Relay.create(api), Relay.NAME, Props.empty());
    var listener = system.systemActorOf(counting(), "understudy-metrics", Props.empty());
    system.eventStream().tell(new EventStream.Subscribe<>(TableEvent.class, listener));
    return PekkoManagement.get(system).start();
  }

  private static Behavior<TableEvent> counting() {
    return Behaviors.receive(
        (context, event) -> {
          Metrics.get(context.getSystem()).happened(event);
          return Behaviors.same();
        });
  }

  /** What a registration was answered with; the body is problem+json from 400 on. */
  public record Registration(int status, String body) {}

  /**
   * Registers a module on behalf of a process that runs already ([0010]).
   *
   * @param token as its caller gave it
   * @param moduleFile HOCON or JSON
   */
  public CompletionStage<Registration> register(
      String token, RunningCopy running, String moduleFile) {
    return switch (ModuleFile.read(moduleFile)) {
      case ModuleFile.Read.Malformed malformed ->
          registration(Problem.badRequest(malformed.reason()).problem().answer());
      case ModuleFile.Read.Module module -> {
        var spec = module.spec();
        var call =
            new Call(
                "PUT",
                List.of("modules", spec.module().value()),
                Map.of(),
                Answer.JSON,
                "Bearer " + token,
                ModuleFile.json(spec, Optional.of(running)),
                false);
        yield api().answer(call).thenCompose(this::registration);
      }
    };
  }

  private CompletionStage<Registration> registration(Answer answer) {
    var bytes =
        switch (answer.body()) {
          case Answer.Body.Whole whole -> CompletableFuture.completedFuture(whole.bytes());
          case Answer.Body.Stream stream ->
              stream.source().runFold(ByteString.emptyByteString(), ByteString::concat, system);
        };
    return bytes.thenApply(body -> new Registration(answer.status(), body.utf8String()));
  }

  ManagementApi api() {
    return running().api();
  }

  Ports ports() {
    return running().ports();
  }

  private Running running() {
    var now = running.get();
    if (now == null) {
      throw new IllegalStateException("management has no ports yet; start it with some first");
    }
    return now;
  }

  private static final class Id extends ExtensionId<Management> {
    @Override
    public Management createExtension(ActorSystem<?> system) {
      return new Management(system);
    }
  }
}
