package io.understudy.watchdog;

import io.understudy.model.Epoch;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.settings.ServerSettings;

/**
 * What copies that are processes say to their WatchDog and hear from it, over HTTP on loopback
 * (DESIGN.md section 5). Each run has a token of its own.
 */
final class ModuleApi {
  private static final String ROOT = "/v1";
  private static final int MAX_BODY = 64 * 1024;

  /** Of all copies together: one that has many must not keep the others from their heartbeats. */
  private static final int MAX_CONNECTIONS = 100_000;

  private final ActorSystem<?> system;
  private final WatchDogSettings.Api settings;
  private final CopyTokens tokens;
  private final SelfRegistration registration;
  private final StateApi state;

  ModuleApi(
      ActorSystem<?> system,
      WatchDogSettings.Api settings,
      CopyTokens tokens,
      SelfRegistration registration) {
    this.system = system;
    this.settings = settings;
    this.tokens = tokens;
    this.registration = registration;
    this.state = new StateApi(system, settings.answerTimeout());
  }

  CompletionStage<ServerBinding> open() {
    // A status stream may be silent for as long as the status does not change.
    var forever = scala.concurrent.duration.Duration.Inf();
    var server = ServerSettings.create(system.classicSystem());
    var patient =
        server
            .withTimeouts(server.getTimeouts().withIdleTimeout(forever))
            .withMaxConnections(MAX_CONNECTIONS);
    return Http.get(system)
        .newServerAt(settings.address(), settings.port())
        .withSettings(patient)
        .bind(this::handle);
  }

  private CompletionStage<HttpResponse> handle(HttpRequest request) {
    return CompletableFuture.completedFuture(request)
        .thenCompose(this::route)
        .exceptionally(Problem::answer);
  }

  static URI address(ServerBinding binding) {
    var local = binding.localAddress();
    return URI.create("http://%s:%d%s".formatted(local.getHostString(), local.getPort(), ROOT));
  }

  private CompletionStage<HttpResponse> route(HttpRequest request) {
    var path = request.getUri().path();
    var get = request.method().equals(HttpMethods.GET);
    var post = request.method().equals(HttpMethods.POST);
    var put = request.method().equals(HttpMethods.PUT);
    return switch (path) {
      case ROOT + "/heartbeat" -> post ? heartbeat(request) : notAllowed(request, "POST");
      case ROOT + "/ready" -> post ? ready(request) : notAllowed(request, "POST");
      case ROOT + "/register" -> post ? register(request) : notAllowed(request, "POST");
      case ROOT + "/status" ->
          post ? confirm(request) : get ? listen(request) : notAllowed(request, "GET or POST");
      case ROOT + "/checkpoint" ->
          get
              ? state.checkpoint(request, keeper(request))
              : put ? state.store(request, keeper(request)) : notAllowed(request, "GET or PUT");
      case ROOT + "/updates" ->
          post
              ? state.propose(request, keeper(request))
              : get ? state.follow(request, keeper(request)) : notAllowed(request, "GET or POST");
      case ROOT + "/barrier" ->
          get ? state.barrier(request, keeper(request)) : notAllowed(request, "GET");
      default ->
          refuse(
              404,
              "%s is not part of the module API: use heartbeat, ready, status, register, checkpoint,"
                      .formatted(path)
                  + " updates or barrier below $UNDERSTUDY_API");
    };
  }

  private CompletionStage<HttpResponse> heartbeat(HttpRequest request) {
    var run = caller(request);
    return ApiBody.json(request, MAX_BODY, system)
        .thenApply(
            body -> {
              var serving =
                  ApiBody.allowing(body, "serving").has("serving")
                      ? OptionalInt.of((int) ApiBody.number(body, "serving", Integer.MAX_VALUE))
                      : OptionalInt.empty();
              return tell(run, new CopyNews.Beat(serving));
            });
  }

  private CompletionStage<HttpResponse> ready(HttpRequest request) {
    var run = caller(request);
    return ApiBody.json(request, MAX_BODY, system)
        .thenApply(ApiBody::allowing)
        .thenApply(body -> tell(run, new CopyNews.SaidReady()));
  }

