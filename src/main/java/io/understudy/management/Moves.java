package io.understudy.management;

import io.understudy.management.Endpoints.Endpoint;
import io.understudy.management.HostsView.Staying;
import io.understudy.manager.ManagerProtocol;
import io.understudy.manager.ManagerProtocol.Command;
import io.understudy.manager.ManagerProtocol.Reply;
import io.understudy.model.CopyId;
import io.understudy.model.HostId;
import io.understudy.model.ModuleId;
import io.understudy.table.CopyRow;
import io.understudy.table.ReplicationTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.japi.function.Function;

/** Moves that an operator asks for; each is answered when it is durable, and carried out then. */
record Moves(ManagerLine manager) {
  private static final String TO = "to";
  private static final String FROM = "from";

  /**
   * What came of a switchover.
   *
   * @param to the copy that takes over, or has; absent when none does any more
   */
  record SwitchedOver(String module, long version, Optional<String> to, Optional<String> host) {}

  /**
   * What came of a drain, or of its end.
   *
   * @param copies that are there still
   * @param staying those of them that no other host can take, and why
   */
  record Drained(
      String host, boolean drained, long version, List<String> copies, List<Staying> staying) {}

  Endpoint switchover() {
    return Endpoint.get(this::switchover)
        .writing()
        .checking(
            call -> {
              call.allowing(List.of(TO, FROM));
              var unused = List.of(module(call), call.copy(TO), call.copy(FROM));
            });
  }

  Endpoint drain() {
    return moving(call -> request(call, replyTo -> new ManagerProtocol.Drain(host(call), replyTo)));
  }

  Endpoint resume() {
    return moving(
        call -> request(call, replyTo -> new ManagerProtocol.Resume(host(call), replyTo)));
  }

  private static Endpoint moving(
      java.util.function.Function<Call, CompletionStage<Answer>> answer) {
    return Endpoint.get(answer)
        .writing()
        .checking(
            call -> {
              call.allowing(List.of());
              var unused = host(call);
            });
  }

  private static ModuleId module(Call call) {
    return Call.module(call.path().get(1));
  }

  private static HostId host(Call call) {
    return Call.host(call.path().get(1));
  }

  private CompletionStage<Answer> switchover(Call call) {
    var id = module(call);
    var to = call.copy(TO);
    var from = call.copy(FROM);
    if (call.repeated() && to.isEmpty() && from.isEmpty()) {
      throw Problem.unavailable(
          "module %s may have been switched over, or not: the ReplicaManager moved; look at the"
                  .formatted(id)
              + " table, and name the copy that is to take over with ?to=",
          manager.members());
    }
    return asked(replyTo -> new ManagerProtocol.Switchover(id, to, from, replyTo))
        .thenCompose(
            reply ->
                manager.table().thenApply(found -> switched(reply, id, to, from, found.table())));
  }

  private Answer switched(
      Reply reply,
      ModuleId id,
      Optional<CopyId> to,
      Optional<CopyId> from,
      ReplicationTable table) {
    return switch (reply) {
      case ManagerProtocol.Accepted done -> Answer.json(200, switched(id, done.version(), table));
      case ManagerProtocol.Refused refused -> {
        var known =
            table.module(id).isPresent()
                && to.or(() -> from).map(copy -> table.copy(copy).isPresent()).orElse(true);
        throw known ? Problem.conflict(refused.reason()) : Problem.notFound(refused.reason());
      }
      case ManagerProtocol.Unavailable not ->
          throw Problem.unavailable(not.reason(), manager.members());
    };
  }

  private static SwitchedOver switched(ModuleId id, long version, ReplicationTable table) {
    var heir =
        table
            .module(id)
            .flatMap(
                row ->
                    row.successor()
                        .flatMap(row::copy)
                        .or(() -> row.active().filter(CopyRow::isPrimary).findFirst()));
    return new SwitchedOver(
        id.value(),
        version,
        heir.map(copy -> copy.id().toString()),
        heir.map(copy -> copy.host().value()));
  }

  private CompletionStage<Answer> request(Call call, Function<ActorRef<Reply>, Command> request) {
    var host = host(call);
    return asked(request)
        .thenCompose(
            reply ->
                switch (reply) {
                  case ManagerProtocol.Accepted done ->
                      manager
                          .table()
                          .thenApply(
                              found ->
                                  Answer.json(200, drained(host, done.version(), found.table())));
                  case ManagerProtocol.Refused refused ->
                      CompletableFuture.failedFuture(Problem.notFound(refused.reason()));
                  case ManagerProtocol.Unavailable not ->
                      CompletableFuture.failedFuture(
                          Problem.unavailable(not.reason(), manager.members()));
                });
  }

  private static Drained drained(HostId host, long version, ReplicationTable table) {
    return new Drained(
        host.value(),
        table.isDrained(host),
        version,
        HostsView.copies(host, table),
        Staying.on(host, table, Instant.now()));
  }

  private CompletionStage<Reply> asked(Function<ActorRef<Reply>, Command> request) {
    return manager.request(request);
  }
}
