package io.understudy.management;

import io.understudy.manager.ManagerProtocol;
import io.understudy.model.HostId;
import io.understudy.superwatchdog.SuperWatchDogs;
import io.understudy.wire.RequestBody;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.pattern.Patterns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls: here if this is the manager's node, else by passing them on to it. */
final class ManagementApi {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementApi.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int ATTEMPTS = 4;

  /** Misdirected: the ReplicaManager has moved from the node that was asked. */
  private static final int MISDIRECTED = 421;

  private final ActorSystem<?> system;
  private final Ports ports;
  private final ManagerLine manager;
  private final Endpoints endpoints;

  private ManagementApi(ActorSystem<?> system, Ports ports) {
    this.system = system;
    this.ports = ports;
    this.manager = new ManagerLine(system, ports.manager());
    this.endpoints =
        new Endpoints(system, ports, manager, new RingAsk(system, new SuperWatchDogs(system)));
  }

  static ManagementApi create(ActorSystem<?> system, Ports ports) {
    return new ManagementApi(system, ports);
  }

  /** Answers a caller from outside; never fails. */
  CompletionStage<Answer> answer(Call call) {
    return caught(() -> checked(call));
  }

  /** Answers a call that another node checked and passed on; never passes it on again. */
  CompletionStage<Answer> answerHere(Call call) {
    return caught(
        () -> {
          var endpoint = endpoints.find(call);
          return manager
              .whereIs()
              .thenCompose(where -> isHere(where) ? endpoint.answer(call) : misdirected());
        });
  }

  private static CompletionStage<Answer> misdirected() {
    throw Problem.of(MISDIRECTED, "Misdirected", "the ReplicaManager is not on this node");
  }

  private CompletionStage<Answer> checked(Call call) {
    var endpoint = endpoints.find(call);
    if (endpoint.writes()) {
      ports.token().check(call.authorization());
    }
    endpoint.check(call);
    return endpoint.anywhere() ? endpoint.answer(call) : atManager(endpoint, call, 1);
  }

  private CompletionStage<Answer> atManager(Endpoints.Endpoint endpoint, Call call, int attempt) {
    return manager
        .whereIs()
        .thenCompose(
            where ->
                isHere(where)
                    ? endpoint.answer(call)
                    : passedOn(where.host(), endpoint, call, attempt));
  }

  private boolean isHere(ManagerProtocol.Location manager) {
    return manager.host().equals(ports.host());
  }

  private CompletionStage<Answer> passedOn(
      HostId host, Endpoints.Endpoint endpoint, Call call, int attempt) {
    return nodeOf(host)
        .map(member -> Relay.pass(system, member.address(), call))
        .orElseGet(() -> CompletableFuture.failedFuture(manager.nobody()))
        .handle(
            (answer, failure) ->
                failure == null && answer.status() != MISDIRECTED
                    ? CompletableFuture.completedFuture(answer)
                    : again(endpoint, call, attempt))
        .thenCompose(answer -> answer);
  }

  private Optional<Member> nodeOf(HostId host) {
    var members = Cluster.get(system).state().getMembers();
    return StreamSupport.stream(members.spliterator(), false)
        .filter(member -> SuperWatchDogs.host(member).filter(host::equals).isPresent())
        .findFirst();
  }

  /** The manager moves, or its node died with the call: calls are safe to repeat. */
  private CompletionStage<Answer> again(Endpoints.Endpoint endpoint, Call call, int attempt) {
    return attempt == ATTEMPTS
        ? CompletableFuture.failedFuture(manager.nobody())
        : Patterns.after(
            PAUSE,
            Adapter.toClassic(system),
            () -> atManager(endpoint, call.repeat(), attempt + 1));
  }

  private static CompletionStage<Answer> caught(Supplier<CompletionStage<Answer>> work) {
    try {
      return work.get().exceptionally(ManagementApi::problem);
    } catch (ProblemException e) {
      return CompletableFuture.completedFuture(problem(e));
    }
  }

  /** A failure as an answer. */
  static Answer problem(Throwable failure) {
    var cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    if (cause instanceof RequestBody.Unreadable body) {
      return Problem.unreadable(body).answer();
    }
    if (cause instanceof ProblemException expected) {
      return expected.answer();
    }
    LOG.error("A management call failed, and should not have: {}", cause.toString(), cause);
    return new Problem("Internal error", 500, "the node's log says more: " + cause, List.of())
        .answer();
  }
}
