package io.understudy.management;

import io.understudy.model.HostId;
import io.understudy.superwatchdog.Electors;
import io.understudy.superwatchdog.SuperWatchDogProtocol;
import io.understudy.superwatchdog.SuperWatchDogProtocol.Command;
import io.understudy.superwatchdog.SuperWatchDogProtocol.HostsHeard;
import io.understudy.superwatchdog.SuperWatchDogProtocol.RingView;
import io.understudy.superwatchdog.SuperWatchDogs;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;

/** Asks the SuperWatchDogs; one that does not answer soon is left out. */
record RingAsk(ActorSystem<?> system, SuperWatchDogs superWatchDogs) {
  private static final Duration PATIENCE = Duration.ofMillis(700);

  /** The places of all that answer, the oldest first. */
  CompletionStage<List<RingView>> places() {
    var asked =
        superWatchDogs.byAge().values().stream()
            .map(one -> ask(one, SuperWatchDogProtocol.GetRing::new))
            .toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> asked.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList());
  }

  /** What the primary, which is on the manager's node, has heard. */
  CompletionStage<HostsHeard> hosts() {
    return superWatchDogs.byAge().values().stream()
        .findFirst()
        .map(primary -> ask(primary, SuperWatchDogProtocol.GetHosts::new))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
        .thenApply(heard -> heard.orElse(new HostsHeard(List.of())));
  }

  /** Who judges, as the primary counts. */
  CompletionStage<Electors> electors() {
    return superWatchDogs.byAge().values().stream()
        .findFirst()
        .map(primary -> ask(primary, SuperWatchDogProtocol.GetElectors::new))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
        .thenApply(known -> known.orElseGet(superWatchDogs::electors));
  }

  /** The hosts of the SuperWatchDogs, the oldest first: there the ReplicaManager runs. */
  List<HostId> byAge() {
    return List.copyOf(superWatchDogs.byAge().keySet());
  }

  private <T> CompletableFuture<Optional<T>> ask(
      ActorRef<Command> one, Function<ActorRef<T>, Command> question) {
    return AskPattern.ask(one, question, PATIENCE, system.scheduler())
        .thenApply(Optional::of)
        .exceptionally(silent -> Optional.empty())
        .toCompletableFuture();
  }
}
