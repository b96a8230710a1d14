package io.understudy.watchdog;

import io.understudy.state.Bytes;
import io.understudy.state.Reply;
import io.understudy.state.RequestId;
import io.understudy.watchdog.StateCopyProtocol.Beginning;
import io.understudy.watchdog.StateCopyProtocol.Put;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.stream.IOResult;
import org.apache.pekko.stream.SystemMaterializer;
import org.apache.pekko.stream.javadsl.Broadcast;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.apache.pekko.util.ByteString;

/** The part of the module API by which a process keeps its state with its group. */
final class StateApi {
  /** An update travels in one message, whose frame is a little larger. */
  static final int MAX_UPDATE = 1_000_000;

  static final int MAX_CLIENT = 200;
  private static final String SEQUENCE = "Understudy-Sequence";

  private static final String UNDECIDED =
      "it is not committed yet, and may or may not be: propose it again with the same"
          + " Understudy-Client and Understudy-Request";
  private static final String UNDECIDED_WITHOUT_NAME =
      "it is not committed yet, and may or may not be: it has no Understudy-Client and"
          + " Understudy-Request, so proposed again it is another update";

  private final ActorSystem<?> system;
  private final Duration patience;
  private final Executor blocking;

  /**
   * For the processes of a host.
   *
   * @param patience how long it waits for an answer
   */
  StateApi(ActorSystem<?> system, Duration patience) {
    this.system = system;
    this.patience = patience;
    this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
  }

  /** GET /v1/checkpoint: what the copy begins with. */
  CompletionStage<HttpResponse> checkpoint(
      HttpRequest request, ActorRef<StateCopyProtocol.Command> state) {
    request.discardEntityBytes(system);
    return this.<Beginning>ask(
            state,
            StateCopyProtocol.AskSnapshot::new,
            "it is not known yet what this copy begins with; ask again")
        .thenApplyAsync(StateApi::checkpoint, blocking);
  }

  private static HttpResponse checkpoint(Beginning beginning) {
    return switch (beginning) {
      case Beginning.Initial() ->
          HttpResponse.create().withStatus(204).addHeader(RawHeader.create(SEQUENCE, "0"));
      case Beginning.From(var sequence, var snapshot) -> {
        var in = open(snapshot);
        var bytes = StreamConverters.fromInputStream(() -> in);
        yield HttpResponse.create()
            .addHeader(RawHeader.create(SEQUENCE, Long.toString(sequence)))
            .withEntity(HttpEntities.createChunked(ContentTypes.APPLICATION_OCTET_STREAM, bytes));
      }
    };
  }

  /** Opened before the answer begins: a newer one may be about to take its place. */
  private static InputStream open(SnapshotFile snapshot) {
    try {
      return snapshot.open();
    } catch (IOException e) {
      throw new Problem(503, "a newer checkpoint takes the place of this one; ask again");
    }
  }

  /** PUT /v1/checkpoint?sequence=N: the state after that update, which the copy was asked for. */
  CompletionStage<HttpResponse> store(
      HttpRequest request, ActorRef<StateCopyProtocol.Command> state) {
    var sequence = sequence(request, "sequence", "the update after which this is the state");
    return this.<Put>ask(
            state, replyTo -> new StateCopyProtocol.PlaceSnapshot(sequence, replyTo), BUSY)
        .thenCompose(
            place -> {
              if (place instanceof Put.Into(var file, var history)) {
                return upload(request, file)
                    .thenCompose(
                        done ->
                            this.<Put>ask(
                                state,
                                replyTo ->
                                    new StateCopyProtocol.PutSnapshot(
                                        sequence, file, history, replyTo),
                                BUSY));
              }
              return request
                  .entity()
                  .withoutSizeLimit()
                  .discardBytes(SystemMaterializer.get(system).materializer())
                  .completionStage()
                  .thenApply(drained -> place);
            })
        .thenApply(
            put -> {
              if (put instanceof Put.Refused(var reason)) {
                throw new Problem(409, reason);
              }
              return HttpResponse.create().withStatus(204);
            });
  }

  private static final String BUSY = "the copy's state is busy; ask again";

  /** All of it is read, also what cannot be kept: whoever is writing would not hear why. */
  private record Upload(CompletionStage<IOResult> written, CompletionStage<Done> read) {
    static Sink<ByteString, Upload> to(Path file) {
      return Sink.combineMat(
          FileIO.toPath(file), Sink.ignore(), Broadcast::<ByteString>create, Upload::new);
    }

    CompletionStage<IOResult> done() {
      return read.exceptionally(
              failure -> {
                throw new Problem(400, "the checkpoint broke off: " + failure.getMessage());
              })
          .thenCompose(all -> written)
          .exceptionally(
              failure -> {
                throw failure.getCause() instanceof Problem broken
                    ? broken
                    : new Problem(
                        503,
                        "the checkpoint cannot be kept: %s; send it again"
                            .formatted(failure.getCause()));
              });
    }
  }

