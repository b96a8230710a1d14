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
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.pattern.Patterns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers calls: here if this is the manager's node, else by passing them on to it, round a cut if
 * there is one.
 */
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

  /** Answers such a call, or passes it on to the manager's node, once. */
  CompletionStage<Answer> answerOrPassOn(Call call) {
    return caught(() -> straight(endpoints.find(call), call));
  }

  private static CompletionStage<Answer> misdirected() {
    var why = Problem.of(MISDIRECTED, "Misdirected", "the ReplicaManager is not on this node");
    return CompletableFuture.completedFuture(problem(why));
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
    var around = ports.around().get();
    var way = (attempt - 1) % (around.size() + 1);
    var answered =
        way == around.size() ? straight(endpoint, call) : passed(around.get(way), call, true);
    return answered.thenCompose(
        answer ->
            answer.status() == MISDIRECTED
                ? again(endpoint, call, attempt)
                : CompletableFuture.completedFuture(answer));
  }

  private CompletionStage<Answer> straight(Endpoints.Endpoint endpoint, Call call) {
    return manager
        .whereIs()
        .thenCompose(
            where ->
                isHere(where)
                    ? endpoint.answer(call)
                    : nodeOf(where.host())
                        .map(node -> passed(node.address(), call, false))
                        .orElseGet(ManagementApi::misdirected));
  }

  /** Misdirected also when nobody answers there. */
  private CompletionStage<Answer> passed(Address node, Call call, boolean onward) {
    return Relay.pass(system, node, call, onward).exceptionallyCompose(failure -> misdirected());
  }

  private boolean isHere(ManagerProtocol.Location manager) {
    return manager.host().equals(ports.host());
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
