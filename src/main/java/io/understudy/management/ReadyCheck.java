package io.understudy.management;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** Pekko Management's {@code /ready} asks this, by its class name. */
public final class ReadyCheck implements Supplier<CompletionStage<Boolean>> {
  private final ActorSystem system;

  public ReadyCheck(ActorSystem system) {
    this.system = system;
  }

  @Override
  public CompletionStage<Boolean> get() {
    var ports = Management.get(Adapter.toTyped(system)).ports();
    return ports.unready().get().thenCompose(ReadyCheck::ready);
  }

  private static CompletionStage<Boolean> ready(Optional<String> reason) {
    return reason
        .<CompletionStage<Boolean>>map(
            why -> CompletableFuture.failedFuture(new IllegalStateException(why)))
        .orElseGet(() -> CompletableFuture.completedFuture(true));
  }
}