  private CompletionStage<Path> upload(HttpRequest request, Path file) {
    var upload =
        request.entity().withoutSizeLimit().getDataBytes().runWith(Upload.to(file), system);
    return upload
        .done()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                delete(file);
              }
            })
        .thenApply(done -> file);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /** POST /v1/updates: proposes one, and answers when it is committed. */
  CompletionStage<HttpResponse> propose(
      HttpRequest request, ActorRef<StateCopyProtocol.Command> state) {
    var id = requestId(request);
    return ApiBody.bytes(request, MAX_UPDATE, system)
        .thenCompose(
            update ->
                this.<Reply>ask(
                    state,
                    replyTo -> new StateCopyProtocol.Propose(id, Bytes.wrap(update), replyTo),
                    id.isPresent() ? UNDECIDED : UNDECIDED_WITHOUT_NAME))
        .thenApply(
            reply ->
                done(
                    reply,
                    "{\"sequence\":%d,\"duplicate\":%b}",
                    "; what was under way may or may not be committed"));
  }

  /** GET /v1/barrier: whether the copy may answer as primary, and from which update on. */
  CompletionStage<HttpResponse> barrier(
      HttpRequest request, ActorRef<StateCopyProtocol.Command> state) {
    request.discardEntityBytes(system);
    return this.<Reply>ask(
            state,
            StateCopyProtocol.PassBarrier::new,
            "it is not known whether this copy may serve; ask again")
        .thenApply(reply -> done(reply, "{\"sequence\":%d}", ""));
  }

  private static HttpResponse done(Reply reply, String json, String unsure) {
    return switch (reply) {
      case Reply.Done(var at, var bytes, var duplicate, var kept) ->
          HttpResponse.create()
              .withEntity(
                  ContentTypes.APPLICATION_JSON, json.formatted(at.sequence(), duplicate) + "\n");
      case Reply.NotPrimary(var reason) -> throw new Problem(409, reason + unsure);
      case Reply.Refused(var reason) ->
          throw new Problem(422, reason + ": a client's requests have rising numbers");
      case Reply.Overloaded(var reason) -> throw new Problem(429, reason + ": ask again later");
    };
  }

  /** GET /v1/updates?after=N: all that are committed, each once and in order. */
  CompletionStage<HttpResponse> follow(
      HttpRequest request, ActorRef<StateCopyProtocol.Command> state) {
    request.discardEntityBytes(system);
    var lines = new UpdateLines();
    var after =
        sequence(request, "after", "the last update that is in the copy's state, 0 if none");
    state.tell(new StateCopyProtocol.Subscribe(after, lines));
    return lines
        .begun()
        .toCompletableFuture()
        .copy()
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (refusal, late) -> {
              if (late != null) {
                throw new Problem(503, BUSY);
              }
              refusal.ifPresent(
                  reason -> {
                    throw new Problem(410, reason);
                  });
              return StatusLines.lines(lines.source(() -> unsubscribe(state, lines)));
            });
  }

  private static void unsubscribe(ActorRef<StateCopyProtocol.Command> state, UpdateLines lines) {
    state.tell(new StateCopyProtocol.Unsubscribe(lines));
  }

  private <T> CompletionStage<T> ask(
      ActorRef<StateCopyProtocol.Command> state,
      Function<ActorRef<T>, StateCopyProtocol.Command> question,
      String late) {
    return AskPattern.ask(state, question, patience, system.scheduler())
        .exceptionally(
            failure -> {
              var cause = failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof TimeoutException) {
                throw new Problem(
                    503, "no answer within %d ms: %s".formatted(patience.toMillis(), late));
              }
              throw new CompletionException(cause);
            });
  }

  private static long sequence(HttpRequest request, String name, String meaning) {
    var given = request.getUri().query().get(name);
    return given
        .flatMap(StateApi::number)
        .orElseThrow(
            () ->
                new Problem(
                    400,
                    "%s is %s: add ?%s= and %s, a whole number from 0 to %d"
                        .formatted(name, given.orElse("missing"), name, meaning, Long.MAX_VALUE)));
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text)).filter(number -> number >= 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<RequestId> requestId(HttpRequest request) {
    var client = header(request, "Understudy-Client");
    var number = header(request, "Understudy-Request");
    if (client.isEmpty() && number.isEmpty()) {
      return Optional.empty();
    }
    if (client.isEmpty() || client.get().isEmpty() || client.get().length() > MAX_CLIENT) {
      throw new Problem(
          400,
          "Understudy-Client is %s: name the client with 1 to %d characters"
              .formatted(
                  client.isEmpty()
                      ? "missing"
                      : client.get().isEmpty()
                          ? "empty"
                          : "%d characters long".formatted(client.get().length()),
                  MAX_CLIENT));
    }
    return Optional.of(
        new RequestId(
            client.get(),
            number
                .flatMap(StateApi::number)
                .filter(least -> least > 0)
                .orElseThrow(
                    () ->
                        new Problem(
                            400,
                            "Understudy-Request is %s: send a number that rises, from 1 to %d"
                                .formatted(number.orElse("missing"), Long.MAX_VALUE)))));
  }

  private static Optional<String> header(HttpRequest request, String name) {
    return request.getHeader(name).map(header -> header.value().strip());
  }
}
