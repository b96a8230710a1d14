package io.understudy.management;

import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.japi.function.Function;

/** Asks the ReplicaManager; when nobody answers, says what is known instead. */
record ManagerLine(ActorSystem<?> system, ActorRef<Command> manager) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** A question that was on its way to a manager that died is lost, so it is asked again soon. */
  private static final Duration ONE_TRY = Duration.ofMillis(500);

  private static final int TRIES = 6;

  CompletionStage<ManagerProtocol.Location> whereIs() {
    return whereIs(1).thenApply(this::serving);
  }

  private CompletionStage<ManagerProtocol.Location> whereIs(int attempt) {
    return AskPattern.ask(manager, ManagerProtocol.WhereIs::new, ONE_TRY, system.scheduler())
        .exceptionallyCompose(
            failure ->
                attempt < TRIES ? whereIs(attempt + 1) : CompletableFuture.failedFuture(nobody()));
  }

  private ManagerProtocol.Location serving(ManagerProtocol.Location location) {
    location
        .unavailable()
        .ifPresent(
            reason -> {
              throw Problem.unavailable(reason, members());
            });
    return location;
  }

  CompletionStage<ManagerProtocol.Table> table() {
    return ask(ManagerProtocol.GetTable::new).thenApply(this::durable);
  }

  private ManagerProtocol.Table durable(ManagerProtocol.Table table) {
    table
        .unavailable()
        .ifPresent(
            reason -> {
              throw Problem.unavailable(reason, members());
            });
    return table;
  }

  CompletionStage<ManagerProtocol.Reply> request(
      Function<ActorRef<ManagerProtocol.Reply>, Command> request) {
    return ask(request);
  }

  private <T> CompletionStage<T> ask(Function<ActorRef<T>, Command> question) {
    return AskPattern.ask(manager, question, PATIENCE, system.scheduler())
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(nobody()));
  }

  /** That there is no ReplicaManager for now. */
  ProblemException nobody() {
    return Problem.unavailable(
        "no ReplicaManager answered within %d s; it runs while a majority of the nodes with the"
                .formatted(PATIENCE.toSeconds())
            + " role manager is up, and moves within seconds: ask again, or start such a node",
        members());
  }

  /** The nodes as this one sees them. */
  List<String> members() {
    var state = Cluster.get(system).state();
    var unreachable = state.getUnreachable();
    var members = new ArrayList<String>();
    for (Member member : state.getMembers()) {
      members.add(
          "%s %s%s, %s"
              .formatted(
                  member.address().hostPort().replaceFirst("^.*@", ""),
                  member.status(),
                  unreachable.contains(member) ? " (unreachable)" : "",
                  String.join(" and ", member.getRoles())));
    }
    return members;
  }
}