  private CompletionStage<HttpResponse> confirm(HttpRequest request) {
    var run = caller(request);
    return ApiBody.json(request, MAX_BODY, system)
        .thenApply(body -> ApiBody.allowing(body, "epoch"))
        .thenApply(body -> new Epoch(ApiBody.number(body, "epoch", Long.MAX_VALUE)))
        .thenCompose(epoch -> confirm(run, epoch));
  }

  private CompletionStage<HttpResponse> confirm(ActorRef<CopyRun.Command> run, Epoch epoch) {
    return AskPattern.<CopyRun.Command, Epoch>ask(
            run,
            replyTo -> new CopyRun.Confirm(epoch, replyTo),
            settings.answerTimeout(),
            system.scheduler())
        .handle(
            (given, late) -> {
              if (late != null) {
                throw new Problem(503, "it is not known whether this copy still runs; ask again");
              }
              if (epoch.compareTo(given) > 0) {
                throw new Problem(
                    422,
                    "epoch %s was never given to this copy, the last one was %s: %s"
                        .formatted(epoch, given, "send the epoch of a line of GET /status"));
              }
              return HttpResponse.create().withStatus(204);
            });
  }

  private CompletionStage<HttpResponse> listen(HttpRequest request) {
    var run = caller(request);
    request.discardEntityBytes(system);
    return CompletableFuture.completedFuture(StatusLines.answer(run));
  }

  private CompletionStage<HttpResponse> register(HttpRequest request) {
    var token = token(request);
    var pid =
        request
            .getUri()
            .query()
            .get("pid")
            .map(ModuleApi::pid)
            .orElseThrow(
                () -> new Problem(400, "the process is not named: add ?pid= and the process id"));
    return ApiBody.text(request, MAX_BODY, system)
        .thenCompose(file -> registration.register(token, pid, file))
        .thenCompose(
            answer ->
                answer.status() >= 300
                    ? CompletableFuture.completedFuture(
                        Problem.answer(answer.status(), answer.body()))
                    : adopted(pid));
  }

  private CompletionStage<HttpResponse> adopted(long pid) {
    var patience = settings.adoptionTimeout();
    return tokens
        .whenAdopted(pid, patience)
        .handle(
            (adopted, late) -> {
              if (late != null) {
                throw notAdopted(pid, patience);
              }
              return ApiBody.created(adopted);
            });
  }

  private static Problem notAdopted(long pid, Duration patience) {
    return new Problem(
        504,
        "process %d was registered but not adopted within %d ms: see why in the module's condition"
            .formatted(pid, patience.toMillis()));
  }

  private static long pid(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Problem(400, "pid=%s is not a process id: give its number".formatted(text));
    }
  }

  private static HttpResponse tell(ActorRef<CopyRun.Command> run, CopyNews news) {
    run.tell(new CopyRun.News(news));
    return HttpResponse.create().withStatus(204);
  }

  private ActorRef<CopyRun.Command> caller(HttpRequest request) {
    var token = token(request);
    return tokens
        .find(token)
        .orElseThrow(
            () ->
                new Problem(
                    401,
                    "this token is no running copy's: send the UNDERSTUDY_TOKEN of this process,"
                        + " and end if it came from an earlier one"));
  }

  /** Where the caller's state is kept. */
  private ActorRef<StateCopyProtocol.Command> keeper(HttpRequest request) {
    caller(request);
    return tokens
        .state(token(request))
        .orElseThrow(
            () ->
                new Problem(
                    404,
                    "this module keeps no state: register it with \"state = sync\", or async"));
  }

  private static String token(HttpRequest request) {
    return request
        .getHeader("Authorization")
        .map(header -> header.value())
        .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
        .map(value -> value.substring(7).strip())
        .or(() -> request.getHeader("X-Understudy-Token").map(header -> header.value()))
        .orElseThrow(
            () -> new Problem(401, "no token: send \"Authorization: Bearer $UNDERSTUDY_TOKEN\""));
  }

  private static CompletionStage<HttpResponse> notAllowed(HttpRequest request, String methods) {
    var detail = "%s is for %s".formatted(request.getUri().path(), methods);
    return CompletableFuture.failedFuture(
        Problem.notAllowed(detail, methods.replace(" or ", ", ")));
  }

  private static CompletionStage<HttpResponse> refuse(int status, String detail) {
    return CompletableFuture.failedFuture(new Problem(status, detail));
  }
}
