package io.understudy.management;

import io.understudy.manager.ManagerProtocol;
import io.understudy.model.ModuleId;
import io.understudy.wire.ModuleFile;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.jspecify.annotations.Nullable;

/** What there is to call, and what answers it on the manager's node. */
final class Endpoints {
  /** What an address that is wrong is answered with. */
  static final String KNOWN =
      "there are table, modules/NAME, modules/NAME/primaries, modules/NAME/switchover, hosts,"
          + " hosts/NAME/drain, hosts/NAME/resume, ring, events and simulate under /understudy";

  private final Ports ports;
  private final ManagerLine manager;
  private final Moves moves;
  private final RingAsk ring;
  private final EventStream eventStream;
  private final Executor rendering;

  Endpoints(ActorSystem<?> system, Ports ports, ManagerLine manager, RingAsk ring) {
    this.ports = ports;
    this.manager = manager;
    this.moves = new Moves(manager);
    this.ring = ring;
    this.eventStream = new EventStream(system);
    this.rendering = system.dispatchers().lookup(DispatcherSelector.blocking());
  }

  /**
   * One method of one address.
   *
   * @param writes it needs the operator token
   * @param anywhere any node can answer it by itself
   * @param check refuses what is malformed before anybody is asked
   */
  record Endpoint(
      boolean writes,
      boolean anywhere,
      Consumer<Call> check,
      Function<Call, CompletionStage<Answer>> answer) {
    static Endpoint get(Function<Call, CompletionStage<Answer>> answer) {
      return new Endpoint(false, false, call -> call.allowing(List.of()), answer);
    }

    Endpoint checking(Consumer<Call> how) {
      return new Endpoint(writes, anywhere, how, answer);
    }

    Endpoint writing() {
      return new Endpoint(true, anywhere, check, answer);
    }

    Endpoint anywhere(boolean yes) {
      return new Endpoint(writes, yes, check, answer);
    }

    void check(Call call) {
      check.accept(call);
    }

    CompletionStage<Answer> answer(Call call) {
      return answer.apply(call);
    }
  }

  Endpoint find(Call call) {
    var path = call.path();
    return switch (String.join("/", path)) {
      case "table" -> only(call, "GET", Endpoint.get(this::table));
      case "hosts" -> only(call, "GET", Endpoint.get(this::hosts));
      case "ring" -> only(call, "GET", Endpoint.get(this::ring).anywhere(true));
      case "simulate" ->
          only(call, "GET", Endpoint.get(this::simulate).checking(Endpoints::checkSimulate));
      case "events" ->
          only(
              call,
              "GET",
              Endpoint.get(this::events)
                  .checking(Endpoints::checkEvents)
                  .anywhere(ports.events().isPresent()));
      default -> {
        if (path.size() == 2 && path.getFirst().equals("modules")) {
          yield module(call);
        }
        if (path.size() == 3) {
          yield part(call);
        }
        throw Problem.notFound(
            "/understudy/%s does not exist; %s".formatted(String.join("/", path), KNOWN));
      }
    };
  }

  private Endpoint part(Call call) {
    return switch (call.path().getFirst() + "/" + call.path().get(2)) {
      case "modules/primaries" -> only(call, "GET", Endpoint.get(this::primaries));
      case "modules/switchover" -> only(call, "POST", moves.switchover());
      case "hosts/drain" -> only(call, "POST", moves.drain());
      case "hosts/resume" -> only(call, "POST", moves.resume());
      default ->
          throw Problem.notFound(
              "/understudy/%s does not exist; %s".formatted(String.join("/", call.path()), KNOWN));
    };
  }

  private static Endpoint only(Call call, String method, Endpoint endpoint) {
    if (call.method().equals(method)) {
      return endpoint;
    }
    throw notAllowed(call, method.equals("GET") ? "GET, HEAD" : method);
  }

  private static ProblemException notAllowed(Call call, String allowed) {
    return Problem.methodNotAllowed(
        "%s is not possible on /understudy/%s; it takes %s"
            .formatted(call.method(), String.join("/", call.path()), allowed),
        allowed);
  }

  private Endpoint module(Call call) {
    return switch (call.method()) {
      case "GET" -> Endpoint.get(this::showModule);
      case "PUT" -> {
        var wanted = readOnce();
        yield Endpoint.get(put -> register(wanted.apply(put)))
            .writing()
            .checking(put -> Objects.requireNonNull(wanted.apply(put)));
      }
      case "DELETE" -> Endpoint.get(this::deregister).writing();
      default -> throw notAllowed(call, "GET, HEAD, PUT, DELETE");
    };
  }

