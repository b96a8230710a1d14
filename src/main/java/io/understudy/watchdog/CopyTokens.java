package io.understudy.watchdog;

import io.understudy.model.CopyId;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;

/** Which token speaks for which run. Shared by the module API and the runs, so it is concurrent. */
final class CopyTokens {
  private final SecureRandom random = new SecureRandom();
  private final Map<String, ActorRef<CopyRun.Command>> runs = new ConcurrentHashMap<>();
  private final Map<String, ActorRef<StateCopyProtocol.Command>> states = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Adopted>> adoptions = new ConcurrentHashMap<>();

  /** What a process that registered itself gets. */
  record Adopted(CopyId copy, String token) {}

  String issue(ActorRef<CopyRun.Command> run) {
    var bytes = new byte[24];
    random.nextBytes(bytes);
    var token = HexFormat.of().formatHex(bytes);
    runs.put(token, run);
    return token;
  }

  /** Where the state of the run is kept. */
  void keeps(String token, ActorRef<StateCopyProtocol.Command> state) {
    states.put(token, state);
  }

  /** Where the state of the run is kept; empty for one without state. */
  Optional<ActorRef<StateCopyProtocol.Command>> state(String token) {
    return Optional.ofNullable(states.get(token));
  }

  Optional<ActorRef<CopyRun.Command>> find(String token) {
    return Optional.ofNullable(runs.get(token));
  }

  void adopted(long pid, Adopted adopted) {
    adoption(pid).complete(adopted);
  }

  CompletionStage<Adopted> whenAdopted(long pid, Duration patience) {
    return adoption(pid).copy().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  void revoke(String token) {
    runs.remove(token);
    states.remove(token);
    adoptions
        .values()
        .removeIf(adoption -> adoption.isDone() && adoption.join().token().equals(token));
  }

  private CompletableFuture<Adopted> adoption(long pid) {
    return adoptions.computeIfAbsent(pid, unknown -> new CompletableFuture<>());
  }
}