  private CompletionStage<Answer> table(Call call) {
    return manager
        .table()
        .thenApplyAsync(
            found -> {
              var view = TableView.of(found.manager(), found.table());
              return call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view);
            },
            rendering);
  }

  private CompletionStage<Answer> showModule(Call call) {
    var id = named(call);
    return manager
        .table()
        .thenApply(found -> TableView.one(id, found.table()).orElseThrow(() -> unknown(id)))
        .thenApply(
            view -> call.wantsText() ? Answer.text(TableView.text(view)) : Answer.json(200, view));
  }

  private CompletionStage<Answer> primaries(Call call) {
    var id = named(call);
    return manager
        .table()
        .thenApply(found -> PrimariesView.of(id, found.table()).orElseThrow(() -> unknown(id)))
        .thenApply(view -> call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view));
  }

  private static ProblemException unknown(ModuleId id) {
    return Problem.notFound(
        "module %s is not registered; the table lists those that are".formatted(id));
  }

  private static ModuleId named(Call call) {
    return Call.module(call.path().get(1));
  }

  /** The registration in the body, if it can be read and makes sense. */
  private static ModuleFile.Read.Module registration(Call call) {
    call.allowing(List.of());
    return switch (ModuleFile.read(call.body(), Optional.of(named(call)))) {
      case ModuleFile.Read.Malformed malformed -> throw Problem.badRequest(malformed.reason());
      case ModuleFile.Read.Module module -> {
        module
            .spec()
            .refusal()
            .ifPresent(
                reason -> {
                  throw Problem.refused(reason);
                });
        yield module;
      }
    };
  }

  /** To be checked before anybody is asked, and answered: the reading is the dearest of it. */
  private static Function<Call, ModuleFile.Read.Module> readOnce() {
    var read = new AtomicReference<ModuleFile.Read.@Nullable Module>();
    return call -> {
      var known = read.get();
      var wanted = known == null ? registration(call) : known;
      read.set(wanted);
      return wanted;
    };
  }

  private CompletionStage<Answer> register(ModuleFile.Read.Module wanted) {
    return manager
        .request(replyTo -> new ManagerProtocol.Register(wanted.spec(), wanted.running(), replyTo))
        .thenApply(
            reply ->
                switch (reply) {
                  case ManagerProtocol.Accepted done -> registered(wanted.spec().module(), done);
                  case ManagerProtocol.Refused refused -> throw Problem.refused(refused.reason());
                  case ManagerProtocol.Unavailable not -> throw unavailable(not);
                });
  }

  /** The answer to a registration. */
  record Registered(String module, long version, boolean created, Optional<String> warning) {}

  private static Answer registered(ModuleId module, ManagerProtocol.Accepted done) {
    var view = new Registered(module.value(), done.version(), done.created(), done.warning());
    return Answer.json(done.created() ? 201 : 200, view)
        .with("Location", "/understudy/modules/" + module);
  }

  private CompletionStage<Answer> deregister(Call call) {
    var id = named(call);
    return manager
        .request(replyTo -> new ManagerProtocol.Deregister(id, replyTo))
        .thenApply(
            reply ->
                switch (reply) {
                  case ManagerProtocol.Accepted done -> Answer.empty();
                  case ManagerProtocol.Refused refused when call.repeated() -> Answer.empty();
                  case ManagerProtocol.Refused refused -> throw Problem.notFound(refused.reason());
                  case ManagerProtocol.Unavailable not -> throw unavailable(not);
                });
  }

  private ProblemException unavailable(ManagerProtocol.Unavailable answer) {
    return Problem.unavailable(answer.reason(), manager.members());
  }

  private CompletionStage<Answer> hosts(Call call) {
    return manager
        .table()
        .thenCombineAsync(
            ring.hosts(),
            (found, heard) -> {
              var view = HostsView.of(found.table(), heard, Instant.now());
              return call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view);
            },
            rendering);
  }

  /** The ring stands without a ReplicaManager too. */
  private CompletionStage<Answer> ring(Call call) {
    return manager
        .whereIs()
        .thenApply(where -> Optional.of(where.host()))
        .exceptionally(nobody -> Optional.empty())
        .thenCombine(ring.places(), RingView::of)
        .thenApply(view -> call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view));
  }

  private static void checkSimulate(Call call) {
    call.allowing(List.of(Failing.PARAMETER));
    Failing.names(call);
  }

  private CompletionStage<Answer> simulate(Call call) {
    return manager
        .table()
        .thenCombineAsync(
            ring.electors(),
            (found, electors) -> {
              var failing = Failing.of(Failing.names(call), found.table(), electors);
              var managers = ManagersAfter.of(failing, found.manager(), electors, ring.byAge());
              var view = SimulationView.of(failing, found.table(), managers, Instant.now());
              return call.wantsText() ? Answer.text(view.text()) : Answer.json(200, view);
            },
            rendering);
  }

  private static void checkEvents(Call call) {
    call.allowing(List.of("after", "module", "limit", "follow"));
    EventStream.Wanted.of(call);
  }

  private CompletionStage<Answer> events(Call call) {
    var source =
        ports
            .events()
            .orElseThrow(
                () ->
                    Problem.unavailable(
                        "this node cannot read the journal; ask one with the role manager",
                        List.of()));
    return eventStream
        .answer(call, EventStream.Wanted.of(call), source)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(unread(failure)));
  }

  private ProblemException unread(Throwable failure) {
    var cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    return Problem.unavailable(
        "the journal cannot be read: %s; ask again when its database can be reached"
            .formatted(String.valueOf(cause.getMessage()).replaceAll("\\s+", " ")),
        manager.members());
  }
}
